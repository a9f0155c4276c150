// Three honest members of one ring under virtual time, with a light load: what an attacker works on.
import { performance } from 'node:perf_hooks'
import { crc32 } from 'node:zlib'
import { VirtualClock } from '../../../dist/sim/clock.js'
import { limits } from '../../../dist/base/index.js'
import { TotemRing, totemDefaults } from '../../../dist/totem/index.js'
import { FrameKind } from '../../../dist/totem/wire/header.js'
import { readU32, readU64 } from '../../../dist/base/octets.js'

export const CLUSTER = 'honest'
const LATENCY_MS = 0.2
const WALL_CLOCK_MS = 1_790_000_000_000
/** Frames the attacker remembers of each kind. */
const CAPTURED_FRAMES = 64
/** Frames of all kinds and times that are kept to be sent again. */
const ARCHIVED_FRAMES = 4096
const LOAD_INTERVAL_MS = 4
/** One call of the ring that takes longer than this holds up everything else on its host. */
const STALL_MS = 1000

export const checksum = (frame, offset) => crc32(frame.subarray(offset))

/** Lines of the members' logs kept for findings. */
const LOG_LINES_KEPT = 40

/** One honest process, with its disk and timers. */
class HonestNode {
  incarnation = 0
  ring = null
  /** Configurations and deliveries in order, as one number: equal traces are equal histories. */
  trace = 0
  /** Configurations in order, and what was delivered between them in whatever order. */
  looseTrace = 0
  /** The same, with every frame sent and when. */
  exactTrace = 0
  configurations = 0
  regular = null
  deliveries = 0
  /** Messages of the present roll call, in the order of their delivery. */
  answers = []
  counters = {}
  #timers = new Map()
  #reserved = 0
  #sent = 0

  constructor(world, nodeId) {
    this.world = world
    this.nodeId = nodeId
    this.address = `10.0.0.${nodeId}`
  }

  start() {
    const { clock } = this.world
    this.#keepCounters()
    const first = this.#reserved === 0 ? WALL_CLOCK_MS + Math.floor(clock.nowMs) : this.#reserved + 1
    this.incarnation = first
    this.#reserved = first + limits.ringSequenceBlock
    this.#timers.clear()
    const { nodeId, address, incarnation } = this
    const identity = { nodeId, nodeName: `node-${nodeId}`, address, incarnation }
    const options = { ...totemDefaults, clusterName: CLUSTER, ...this.world.options, ...identity }
    const ring = new TotemRing(
      options,
      this.#port(() => this.ring === ring),
      this.#listener(),
    )
    this.ring = ring
    this.guard('start', () => ring.start(clock.nowMs, this.#reserved))
  }

  receive(frame, attack) {
    if (!this.ring) return
    this.guard(attack ?? 'an honest frame', () => this.ring.onFrame(frame, this.world.clock.nowMs), frame)
  }

  send(octets, guarantee, tag = 0) {
    const payload = new Uint8Array(Math.max(16, octets)).fill(this.nodeId)
    new DataView(payload.buffer).setUint32(4, tag)
    new DataView(payload.buffer).setUint32(8, ++this.#sent)
    return this.guard('multicast', () => this.ring.multicast(payload, guarantee))
  }

  /** Run a call into the ring; what it throws is the worst an attacker can find. The node is started anew. */
  guard(what, call, frame) {
    const beganMs = performance.now()
    try {
      return call()
    } catch (error) {
      const text = frame && frame.length <= 4000 ? Buffer.from(frame).toString('hex') : undefined
      this.world.findings.push({
        kind: 'exception',
        what,
        message: error.message,
        stack: error.stack,
        frame: text,
      })
      this.world.clock.schedule(0, () => this.start())
      return undefined
    } finally {
      const tookMs = performance.now() - beganMs
      if (tookMs > this.world.longestCallMs) this.world.longestCallMs = tookMs
      if (tookMs > STALL_MS)
        this.world.findings.push({ kind: 'stall', what, message: `${Math.round(tookMs)} ms` })
    }
  }

  allCounters() {
    const sum = { ...this.counters }
    for (const [name, value] of Object.entries(this.ring.counters)) sum[name] = (sum[name] ?? 0) + value
    return sum
  }

  #keepCounters() {
    if (this.ring) this.counters = this.allCounters()
  }

  #note(text, octets) {
    this.trace = crc32(text, this.trace)
    if (octets) this.trace = crc32(octets, this.trace)
    this.exactTrace = crc32(`${text}@${this.world.clock.nowMs}`, this.exactTrace)
  }

  #sentFrame(to, frame) {
    this.exactTrace = crc32(frame, crc32(`${to}@${this.world.clock.nowMs}`, this.exactTrace))
  }

