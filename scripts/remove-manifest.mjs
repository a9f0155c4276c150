// After `npm pack`: a manifest that stays would hide commands added later.
import { rmSync } from 'node:fs'
import { root } from './setup.mjs'

rmSync(`${root}/oclif.manifest.json`, { force: true })
