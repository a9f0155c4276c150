#!/usr/bin/env node
import { execute } from '@oclif/core/execute'
import { writeSync } from 'node:fs'

// A reader that went away (`| head`) ends the output, not the command. oclif knows that of stdout, but throws
// what else can go wrong there (a disk that is full): this comes before it.
for (const [name, stream] of Object.entries({ stdout: process.stdout, stderr: process.stderr })) {
  stream.on('error', (error) => {
    if (error.code === 'EPIPE') return
    try {
      writeSync(2, `ais: ${name} cannot be written: ${error.message}\n`)
    } catch {
      // There is nowhere left to say it.
    }
    process.exit(1)
  })
}

await execute({ dir: import.meta.url })
