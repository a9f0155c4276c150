#!/usr/bin/env node
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

// From the sources: compile, then run as the installed command does, with stack traces.
const root = fileURLToPath(new URL('..', import.meta.url))
execFileSync(process.execPath, [`${root}/scripts/build.mjs`], { stdio: ['ignore', 2, 2] })
const { execute } = await import('@oclif/core/execute')
const { settings } = await import('@oclif/core')
settings.debug = true
await execute({ dir: import.meta.url })
