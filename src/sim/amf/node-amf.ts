import type { GroupsConfig } from '../../config/model/groups-config.js'
import type { AmfWatch } from '../checkers/amf.js'

/** What AMF of a run needs of it. */
export interface NodeAmf {
  readonly watch: AmfWatch
  /** What this node's groups.conf says when its executive starts. */
  configOf(node: string): GroupsConfig
  /** When this process of that node was started; null: there is none. */
  processStart(node: string, pid: number): number | null
}
