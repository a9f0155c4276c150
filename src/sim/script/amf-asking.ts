import { entityKinds, TrackFlags } from '../../base/index.js'
import type { Client } from '../../services/index.js'
import { oneOf } from './quantities.js'
import type { ScriptWorld } from './world.js'

type Words = readonly string[]
type Command = (words: Words) => string[] | void

const PATIENCE_MS = 5000

const tracked: Readonly<Record<string, number>> = {
  current: TrackFlags.TRACK_CURRENT,
  changes: TrackFlags.TRACK_CHANGES,
  'changes-only': TrackFlags.TRACK_CHANGES_ONLY,
}

interface Member {
  readonly component: string
  readonly haState: string | null
  readonly readiness: string
  readonly rank: number
  readonly change: string
}

/** What scripts ask the executive as any application may, and what components ask it themselves. */
export class AmfAsking {
  private readonly heard: string[] = []

  constructor(private readonly world: ScriptWorld) {}

  commands(): [string, Command][] {
    return [
      ['call', (words) => this.call(words)],
      ['explain', (words) => this.explain(words)],
      ['track', (words) => this.track(words)],
      ['show-tracked', () => this.heard.splice(0)],
    ]
  }

  /** `call x.0 healthcheckStart key=own invocation=component periodMs=100`: the component asks for it. */
  private call([name = '', method = '', ...settings]: Words): string[] {
    const process = this.world.amf.process(name)
    let shown: string | null = null
    process.call(method, { component: name, ...paramsOf(settings) }, (answer) => {
      const isPlain = answer.code === null && (answer.result === null || typeof answer.result === 'object')
      const result = answer.code === null ? String(answer.result) : ''
      shown = answer.code === null ? (isPlain ? 'done' : result) : `${answer.code}: ${answer.text}`
    })
    this.world.runUntil(PATIENCE_MS, () => shown !== null)
    return [`${name} ${method}: ${shown ?? 'no answer'}`]
  }

  /** `explain 1 unit x`: the decisions that it came of. */
  private explain([node = '', kind, name = '']: Words): string[] {
    const params = {
      name: kind === 'node' ? this.world.node(name).name : name,
      kind: oneOf(kind, entityKinds),
    }
    const answer = this.ask(node, 'explain', params)
    if (typeof answer === 'string') return [answer]
    const { decisions } = answer as {
      decisions: { kind: string; name: string; what: string; text: string }[]
    }
    return decisions.map((one) => {
      const text = one.text.replace(/\b[0-9a-f]{32}\b/g, '…').replace(/view \d+/g, 'view …')
      return `${one.kind} ${one.name} ${one.what}: ${text}`
    })
  }

  /** `track 1 i.c current changes`: who protects this CSI; changes are shown by show-tracked. */
  private track([node = '', csi = '', ...how]: Words): string[] {
    const flags = how.reduce((sum, word) => sum + tracked[oneOf(word, Object.keys(tracked))]!, 0)
    const answer = this.ask(node, 'protectionGroupTrack', { csi, flags, subscription: 1 })
    if (typeof answer === 'string') return [answer]
    return answer === null ? [] : [`${csi}: ${membersText(answer as Member[])}`]
  }

  private ask(node: string, method: string, params: object): unknown {
    let answered: { readonly with: unknown } | null = null
    const client: Client = {
      id: 0,
      event: (_subscription, body) => {
        const { csi, members, numberOfMembers } = body as {
          readonly csi: string
          readonly members: Member[]
          readonly numberOfMembers: number
        }
        this.heard.push(`${csi} of ${numberOfMembers}: ${membersText(members)}`)
      },
      hold: () => true,
      release: () => undefined,
      waitingOctets: 0,
      takenOctets: 0,
      whenTaken: () => undefined,
      cut: () => undefined,
    }
    this.world.node(node).request(({ amf: { service } }) => {
      service.onRequest({
        client,
        method,
        params,
        answer: (result) => (answered = { with: result }),
        fail: (code, text) => (answered = { with: `${code}: ${text}` }),
      })
    })
    this.world.runUntil(PATIENCE_MS, () => answered !== null)
    return (answered as { readonly with: unknown } | null)?.with ?? null
  }
}

function membersText(members: readonly Member[]): string {
  return members
    .map(({ component, haState, readiness, rank, change }) => {
      const state = haState === null ? 'nothing' : haState === 'standby' ? `standby #${rank + 1}` : haState
      return `${component} ${state} ${readiness} (${change})`
    })
    .join(', ')
}

/** `key=word`, `key=12`, `key=null` */
function paramsOf(settings: Words): Record<string, unknown> {
  return Object.fromEntries(
    settings.map((setting) => {
      const [key = '', value = ''] = setting.split('=')
      return [key, value === 'null' ? null : /^\d+$/.test(value) ? Number(value) : value]
    }),
  )
}
