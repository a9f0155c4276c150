// Starts for a lock at a given moment; prints how it went; holds it until told otherwise.
import { Lock } from '../../../dist/exec/lock.js'

const directory = process.argv[2]
process.stdout.write('ready\n')
process.stdin.once('data', async () => {
  try {
    const lock = await Lock.acquire(directory)
    process.stdout.write('won\n')
    process.stdin.once('end', () => lock.release())
  } catch (error) {
    process.stdout.write(`${error.message}\n`)
    process.stdin.destroy()
  }
})