  #listener() {
    return {
      onConfiguration: (configuration) => {
        this.configurations++
        if (configuration.kind === 'regular') this.regular = configuration
        this.looseTrace = crc32(JSON.stringify(configuration), this.looseTrace)
        this.#note(JSON.stringify(configuration))
      },
      onDeliver: (from, payload, position, guarantee) => {
        this.deliveries++
        this.looseTrace = (this.looseTrace + crc32(payload, from)) >>> 0
        this.#note(`${from} ${position} ${guarantee}`, payload)
        if (payload.length < 16) return
        const view = new DataView(payload.buffer, payload.byteOffset)
        const tag = view.getUint32(4)
        if (tag !== 0 && tag === this.world.rollCall) this.answers.push(`${from}:${view.getUint32(8)}`)
      },
      onStable: () => undefined,
      onDrain: () => undefined,
    }
  }

  #port(alive) {
    const { world } = this
    const { clock } = world
    const multicast = (frame) => {
      if (!alive()) return
      this.#sentFrame('*', frame)
      world.carry(frame, world.nodes)
    }
    return {
      multicast,
      multicastAll: (frames) => frames.forEach(multicast),
      unicast: (address, frame) => {
        if (!alive()) return
        this.#sentFrame(address, frame)
        world.carry(
          frame,
          world.nodes.filter((node) => node.address === address),
        )
      },
      setTimer: (timer, delayMs) => {
        const dueMs = clock.nowMs + delayMs
        this.#timers.set(timer, dueMs)
        clock.schedule(delayMs, () => {
          if (!alive() || this.#timers.get(timer) !== dueMs) return
          this.#timers.delete(timer)
          this.guard(`timer ${timer}`, () => this.ring.onTimer(timer, clock.nowMs))
        })
      },
      cancelTimer: (timer) => this.#timers.delete(timer),
      reserve: (sequence) => {
        clock.schedule(2, () => {
          this.#reserved = Math.max(this.#reserved, sequence)
          if (alive()) this.guard('onReserved', () => this.ring.onReserved(sequence, clock.nowMs))
        })
      },
      checksum,
      log: (level, message) => world.note(`${this.nodeId} ${level}: ${message}`),
      left: () => undefined,
    }
  }
}

/** Honest nodes on a network without faults, and everything an attacker on it gets to see. */
export class World {
  clock = new VirtualClock()
  findings = []
  longestCallMs = 0
  /** Tag of the messages that the honest members are counting at present. */
  rollCall = 0
  /** kind of frame → frames seen lately. */
  captured = new Map()
  /** node id → counter of its last frame. */
  lastCounters = new Map()
  /** Some of the frames of all times. */
  archive = []
  /** The last lines of the members' logs. */
  lines = []
  nodes
  #frames = 0
  #rollCalls = 0
  #loaded = true
  #tick = 0

  /** @param options of the ring, over its defaults */
  constructor(options = {}, nodes = 3) {
    this.options = options
    this.nodes = Array.from({ length: nodes }, (_, index) => new HonestNode(this, index + 1))
    for (const node of this.nodes) this.clock.schedule(node.nodeId, () => node.start())
    this.#onLoadTimer()
  }

  carry(frame, nodes) {
    this.#capture(frame)
    for (const node of nodes) this.clock.schedule(LATENCY_MS, () => node.receive(frame))
  }

