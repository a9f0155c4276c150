import {
  Ckpt,
  CheckpointCreationFlags,
  CheckpointOpenFlags,
  type AisError,
  type Checkpoint,
  type CheckpointCreationAttributes,
  type Version,
} from '../../../src/api/index.js'
import { Cluster, loopbackHosts } from '../../helpers/cluster/cluster.mjs'

export const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags
export const { WR_ALL_REPLICAS, WR_ACTIVE_REPLICA, WR_ACTIVE_REPLICA_WEAK, CHECKPOINT_COLLOCATED } =
  CheckpointCreationFlags

export const ALL = CHECKPOINT_READ | CHECKPOINT_WRITE | CHECKPOINT_CREATE
export const READ_WRITE = CHECKPOINT_READ | CHECKPOINT_WRITE

export const attributes: CheckpointCreationAttributes = {
  creationFlags: WR_ALL_REPLICAS,
  checkpointSize: 40_000,
  retentionDurationMs: 60_000,
  maxSections: 4,
  maxSectionSize: 10_000,
  maxSectionIdSize: 16,
}

/** What waits until one more thing can be tried. */
const AGAIN_MS = 20
const READY_WITHIN_MS = 30_000

/** Live executives, and applications of theirs that end with each test. */
export class Live {
  readonly #opened: Ckpt[] = []
  #names = 0

  private constructor(readonly cluster: Cluster) {}

  /** Nodes 1, 2 …, with the checkpoints of all open. @param network the first three octets of addresses */
  static async start(nodes: number, network: string): Promise<Live> {
    const cluster = await Cluster.create({ hosts: loopbackHosts(nodes, network) })
    const indices = Array.from({ length: nodes }, (_, index) => index)
    await Promise.all(indices.map((index) => cluster.start(index, { nodeid: index + 1 })))
    await cluster.formed(indices)
    const live = new Live(cluster)
    for (const index of indices) await live.ready(index)
    return live
  }

  /** Until the checkpoints of this node can be asked. */
  async ready(index: number): Promise<void> {
    const ckpt = await this.initialize(index)
    await until(() => ckpt.listPage(null, 1).then(() => true, isToBeTriedAgain))
    await ckpt.finalize()
  }

  /** An application on a node, 0 is the first. */
  async initialize(index = 0, version?: Version): Promise<Ckpt> {
    const socket = this.cluster.socketPath(index)
    const ckpt = await Ckpt.initialize(version === undefined ? { socket } : { socket, version })
    this.#opened.push(ckpt)
    return ckpt
  }

  async finalized(): Promise<Ckpt> {
    const ckpt = await this.initialize()
    await ckpt.finalize()
    return ckpt
  }

  /** A name that no other test has. */
  name(): string {
    return `checkpoint ${++this.#names}`
  }

  /** A new checkpoint, open on the first node. */
  async create(
    wanted: Partial<CheckpointCreationAttributes> & { readonly name?: string; readonly flags?: number } = {},
  ): Promise<Checkpoint> {
    const { name = this.name(), flags = ALL, ...others } = wanted
    const ckpt = await this.initialize()
    return ckpt.checkpointOpen(name, { ...attributes, ...others }, flags)
  }

  /** The same checkpoint again. @param index of the node */
  async reopen({ name }: Checkpoint, flags = READ_WRITE, index = 0): Promise<Checkpoint> {
    return (await this.initialize(index)).checkpointOpen(name, null, flags)
  }

  /** One that is not open any more. */
  async closed(): Promise<Checkpoint> {
    const checkpoint = await this.create()
    await checkpoint.close()
    return checkpoint
  }

  /** After each test. */
  async finalizeAll(): Promise<void> {
    for (const ckpt of this.#opened.splice(0)) await ckpt.finalize().catch(() => undefined)
  }
}

function isToBeTriedAgain(error: unknown): false {
  if ((error as AisError).code === 'ERR_TRY_AGAIN') return false
  throw error
}

/** Polls: what is waited for is told by nobody. */
export async function until(isSo: () => Promise<boolean>, withinMs = READY_WITHIN_MS): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not so within ${withinMs} ms: ${isSo.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS))
  }
}

/** The name of what a call fails with; fails itself if the call does not. */
export async function errorOf(call: Promise<unknown>): Promise<string> {
  const outcome = await call.then(
    () => 'no error',
    (error: unknown) => (error as AisError).code,
  )
  expect(outcome).toMatch(/^ERR_/)
  return outcome
}

export function octets(text: string): Buffer {
  return Buffer.from(text)
}

/** All of a section. */
export async function contents(checkpoint: Checkpoint, sectionId: string | Uint8Array): Promise<string> {
  const [data] = await checkpoint.checkpointRead([{ sectionId }])
  return data!.toString()
}

/** Expiration time so many milliseconds from now. */
export function inMs(delayMs: number): bigint {
  return BigInt(Date.now() + delayMs) * 1_000_000n
}
