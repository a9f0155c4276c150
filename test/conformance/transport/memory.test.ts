import { MemoryNetwork } from '../../../src/transport/index.js'
import { transportConformance } from './transport-conformance.js'

transportConformance('in memory', async () => {
  const network = new MemoryNetwork()
  return {
    addresses: ['a', 'b', 'c', 'd'],
    largestFrameOctets: 65_507,
    open: (address, listener) => network.open(address, listener),
  }
})
