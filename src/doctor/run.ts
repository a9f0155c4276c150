import type { Check, CheckResult, DoctorContext } from './check.js'

/** Longer than any check takes that asks nobody else; one that takes longer hangs. */
const LIMIT_MS = 60_000
/** What the search for the sizes that pass takes, there, back and by the group, if little passes. */
const LIMIT_OF_PEER_MS = 30_000

/** The result of a check that has none of its own. */
function failed({ id, title }: Check, message: string): CheckResult {
  const remedy = 'report this, with the output of ais doctor --json'
  return { id, title, status: 'fail', message, remedy, details: {} }
}

function limitOf({ peers }: DoctorContext): number {
  return LIMIT_MS + peers.length * LIMIT_OF_PEER_MS
}

/** Run one check. One that breaks or hangs is told as such, and ends nothing else. */
export async function runCheck(
  check: Check,
  context: DoctorContext,
  limitMs = limitOf(context),
): Promise<readonly CheckResult[]> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<CheckResult>((resolve) => {
    const message = `the check itself did not end within ${limitMs / 1000} s`
    timer = setTimeout(() => resolve(failed(check, message)), limitMs)
  })
  try {
    return [await Promise.race([check.run(context), late])].flat()
  } catch (error) {
    const [line] = (error instanceof Error ? error.message : String(error)).split('\n')
    return [failed(check, `the check itself failed: ${line}`)]
  } finally {
    clearTimeout(timer)
  }
}
