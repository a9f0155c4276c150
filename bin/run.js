#!/usr/bin/env node
import { execute } from '@oclif/core/execute'

// A reader that went away (`| head`) ends the output, not the command; oclif does so for stdout alone.
process.stderr.on('error', (error) => {
  if (error.code !== 'EPIPE') throw error
})

await execute({ dir: import.meta.url })
