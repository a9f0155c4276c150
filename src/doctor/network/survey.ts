import { listInterfaces, type InterfaceChoice, type LoadedNetworkConfig } from '../../config/index.js'
import { isMemberHeard, listenTimeMs, listenToGroup, type Heard } from './other-cluster.js'
import { placeOf, type Place } from './place.js'
import { Prober } from './prober.js'
import { reachPeer, type PeerReach } from './reach.js'
import { measureSizes, type PeerSizes } from './sizes.js'
import type { ReadText } from './system.js'
import { measureTiming, type PeerTiming } from './timing.js'

/** What the checks of the network need of the doctor. */
export interface NetworkContext {
  readonly network: LoadedNetworkConfig
  readonly choice: InterfaceChoice | null
  /** Addresses of machines where `ais doctor --listen` runs. */
  readonly peers: readonly string[]
  readonly readText: ReadText
}

/** A step is done once, when the first check asks for it. */
function once<T>(step: () => Promise<T>): () => Promise<T> {
  let done: Promise<T> | undefined
  return () => (done ??= step())
}

/** What is measured of the network, for all checks that want it. */
export class Survey {
  /** Listened to the group for a while. */
  readonly heard: () => Promise<Heard>
  /** Each peer asked, in the order of the peers. */
  readonly reaches: () => Promise<readonly PeerReach[]>
  /** Of each peer, null where it does not answer. */
  readonly sizes: () => Promise<readonly (PeerSizes | null)[]>
  readonly timings: () => Promise<readonly (PeerTiming | null)[]>

  constructor(
    readonly place: Place,
    readonly peers: readonly string[],
    readonly readText: ReadText,
  ) {
    this.heard = once(() => listenToGroup(place, listenTimeMs(place)))
    this.reaches = once(() => this.#forPeers((prober, peer) => reachPeer(place, peer, prober)))
    this.sizes = once(() => this.#forReached((prober, reach) => measureSizes(place, reach, prober)))
    this.timings = once(() => this.#forReached((prober, reach) => measureTiming(place, reach, prober)))
  }

  async isMemberHeard(address: string): Promise<boolean> {
    return isMemberHeard(this.place, await this.heard(), address)
  }

  /** One after the other: they are not to disturb what is measured of each other. */
  async #forPeers<T>(measure: (prober: Prober, peer: string, index: number) => Promise<T>): Promise<T[]> {
    if (this.peers.length === 0) return []
    const prober = new Prober(this.place)
    try {
      const all: T[] = []
      for (const [index, peer] of this.peers.entries()) all.push(await measure(prober, peer, index))
      return all
    } finally {
      await prober.close()
    }
  }

  async #forReached<T>(measure: (prober: Prober, reach: PeerReach) => Promise<T>): Promise<(T | null)[]> {
    const reaches = await this.reaches()
    return this.#forPeers(async (prober, _peer, index) => {
      const reach = reaches[index]!
      return reach.viaPort === null ? null : measure(prober, reach)
    })
  }
}

const surveys = new WeakMap<object, Survey>()

/** @returns null where no interface is chosen: there is nothing to ask the network with */
export function surveyOf(context: NetworkContext): Survey | null {
  const { network, choice } = context
  if (!network.ok || choice === null) return null
  let survey = surveys.get(context)
  if (survey === undefined) {
    survey = new Survey(placeOf(network.config, choice, listInterfaces()), context.peers, context.readText)
    surveys.set(context, survey)
  }
  return survey
}
