import type { AmfExplanation } from '../../api/index.js'
import { entityKinds } from '../../base/index.js'
import { AmfCommand, entityArgument, kindFlag } from '../../cli/amf-command.js'
import { explanationText } from '../../programs/index.js'

export default class AmfExplain extends AmfCommand<typeof AmfExplain> {
  static override readonly summary = 'Say why something is in the state it is in.'
  static override readonly description =
    'The states of a node, group, unit, component, service-instance or csi, and the decisions that led to ' +
    'them: each with when, on whose word, the event and the rule, also those about what it stands on. ' +
    'Every node tells the same. With --json one line: {"entity":{"kind","name"},"states":{…},' +
    '"decisions":[{"sequence","atMs","node","kind","name","what","text"}]}, the newest last.'

  static override readonly examples = [
    '<%= config.bin %> <%= command.id %> raidA',
    '<%= config.bin %> <%= command.id %> raid --kind service-instance',
    "<%= config.bin %> <%= command.id %> comp_a_in_su_x --json | jq -r '.decisions[].text'",
  ]

  static override readonly args = entityArgument
  static override readonly flags = { kind: kindFlag() }

  async run(): Promise<AmfExplanation> {
    const { kind } = this.flags
    return this.withAmf(async (session) => {
      const kinds = kind === undefined ? entityKinds : [kind]
      const { entity } = await this.find(session, this.args.entity, kinds)
      const explanation = await session.call(() => session.amf.explain(entity.name, entity.kind))
      this.log(explanationText(explanation))
      return explanation
    })
  }
}
