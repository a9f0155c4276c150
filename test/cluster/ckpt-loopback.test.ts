import { jest } from '@jest/globals'
import { loopbackHosts } from '../helpers/cluster/cluster.mjs'
import { ckptScenarios } from './ckpt-scenarios.js'

jest.setTimeout(120_000)

describe('CKPT on three nodes of this host', () => {
  ckptScenarios(() => loopbackHosts(3))
})
