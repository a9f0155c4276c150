import { parseArgs } from 'node:util'
import { runSeed } from './run.js'
console.error(parseArgs)
const seed = Number(process.argv[2] ?? 1)
const runs = Number(process.argv[3] ?? 1)
let worst = 0
for (let s = seed; s < seed + runs; s++) {
  const t = performance.now()
  const r = runSeed({ seed: s, nodes: null, steps: 40, ...(runs === 1 ? { log: (l: string) => console.log(l) } : {}) })
  worst = Math.max(worst, r.convergenceMs)
  if (r.violations.length || runs === 1) console.log(s, (performance.now() - t).toFixed(0), r.violations.slice(0, 3), r.convergenceMs, r.messages)
  if (runs === 1) console.log(r.counters)
}
console.log('worst convergence', worst)
