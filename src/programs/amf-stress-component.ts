import { openSync, writeSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { AisError, Amf } from '../api/index.js'
import { entryLine, type StressEntry } from './amf-stress-log.js'

// A component of `ais amf stress`, a process of its own: SOCKET NAME LOG. It does what it is told, and notes
// in the log when it was told to be what. It ends with the stress run.

/** Between two looks at the clock: tells whether this process ran. */
const TURN_MS = 5
/** Before a call that was answered ERR_TRY_AGAIN is made again. */
const RETRY_INTERVAL_MS = 10

const [socket, component, logPath] = process.argv.slice(2)
const log = openSync(logPath, 'a')
const { pid } = process
let turnedNs = process.hrtime.bigint()

function note(what: StressEntry['what'], csi: string | null = null, epoch: bigint | null = null): void {
  writeSync(log, entryLine({ pid, component, what, csi, epoch, turnedNs }))
}

/** For others to take over before it may be assigned again. */
const REPAIR_AFTER_MS = 250

/** What it registered as with an executive that was killed may be known for a while. */
const notYet = ['ERR_TRY_AGAIN', 'ERR_TIMEOUT', 'ERR_EXIST']

async function patiently<R>(call: () => Promise<R>): Promise<R> {
  for (;;) {
    try {
      return await call()
    } catch (error) {
      if (!(error instanceof AisError) || !notYet.includes(error.code)) throw error
    }
    await setTimeout(RETRY_INTERVAL_MS)
  }
}

process.once('disconnect', () => process.exit(0))
setInterval(() => (turnedNs = process.hrtime.bigint()), TURN_MS)

const amf = await patiently(() => Amf.initialize({ socket }))
const answer = ({ invocation }: { readonly invocation: number }): void => {
  amf.response(invocation, 'OK').catch(() => undefined)
}
amf.on('csiSet', (callback) => {
  const { csiName, epoch } = callback.csiDescriptor
  note(callback.haState, csiName, epoch)
  answer(callback)
})
amf.on('csiRemove', (callback) => {
  note('removed', callback.csiName)
  answer(callback)
})
amf.on('healthcheck', answer)
amf.on('readiness', answer)
amf.on('componentTerminate', answer)
amf.on('lost', () => note('lost'))
amf.on('lapsed', ({ why }) => {
  if (why !== 'demoted') return
  note('demoted')
  // It is well: this machine has more to do than it can, or it was stopped by the run.
  void repair()
})
await patiently(() => amf.componentRegister(component))
note('registered')

async function repair(): Promise<void> {
  await setTimeout(REPAIR_AFTER_MS)
  await patiently(() => amf.errorClear(component))
}