  run(forMs) {
    this.clock.advanceTo(this.clock.nowMs + forMs)
  }

  /** Run until the honest members are one quiet ring. @returns how long it took; null: too long */
  settle(withinMs) {
    const beganMs = this.clock.nowMs
    this.#loaded = false
    // A rotation or two: what was forged shows when the token comes by.
    this.run(100)
    while (!this.isTogether()) {
      if (this.clock.nowMs - beganMs >= withinMs) return null
      this.run(5)
    }
    this.#loaded = true
    return this.clock.nowMs - beganMs
  }

  isTogether() {
    const first = this.nodes[0].regular
    return this.nodes.every(({ ring, regular }) => {
      if (ring?.state !== 'operational' || !ring.quiet || regular.members.length !== this.nodes.length)
        return false
      if (regular.ringId.sequence !== first.ringId.sequence) return false
      return regular.members.every(
        ({ nodeId, incarnation }) => this.nodes[nodeId - 1]?.incarnation === incarnation,
      )
    })
  }

  /** The attacker's own memory is not what is measured. */
  forgetCaptured() {
    this.captured.clear()
    this.archive = []
  }

  load() {
    this.#loaded = true
  }

  /** No more load, and time for what was sent to arrive. */
  drain() {
    this.#loaded = false
    this.run(300)
  }

  /** Every member sends, and all must deliver it all, once, in one order. @returns what is wrong, or null */
  callRoll(messages = 4) {
    this.rollCall = ++this.#rollCalls
    for (const node of this.nodes) node.answers = []
    for (let i = 0; i < messages; i++) {
      for (const node of this.nodes) node.send(i === 1 ? 5000 : 60, i % 2 ? 'safe' : 'agreed', this.rollCall)
      this.run(3)
    }
    this.run(200)
    this.rollCall = 0
    const [first, ...others] = this.nodes.map(({ answers }) => answers.join(' '))
    const expected = messages * this.nodes.length
    const distinct = new Set(this.nodes[0].answers).size
    if (distinct !== expected || this.nodes[0].answers.length !== expected) {
      return `${distinct} of ${expected} messages delivered (${this.nodes[0].answers.length} deliveries)`
    }
    return others.every((other) => other === first) ? null : 'members delivered in different orders'
  }

  /** Frames refused and other counters, summed over the nodes. */
  counters() {
    const sum = {}
    for (const node of this.nodes) {
      for (const [name, value] of Object.entries(node.allCounters())) sum[name] = (sum[name] ?? 0) + value
    }
    return sum
  }

  note(line) {
    this.lines.push(`${this.clock.nowMs.toFixed(1)} ${line}`)
    if (this.lines.length > LOG_LINES_KEPT) this.lines.shift()
  }

  #capture(frame) {
    const kind = frame[8]
    this.lastCounters.set(readU32(frame, 16), readU64(frame, 28))
    let frames = this.captured.get(kind)
    if (!frames) this.captured.set(kind, (frames = []))
    frames.push(frame)
    if (frames.length > CAPTURED_FRAMES) frames.shift()
    const control = kind !== FrameKind.data && kind !== FrameKind.token && kind !== FrameKind.probe
    if (!control && this.#frames++ % 5 !== 0) return
    if (this.archive.length < ARCHIVED_FRAMES) this.archive.push(frame)
    else this.archive[(this.#frames * 7919) % ARCHIVED_FRAMES] = frame
  }

  #onLoadTimer() {
    const tick = ++this.#tick
    const node = this.nodes[tick % this.nodes.length]
    const octets = tick % 41 === 0 ? 6000 : 20 + (tick % 180)
    if (this.#loaded && node.ring) node.send(octets, tick % 3 === 0 ? 'safe' : 'agreed')
    if (tick % 16 === 0) node.ring?.askPresence(this.clock.nowMs)
    this.clock.schedule(LOAD_INTERVAL_MS, () => this.#onLoadTimer())
  }
}
