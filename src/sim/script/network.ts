import { FrameKind } from '../../totem/wire/header.js'
import { type Host, VirtualNetwork } from '../network.js'

const KIND_AT = 8

/** Which frames a script takes off the network. Addresses; `left` more of them. */
interface DropRule {
  readonly kind: FrameKind
  readonly from: string
  readonly to: string
  left: number
}

/** A virtual network on which a script can take single frames off the wire and wait for frames. */
export class ScriptNetwork extends VirtualNetwork {
  /** Whom a frame is not to reach; what is on the wire stays there when the rules change. */
  private readonly withheld = new WeakMap<Uint8Array, ReadonlySet<string>>()
  private readonly sent = new Map<string, number>()
  private rules: DropRule[] = []

  override add(host: Host): void {
    super.add({
      get address() {
        return host.address
      },
      listening: () => host.listening(),
      receive: (frame) => {
        if (!this.withheld.get(frame)?.has(host.address)) host.receive(frame)
      },
      refused: (address) => host.refused(address),
    })
  }

  override multicast(from: string, frame: Uint8Array): void {
    super.multicast(
      from,
      this.mark(from, frame, () => true),
    )
  }

  override unicast(from: string, to: string, frame: Uint8Array): void {
    super.unicast(
      from,
      to,
      this.mark(from, frame, (address) => address === to),
    )
  }

  /** Frames of this kind that a host has sent so far. */
  sentBy(from: string, kind: FrameKind): number {
    return this.sent.get(`${from} ${kind}`) ?? 0
  }

  drop(kind: FrameKind, from: string, to: string, frames: number): void {
    this.rules.push({ kind, from, to, left: frames })
  }

  dropNothing(): void {
    this.rules = []
  }

  /** @returns a copy, for hosts share the octets of a frame: sent again it is another one */
  private mark(from: string, frame: Uint8Array, addressed: (address: string) => boolean): Uint8Array {
    const kind = frame[KIND_AT]
    const key = `${from} ${kind}`
    this.sent.set(key, (this.sent.get(key) ?? 0) + 1)
    const matching = this.rules.filter((rule) => {
      return rule.left > 0 && rule.kind === kind && rule.from === from && addressed(rule.to)
    })
    const withheld = new Set<string>()
    for (const rule of matching) {
      if (withheld.has(rule.to)) continue
      withheld.add(rule.to)
      rule.left--
    }
    const copy = frame.slice()
    this.withheld.set(copy, withheld)
    return copy
  }
}
