import { randomBytes } from 'node:crypto'
import chalk from 'chalk'
import { Ckpt } from '../api/index.js'
import { TestReport, type TestStep } from './ckpt-test-report.js'
import { CheckpointTest } from './ckpt-test-steps.js'

/** What `ais ckpt test --json` prints. */
export interface TestLine {
  readonly passed: number
  readonly failed: number
  readonly steps: readonly TestStep[]
}

export type { TestStep } from './ckpt-test-report.js'

/**
 * The test program of the original package for checkpoints: its steps, on checkpoints of its own, which are
 * removed at the end.
 * @param tell is told of each step when it is done
 * @throws AisError as Ckpt.initialize: there is no executive
 */
export async function testCheckpoints(socket: string, tell: (step: TestStep) => void): Promise<TestLine> {
  const ckpt = await Ckpt.initialize({ socket })
  const report = new TestReport(tell)
  const run = `ais-test-${process.pid}-${randomBytes(4).toString('hex')}`
  const test = new CheckpointTest(ckpt, report, run)
  try {
    await test.steps()
  } finally {
    await test.cleanUp()
    await ckpt.finalize()
  }
  const { steps, failed } = report
  return { passed: steps.length - failed, failed, steps }
}

/** `ok      checkpointOpen, created: OK (1), should be OK (1)` */
export function testStepText({ step, expected, came, ok }: TestStep): string {
  return `  ${ok ? chalk.green('ok    ') : chalk.red('FAILED')}  ${step}: ${came}, should be ${expected}`
}
