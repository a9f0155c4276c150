import { UdpTransport } from '../../../src/transport/index.js'
import { freePort } from '../../helpers/cluster/free-port.mjs'
import { transportConformance } from './transport-conformance.js'

transportConformance('UDP on loopback', async () => {
  const addresses = ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4']
  const port = await freePort(addresses)
  return {
    addresses,
    largestFrameOctets: 1472,
    open: (address, listener) =>
      new UdpTransport(
        {
          type: 'udp4',
          address,
          group: '239.192.0.1',
          port,
          ttl: 1,
          frameOctets: 1416,
          own: { at: 16, octets: new Uint8Array(12) },
          log: () => undefined,
        },
        listener,
      ),
  }
})
