import { jest } from '@jest/globals'
import { loopbackHosts } from '../helpers/cluster/cluster.mjs'
import { amfScenarios } from './amf-scenarios.js'

jest.setTimeout(120_000)

describe('AMF on nodes of this host', () => {
  amfScenarios(() => loopbackHosts(3))
})
