// Imported into an executive by a bench: at SIGUSR2 it writes the longest turn of the event loop since the
// last one, milliseconds, into the file that $AIS_LOOP_DELAY_FILE names.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'

const file = process.env.AIS_LOOP_DELAY_FILE
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  process.on('SIGUSR2', () => {
    writeFileSync(file, `${delay.max / 1e6}\n`)
    delay.reset()
  })
}
