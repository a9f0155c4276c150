import { crc32 } from 'node:zlib'
import { Senders, judgeOthers } from '../../../../src/doctor/network/other-cluster.js'
import { AnswerBy, encodeProbe } from '../../../../src/doctor/network/probe-frame.js'
import { classify } from '../../../../src/doctor/network/sighting.js'
import { encodePresence } from '../../../../src/totem/wire/control.js'
import { clusterHash, FrameKind, sealFrame } from '../../../../src/totem/wire/header.js'
import { cutControl } from '../../../../src/totem/wire/parts.js'
import { testPlace } from './test-place.js'

/** A ring's announcement as an executive sends it. */
function presence(cluster: string, nodeId: number, name: string, address: string): Uint8Array {
  const ringId = { representative: nodeId, sequence: 8 }
  const [frame] = cutControl(encodePresence({ address, name, ringId, heard: [] }), 1472)
  const origin = { clusterHash: clusterHash(cluster), nodeId, incarnation: 5 }
  sealFrame(frame!, origin, FrameKind.presence, 0, 1, (octets, from) => crc32(octets.subarray(from)))
  return frame!
}

function header(...octets: number[]): Uint8Array {
  return Uint8Array.from([...octets, ...new Array<number>(40).fill(1)])
}

test('an executive is known by its frames, and by name where they tell it', () => {
  const member = { nodeId: 4, name: 'four', address: '10.99.0.4' }
  expect(classify(presence('red', 4, 'four', '10.99.0.4'))).toEqual({
    kind: 'ais',
    clusterHash: clusterHash('red'),
    member,
  })
})

test.each([
  ['another version of the wire', header(0x41, 0x49, 0x53, 9), { kind: 'other-version', version: 9 }],
  ['corosync 3', header(0x70, 0xc0, 3, 1, 0), { kind: 'corosync', generation: '3' }],
  ['corosync 3 of the other byte order', header(0xc0, 0x70, 3, 1, 0), { kind: 'corosync', generation: '3' }],
  ['openais', header(1, 2, 0x22, 0xff, 1, 0, 0, 0), { kind: 'corosync', generation: '1 or 2' }],
  ['corosync 2', header(0xfe, 0xfe, 0, 0, 1, 2, 0x22, 0xff), { kind: 'corosync', generation: '1 or 2' }],
  ['something else', Buffer.from('hello, world!'), { kind: 'unknown', firstOctets: '68656c6c' }],
  ['nothing', new Uint8Array(0), { kind: 'unknown', firstOctets: '' }],
])('%s', (_, frame, sighting) => {
  expect(classify(frame)).toEqual(sighting)
})

test('a frame of ours that is damaged is of nobody', () => {
  const frame = presence('red', 4, 'four', '10.99.0.4')
  frame[frame.length - 1]! ^= 1
  expect(classify(frame).kind).toBe('unknown')
})

describe('who else is on the group', () => {
  const place = testPlace({ clusterName: 'red', nodeId: 1 })
  const hear = (...frames: [Uint8Array, string][]) => {
    const senders = new Senders()
    for (const [frame, address] of frames) senders.add(frame, address)
    const heard = { durationMs: 2000, senders: senders.list(), isCut: senders.isCut, error: null }
    return judgeOthers(place, heard)
  }

  test('nobody, or members of the cluster: ok', () => {
    expect(hear()).toMatchObject({ status: 'ok', message: expect.stringContaining('no other cluster') })
    const member = presence('red', 2, 'two', '10.99.0.2')
    expect(hear([member, '10.99.0.2'], [member, '10.99.0.2'])).toMatchObject({
      status: 'ok',
      message: expect.stringContaining('of this cluster: two (10.99.0.2)'),
    })
  })

  test('another doctor at work is none', () => {
    const common = { clusterHash: 0, session: 1, number: 1, askedAtUs: 1, netmtu: 1500 }
    const request = {
      kind: 'request' as const,
      ...common,
      answerBy: AnswerBy.echo,
      answerPort: 0,
      answerOctets: 0,
    }
    expect(hear([encodeProbe(request, 56), '10.99.0.3']).status).toBe('ok')
  })

  test('another cluster is named, with the default name where it has that, and counted', () => {
    const other = presence('ais', 9, 'nine', '10.99.0.9')
    expect(hear([other, '10.99.0.9'], [other, '10.99.0.9'])).toMatchObject({
      status: 'warn',
      message: expect.stringContaining('nine (10.99.0.9), a cluster with the clustername "ais", 2 frames'),
      remedy: expect.stringContaining('clustername (here "red")'),
    })
  })

  test('corosync is named', () => {
    const frame = header(0x70, 0xc0, 3, 1, 0)
    expect(hear([frame, '10.99.0.5']).message).toContain('10.99.0.5, an openais or corosync (3.x), 1 frame')
  })

  test('a node that has our id at another address: fail', () => {
    const twin = presence('red', 1, 'one', '10.99.0.8')
    expect(hear([twin, '10.99.0.8'])).toMatchObject({
      status: 'fail',
      message: expect.stringContaining('node id 1'),
      remedy: expect.stringContaining('nodeid'),
    })
    // Our own executive, which runs beside.
    expect(hear([presence('red', 1, 'one', place.address), place.address]).status).toBe('ok')
  })

  test('a flood of senders is cut, not kept', () => {
    const frames = Array.from({ length: 2000 }, (_, index): [Uint8Array, string] => [
      Buffer.from('noise'),
      `10.${index >> 8}.${index & 255}.1`,
    ])
    expect(hear(...frames)).toMatchObject({ status: 'warn', details: { isCut: true, frames: 256 } })
  })
})
