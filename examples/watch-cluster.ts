// Shows who is in the cluster, then who joins, leaves or fails, until Ctrl-C.
import { AisError, Clm, ClusterChange, TrackFlags, type ClusterNotification } from 'ais'

const words = {
  [ClusterChange.NODE_NO_CHANGE]: 'is a member',
  [ClusterChange.NODE_JOINED]: 'joined',
  [ClusterChange.NODE_LEFT]: 'is gone',
}

function show({ clusterNode, clusterChange, reason }: ClusterNotification): void {
  const { nodeName, nodeAddress } = clusterNode
  console.log(`${nodeName} (${nodeAddress}) ${words[clusterChange]}${reason ? `: ${reason}` : ''}`)
}

try {
  // The executive of this node; its socket may be named, else it is $AIS_SOCKET or the usual one.
  const clm = await Clm.initialize({ socket: process.argv[2] })
  process.once('SIGINT', () => void clm.finalize())

  clm.on('track', ({ items, members }) => {
    items.forEach(show)
    console.log(`now ${members.length}: ${members.map(({ nodeName }) => nodeName).join(', ')}`)
  })
  clm.on('lost', () => console.log('the executive is gone, waiting for it'))
  clm.on('restored', () => console.log('the executive is back'))

  const view = await clm.clusterTrack(TrackFlags.TRACK_CURRENT | TrackFlags.TRACK_CHANGES_ONLY)
  view?.items.forEach(show)
} catch (error) {
  if (!(error instanceof AisError)) throw error
  console.error(error.message)
  process.exitCode = 1
}
