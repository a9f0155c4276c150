// Shows what examples/write-checkpoint.ts counts, as it changes, on any node, until Ctrl-C.
import { AisError, CheckpointOpenFlags, Ckpt, type Checkpoint } from 'ais'

async function show(counter: Checkpoint): Promise<void> {
  const [count] = await counter.checkpointRead([{ sectionId: '' }])
  console.log(`read ${count?.toString()}`)
}

const report = ({ message }: Error): void => console.error(message)

try {
  // The executive of this node; its socket may be named, else it is $AIS_SOCKET or the usual one.
  const ckpt = await Ckpt.initialize({ socket: process.argv[2] })
  process.once('SIGINT', () => void ckpt.finalize())
  ckpt.on('lost', () => console.log('the executive is gone, waiting for it'))
  ckpt.on('restored', () => console.log('the executive is back'))

  const counter = await ckpt.checkpointOpen('counter', null, CheckpointOpenFlags.CHECKPOINT_READ)
  counter.on('changes', () => void show(counter).catch(report))
  counter.on('gone', report)
  await counter.track()
  await show(counter)
} catch (error) {
  if (!(error instanceof AisError)) throw error
  report(error)
  process.exit(1)
}
