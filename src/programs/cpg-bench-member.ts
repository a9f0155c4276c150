import { Cpg, type CpgAddress, type CpgGroup } from '../api/index.js'
import { BENCH_HEADER_OCTETS, type CpgBenchReport, type CpgBenchTask } from './cpg-bench-rows.js'
import { Latencies } from './latencies.js'

const DATA = 0
const END = 1
/** Messages handed over in one turn: in between the deliveries have theirs. */
const ROUND_MESSAGES = 4096
const WARM_UP_SAMPLES = 20

/** Where a member's messages come from, and the number its next one must have. */
interface Origin {
  readonly nodeId: number
  readonly pid: number
  next: number
}

/** What has come of the present row. */
interface Arrivals {
  /** By member. */
  readonly origins: Map<number, Origin>
  delivered: number
  own: number
  ends: number
  gaps: number
  damaged: number
  order: number
  firstMs: number
  lastMs: number
}

function noArrivals(): Arrivals {
  const counts = { delivered: 0, own: 0, ends: 0, gaps: 0, damaged: 0 }
  return { origins: new Map(), ...counts, order: 0x811c9dc5, firstMs: 0, lastMs: 0 }
}

/** One member of the group of a benchmark: it sends, and checks what it gets. */
export class CpgBenchMember {
  private group!: CpgGroup
  private arrivals = noArrivals()
  private row = -1
  private pattern = Buffer.alloc(0)
  private message = Buffer.alloc(0)
  private members = 0
  private onProgress: () => void = () => undefined

  private constructor(
    private readonly cpg: Cpg,
    /** Which one of the benchmark's members this is. */
    private readonly index: number,
  ) {}

  /** @throws AisError as Cpg.initialize and join */
  static async begin(socket: string, group: string, index: number): Promise<CpgBenchMember> {
    const member = new CpgBenchMember(await Cpg.initialize({ socket }), index)
    member.group = await member.cpg.join(group, {
      deliver: (payload, from) => member.onDeliver(payload, from),
      membership: ({ members }) => {
        member.members = members.length
        member.onProgress()
      },
      lost: (error) => {
        throw error
      },
    })
    return member
  }

  get executivePid(): number {
    return this.cpg.executivePid
  }

  /** Until so many are in the group. */
  awaitMembers(count: number): Promise<void> {
    return this.until(() => this.members >= count)
  }

  /** Get ready for a row: from here on its messages are expected. */
  prepare({ row, size }: CpgBenchTask): void {
    this.row = row
    this.arrivals = noArrivals()
    const octets = Math.max(size, BENCH_HEADER_OCTETS)
    this.pattern = Buffer.from(Array.from({ length: octets }, (_, at) => (at * 31 + 7) & 0xff))
    this.message = Buffer.from(this.pattern)
  }

  /**
   * Take part in it, until the messages of all who send have come.
   * @param isSending whether this member sends
   * @param senders how many do
   */
  async run(task: CpgBenchTask, isSending: boolean, senders: number): Promise<CpgBenchReport> {
    const cpuBefore = process.cpuUsage()
    const latencies = new Latencies()
    let sent = 0
    if (isSending) {
      sent = task.mode === 'latency' ? await this.measure(task, latencies) : await this.flood(task)
      void this.multicast(END, 0, BENCH_HEADER_OCTETS, task)
    }
    await this.until(() => this.arrivals.ends >= senders)
    const { user, system } = process.cpuUsage(cpuBefore)
    const { delivered, gaps, damaged, order, firstMs, lastMs, origins } = this.arrivals
    const isLatency = isSending && task.mode === 'latency'
    const at = (share: number): number => latencies.percentileUs(share)
    return {
      nodeId: this.cpg.localNodeId,
      sent,
      delivered,
      elapsedMs: lastMs - firstMs,
      gaps,
      damaged,
      order,
      cpuSeconds: (user + system) / 1e6,
      bySender: [...origins].map(([index, { next }]) => [index, next] as const),
      percentilesUs: isLatency ? [at(0.5), at(0.9), at(0.99)] : null,
    }
  }

  async end(): Promise<void> {
    await this.cpg.finalize()
  }

  /** As many as flow control lets it. @returns how many, once they have all come back */
  private async flood(task: CpgBenchTask): Promise<number> {
    const { group } = this
    const endMs = performance.now() + task.durationMs
    let count = 0
    while (performance.now() < endMs) {
      for (let i = 0; i < ROUND_MESSAGES && !group.isFull; i++) {
        void this.multicast(DATA, count++, task.size, task)
      }
      await group.drain()
      await new Promise((resolve) => setImmediate(resolve))
    }
    await this.until(() => this.arrivals.own === count)
    return count
  }

  /** One at a time, until its own delivery. @returns how many */
  private async measure(task: CpgBenchTask, latencies: Latencies): Promise<number> {
    const endMs = performance.now() + task.durationMs
    let count = 0
    while (performance.now() < endMs) {
      const sentMs = performance.now()
      void this.multicast(DATA, count++, task.size, task)
      await this.until(() => this.arrivals.own === count)
      if (count > WARM_UP_SAMPLES) latencies.add(performance.now() - sentMs)
    }
    return count
  }

  private multicast(kind: number, number: number, octets: number, task: CpgBenchTask): Promise<void> {
    const { message } = this
    message.writeUInt32LE(this.index, 0)
    message.writeUInt32LE(task.row, 4)
    message.writeUInt32LE(kind, 8)
    message.writeUInt32LE(number, 12)
    const length = Math.max(octets, BENCH_HEADER_OCTETS)
    return this.group.multicast(message.subarray(0, length), task.guarantee)
  }

  private onDeliver(payload: Uint8Array, from: CpgAddress): void {
    const octets = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength)
    const { arrivals } = this
    if (octets.length < BENCH_HEADER_OCTETS || octets.readUInt32LE(4) !== this.row) arrivals.damaged++
    else if (octets.readUInt32LE(8) === END) arrivals.ends++
    else this.take(octets, from)
    this.onProgress()
  }

  private take(octets: Buffer, { nodeId, pid }: CpgAddress): void {
    const { arrivals, pattern } = this
    const sender = octets.readUInt32LE(0)
    const number = octets.readUInt32LE(12)
    let origin = arrivals.origins.get(sender)
    if (origin === undefined) arrivals.origins.set(sender, (origin = { nodeId, pid, next: 0 }))
    if (number !== origin.next) arrivals.gaps++
    origin.next = number + 1
    const isWhole =
      octets.length === pattern.length &&
      pattern.compare(octets, BENCH_HEADER_OCTETS, octets.length, BENCH_HEADER_OCTETS) === 0
    if (!isWhole || origin.nodeId !== nodeId || origin.pid !== pid) arrivals.damaged++
    arrivals.order = Math.imul(arrivals.order ^ Math.imul(sender + 1, 0x9e3779b1) ^ number, 0x01000193)
    arrivals.lastMs = performance.now()
    if (arrivals.delivered++ === 0) arrivals.firstMs = arrivals.lastMs
    if (sender === this.index) arrivals.own++
  }

  private until(check: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.onProgress = () => {
        if (!check()) return
        this.onProgress = () => undefined
        resolve()
      }
      this.onProgress()
    })
  }
}
