import type { GroupsConfig } from '../../config/model/groups-config.js'
import type { ComponentState, Operation } from './state.js'

/** SaAmfCSIFlagsT: a CSI more; one that it has. */
const CSI_ADD_ONE = 1
const CSI_TARGET_ONE = 2

/** What a component is told of an operation. */
export function operationEvent(
  invocation: number,
  operation: Operation,
  { csis }: ComponentState,
  config: GroupsConfig | null,
): unknown {
  const { kind: type } = operation
  switch (operation.kind) {
    case 'readiness':
      return { type, invocation, readiness: operation.readiness }
    case 'terminate':
      return { type, invocation }
    case 'csi-remove':
      return { type, invocation, si: operation.instance, csi: operation.csi, flags: CSI_TARGET_ONE }
    case 'csi-set': {
      const { instance, csi, haState, epoch, transition, activeComponent, activeNode } = operation
      const flags = csis.has(csi) ? CSI_TARGET_ONE : CSI_ADD_ONE
      const attributes = attributesOf(config, instance, csi)
      const { standbyRank } = operation
      const peer = { activeComponent, activeNode, standbyRank }
      return { type, invocation, si: instance, csi, haState, flags, epoch, transition, ...peer, attributes }
    }
  }
}

function attributesOf(config: GroupsConfig | null, instance: string, csi: string): unknown[] {
  const instances = config?.groups.flatMap(({ serviceInstances }) => serviceInstances) ?? []
  const found = instances.find(({ name }) => name === instance)?.csis.find(({ name }) => name === csi)
  return (found?.attributes ?? []).map(({ name, values }) => [name, values])
}
