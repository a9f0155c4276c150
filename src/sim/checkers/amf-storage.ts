import type { HeldCsi, WatchedComponent } from '../amf/amf-watcher.js'

interface Activation {
  readonly epoch: bigint
  readonly unit: string
  /** When the executive first told a component of it. */
  readonly sentMs: number
}

interface Storage {
  /** Highest epoch it has seen. */
  epoch: bigint
  /** The newest activation a write of which it has taken. */
  accepted: Activation | null
}

/**
 * What actives write to: a storage a service instance that takes only writes of epochs that do not sink. With
 * that an old active does no harm, however long it slept.
 */
export class FencedStorage {
  private readonly activations = new Map<string, Activation[]>()
  private readonly storages = new Map<string, Storage>()

  constructor(
    /** Of actives anywhere; else only of those of one partition. */
    private readonly isExclusive: boolean,
    private readonly unitOf: (component: string) => string,
    private readonly violate: (promise: string, message: string) => void,
    private readonly note: (what: string) => void,
  ) {}

  /** A component became active. */
  onActive(component: WatchedComponent, { instance, epoch, sent }: HeldCsi): void {
    const unit = this.unitOf(component.name)
    const known = this.activations.get(instance) ?? []
    this.activations.set(instance, known)
    const same = known.find((activation) => activation.epoch === epoch)
    if (same !== undefined) {
      if (same.unit !== unit)
        this.violate('amf: epochs', `${unit} and ${same.unit} are ${epoch} for ${instance}`)
      return
    }
    if (this.isExclusive) {
      const later = known.find((activation) => activation.epoch > epoch && activation.sentMs < sent.atMs)
      if (later !== undefined) {
        this.violate('amf: epochs', `${component.who} is ${epoch} for ${instance}, after ${later.epoch}`)
      }
    }
    known.push({ epoch, unit, sentMs: sent.atMs })
  }

  onWrite(component: WatchedComponent, { instance, epoch }: HeldCsi): void {
    const storage = this.storages.get(instance) ?? { epoch: 0n, accepted: null }
    this.storages.set(instance, storage)
    if (epoch < storage.epoch) return this.note('writeRefused')
    this.note('writeAccepted')
    storage.epoch = epoch
    const activation = this.activations.get(instance)?.find((known) => known.epoch === epoch)
    const { accepted } = storage
    if (activation === undefined) return
    if (this.isExclusive && accepted !== null && activation.sentMs < accepted.sentMs) {
      const what = `${component.who} wrote as ${epoch} after ${accepted.epoch}, which is newer`
      this.violate('amf: fenced storage', what)
    }
    if (accepted === null || accepted.sentMs < activation.sentMs) storage.accepted = activation
  }
}
