// A component of {{name}}: counts in a checkpoint while it is active, and carries on where another stopped.
import {
  AisError,
  Amf,
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  Ckpt,
  type Checkpoint,
  type CsiRemove,
  type CsiSet,
} from 'ais'

/** Of groups.conf: this process is that component. */
const component = process.argv[2] ?? process.env.AIS_COMPONENT_NAME
const everyMs = Number(process.env.COUNT_EVERY_MS ?? 1000)
const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags
const attributes = {
  creationFlags: CheckpointCreationFlags.WR_ALL_REPLICAS, // a write is done when every node has it
  checkpointSize: 100,
  retentionDurationMs: Infinity,
  maxSections: 1, // the default section, whose id is ''
  maxSectionSize: 100,
  maxSectionIdSize: 0,
}

class Counter {
  /** What this component is active for, and with which fencing token; null: it is not. */
  private active: { readonly csi: string; readonly epoch: bigint } | null = null
  private timer: NodeJS.Timeout | undefined
  /** The step that is under way. */
  private step: Promise<void> = Promise.resolve()

  constructor(
    private readonly amf: Amf,
    private readonly name: string,
    private readonly checkpoint: Checkpoint,
  ) {}

  async onCsiSet({ invocation, haState, csiDescriptor }: CsiSet): Promise<void> {
    const { csiName: csi, epoch } = csiDescriptor
    if (haState === 'active') this.start(csi, epoch)
    else await this.stop()
    console.log(`${haState} for ${csi}${haState === 'active' ? `, fencing token ${epoch}` : ''}`)
    // Only now another one may become active: nothing of this one is under way any more.
    await this.amf.response(invocation)
    if (haState === 'quiescing') await this.amf.csiQuiescingComplete(invocation)
  }

  async onCsiRemove({ invocation, csiName }: CsiRemove): Promise<void> {
    await this.stop()
    console.log(`nothing to do with ${csiName} any more`)
    await this.amf.response(invocation)
  }

  private start(csi: string, epoch: bigint): void {
    this.active = { csi, epoch }
    clearInterval(this.timer)
    const begin = (): void => void (this.step = this.step.then(() => this.count()))
    this.timer = setInterval(begin, everyMs)
    begin()
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.active = null
    clearInterval(this.timer)
    await this.step
  }

  private async count(): Promise<void> {
    try {
      const [found] = await this.checkpoint.checkpointRead([{ sectionId: '' }])
      const [token, count] = /^(\d+) (\d+)$/.exec(found?.toString() ?? '')?.slice(1) ?? ['0', '0']
      // The last question before the deed, for time has passed: is this still the active one, by its lease?
      // A process that slept in between is not. Storage outside of the cluster should be given the token with
      // each write, and refuse one that is smaller than the largest it has seen.
      const { active } = this
      if (active === null || this.amf.epochOf(this.name, active.csi) !== active.epoch) return
      if (BigInt(token!) > active.epoch) return console.log('a later one has counted: this one is over')
      const next = Number(count) + 1
      await this.checkpoint.sectionOverwrite('', Buffer.from(`${active.epoch} ${next}`))
      console.log(`count ${next}`)
    } catch (error) {
      // The cluster is forming anew, or the executive is gone: the next step may do.
      report(error)
    }
  }
}

async function run(name: string): Promise<void> {
  // The executive of this node: of $AIS_SOCKET, else where it listens by default.
  const ckpt = await Ckpt.initialize()
  const flags = CHECKPOINT_READ | CHECKPOINT_WRITE | CHECKPOINT_CREATE
  const checkpoint = await untilReady(() => ckpt.checkpointOpen('{{name}}', attributes, flags))

  const amf = await Amf.initialize()
  const counter = new Counter(amf, name, checkpoint)
  amf.on('csiSet', (csiSet) => void counter.onCsiSet(csiSet).catch(report))
  amf.on('csiRemove', (csiRemove) => void counter.onCsiRemove(csiRemove).catch(report))
  amf.on('lapsed', ({ text }) => console.error(`stopped: ${text}`))
  amf.on('lost', ({ message }) => console.error(message))
  amf.on('restored', () => console.error('the executive is back'))

  const end = async (): Promise<void> => {
    await counter.stop()
    await amf.componentUnregister(name).catch(() => undefined)
    await Promise.all([amf.finalize(), ckpt.finalize()])
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end())
  amf.on('componentTerminate', ({ invocation }) => void amf.response(invocation).then(end))

  await untilReady(() => amf.componentRegister(name))
  console.log(`${name} is registered`)
}

/** What the executive says is known to happen; anything else is a mistake of this program. */
function report(error: unknown): void {
  if (!(error instanceof AisError)) throw error
  console.error(error.message)
}

/** An executive that has just started says ERR_TRY_AGAIN until it has met the others. */
async function untilReady<T>(attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof AisError) || error.code !== 'ERR_TRY_AGAIN') throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

if (component === undefined) {
  console.error('which component is this? npm start -- {{name}}-1')
  process.exit(2)
}
run(component).catch((error: unknown) => {
  process.exitCode = 1
  report(error)
  process.exit()
})
