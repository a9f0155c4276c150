import { limits } from '../base/index.js'
import { ViewLayer, type ViewLayerPort } from '../group/index.js'
import {
  AmfService,
  CkptService,
  ClmService,
  ConfService,
  CpgService,
  type FileDigests,
  type ServiceFront,
} from '../services/index.js'
import { amfPort } from './amf-port.js'
import { ckptPort } from './ckpt-port.js'
import { confPort } from './conf-port.js'
import type { ConflictFiles } from './conflict-files.js'
import type { Logger } from './logger.js'
import type { Node } from './node.js'
import { quorumSettingsOf, type Settings } from './settings.js'

/** What the services of one executive stand on. */
export interface ServiceGround {
  readonly settings: Settings
  /** First ring sequence number reserved by this start. */
  readonly incarnation: number
  readonly node: Node
  readonly conflicts: ConflictFiles
  readonly logger: Logger
  /** Of this executive. */
  readonly version: string
  /** Of the files it was started from. */
  readonly startDigests: FileDigests
}

/** Views, and the services on them. */
export interface Services {
  readonly layer: ViewLayer
  /** What applications can call. */
  readonly fronts: readonly ServiceFront[]
  /**
   * This node is to leave: no lease is renewed, and no component is registered any more.
   * @returns the clients whose components hold something until their connection ends
   */
  stop(): readonly number[]
}

/** Compose CLM, AMF and CKPT over the views of this node's ring. */
export function composeServices(ground: ServiceGround): Services {
  const { settings, incarnation, node, conflicts, logger } = ground
  const { nodeId, nodeName, config, groups, leaseMs } = settings
  const clm = new ClmService({ nodeId, clusterName: config.clusterName })
  const { port, stop } = amfPort(
    {
      nodeId,
      incarnation,
      nodeName,
      leaseMs,
      config: groups,
      node,
      quorum: () => layer.view?.quorum ?? null,
      send: (payload) => layer.send(amf, payload, 'agreed'),
      log: (level, message) => logger.log(level, 'amf', message),
    },
    () => amf,
  )
  const amf: AmfService = new AmfService(port)
  const ckpt: CkptService = new CkptService(
    ckptPort(
      {
        nodeId,
        incarnation,
        node,
        conflicts,
        send: (payload) => layer.send(ckpt, payload, 'agreed'),
        log: (level, message) => logger.log(level, 'ckpt', message),
      },
      () => ckpt,
    ),
  )
  const conf = composeConf(ground, () => layer)
  const cpg = composeCpg(ground, () => layer)
  const layer: ViewLayer = new ViewLayer(
    {
      nodeId,
      incarnation,
      bootTimestamp: BigInt(Math.round(performance.timeOrigin * 1000)) * 1000n,
      quorum: quorumSettingsOf(settings),
      catchUpSliceMessages: limits.catchUpSliceMessages,
    },
    layerPort(ground, () => layer),
    [clm],
    [amf, ckpt],
    [conf, cpg],
  )
  node.onFrames = () => {
    if (ckpt.isHolding) ckpt.onCurrent()
  }
  return {
    layer,
    fronts: [clm, amf, ckpt, conf, cpg],
    stop: () => {
      stop()
      return amf.stop()
    },
  }
}

function layerPort({ node, logger }: ServiceGround, layer: () => ViewLayer): ViewLayerPort {
  return {
    multicast: (payload, guarantee) => node.ring.multicast(payload, guarantee),
    later: () => setImmediate(() => layer().onLater()),
    apartMs: (believesRefusals) => node.ring.apartMs(performance.now(), believesRefusals),
    runningMs: () => performance.now(),
    log: (level, message) => logger.log(level, 'group', message),
  }
}

function composeConf(ground: ServiceGround, layer: () => ViewLayer): ConfService {
  const { settings, incarnation, version, startDigests } = ground
  const send = (payload: Uint8Array): boolean => layer().send(conf, payload, 'agreed')
  const conf: ConfService = new ConfService(confPort({ settings, incarnation, version, startDigests, send }))
  return conf
}

function composeCpg({ settings, logger }: ServiceGround, layer: () => ViewLayer): CpgService {
  const cpg: CpgService = new CpgService({
    nodeId: settings.nodeId,
    send: (payload, guarantee) => layer().send(cpg, payload, guarantee),
    after: (delayMs, run) => {
      const timeout = setTimeout(run, delayMs)
      return () => clearTimeout(timeout)
    },
    log: (level, message) => logger.log(level, 'cpg', message),
  })
  return cpg
}
