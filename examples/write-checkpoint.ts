// Counts up in a checkpoint, and carries on from what it finds there, until Ctrl-C.
import { setTimeout } from 'node:timers/promises'
import { AisError, CheckpointCreationFlags, CheckpointOpenFlags, Ckpt } from 'ais'

const { CHECKPOINT_READ, CHECKPOINT_WRITE, CHECKPOINT_CREATE } = CheckpointOpenFlags
const attributes = {
  creationFlags: CheckpointCreationFlags.WR_ALL_REPLICAS,
  checkpointSize: 100,
  retentionDurationMs: 3_600_000, // an hour after the last one that had it open
  maxSections: 1, // the default section, whose id is ''
  maxSectionSize: 100,
  maxSectionIdSize: 0,
}

try {
  // The executive of this node; its socket may be named, else it is $AIS_SOCKET or the usual one.
  const ckpt = await Ckpt.initialize({ socket: process.argv[2] })
  let goesOn = true
  process.once('SIGINT', () => (goesOn = false))

  const flags = CHECKPOINT_READ | CHECKPOINT_WRITE | CHECKPOINT_CREATE
  const counter = await ckpt.checkpointOpen('counter', attributes, flags)
  const [found] = await counter.checkpointRead([{ sectionId: '' }])
  let count = Number(found?.toString())
  console.log(`carries on from ${count}`)
  while (goesOn) {
    await counter.sectionOverwrite('', Buffer.from(String(++count)))
    console.log(`every node has ${count}`)
    await setTimeout(100)
  }
  await ckpt.finalize()
} catch (error) {
  if (!(error instanceof AisError)) throw error
  console.error(error.message)
  process.exit(1)
}
