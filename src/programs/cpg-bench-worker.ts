// One process of `ais cpg bench`, with one member of its group: told by its parent what to do.
import { AisError } from '../api/index.js'
import { CpgBenchMember } from './cpg-bench-member.js'
import type { CpgBenchReport, CpgBenchTask } from './cpg-bench-rows.js'

/** From the parent. */
export type CpgBenchOrder =
  | { readonly order: 'await'; readonly members: number }
  | { readonly order: 'prepare'; readonly task: CpgBenchTask }
  | {
      readonly order: 'run'
      readonly task: CpgBenchTask
      readonly isSending: boolean
      readonly senders: number
    }
  | { readonly order: 'end' }

/** To the parent, one for each order, and one when it has joined. */
export type CpgBenchAnswer =
  | { readonly executivePid: number; readonly report: CpgBenchReport | null }
  | { readonly code: string | null; readonly problem: string }

const [socket, group, index] = process.argv.slice(2) as [string, string, string]

function answer(message: CpgBenchAnswer): void {
  process.send?.(message)
}

function fail(error: unknown): void {
  const code = error instanceof AisError ? error.code : null
  const text = error instanceof AisError ? error.text : error instanceof Error ? error.message : String(error)
  answer({ code, problem: text })
}

async function carryOut(member: CpgBenchMember, order: CpgBenchOrder): Promise<CpgBenchReport | null> {
  if (order.order === 'await') await member.awaitMembers(order.members)
  else if (order.order === 'prepare') member.prepare(order.task)
  else if (order.order === 'run') return member.run(order.task, order.isSending, order.senders)
  else await member.end()
  return null
}

// A parent that is gone wants nothing any more.
process.on('disconnect', () => process.exit(1))
process.on('uncaughtException', (error) => {
  fail(error)
  process.exitCode = 1
})

try {
  const member = await CpgBenchMember.begin(socket, group, Number(index))
  process.on('message', (order: CpgBenchOrder) => {
    carryOut(member, order).then((report) => {
      answer({ executivePid: member.executivePid, report })
      if (order.order === 'end') process.disconnect()
    }, fail)
  })
  answer({ executivePid: member.executivePid, report: null })
} catch (error) {
  fail(error)
}
