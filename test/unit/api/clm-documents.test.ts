import { readBuffer, readNode } from '../../../src/api/clm-documents.js'
import type { AisError } from '../../../src/base/index.js'
import { member, view } from '../services/clm/views.js'
import { changesDocument, currentDocument } from './clm-reports.js'

const current = currentDocument(view(2 ** 41, [member(1), member(2)]))

test('what the executive says is read', () => {
  const report = readBuffer(current)
  expect(report.view.viewNumber).toBe(2 ** 41)
  expect(report.items.map(({ clusterNode }) => clusterNode.nodeId)).toEqual([1, 2])
  expect(report.items[1]).toMatchObject({
    clusterNode: { nodeName: 'node2', bootTimestamp: member(2).bootTimestamp, member: true },
    incarnation: 1,
  })
  // The life it is in is our own business.
  expect(report.items[1].clusterNode).not.toHaveProperty('incarnation')
})

test('whole numbers may come in any form MessagePack has', () => {
  const node = current.items[0].clusterNode
  const other = readNode({ ...node, nodeId: 1n, initialViewNumber: 10n, bootTimestamp: 17 })
  expect(other.clusterNode).toMatchObject({ nodeId: 1, initialViewNumber: 10, bootTimestamp: 17n })
})

test('anything else is an error of the library, never a wrong node', () => {
  const broken: unknown[] = [null, undefined, 1, 'text', [], {}]
  for (const document of [current, changesDocument(view(3, [member(1)], { joined: [member(1)] }))]) {
    for (const value of [undefined, 'x', -0.5, NaN, {}, [1]]) {
      broken.push(
        ...Object.keys(document).map((key) => ({ ...document, [key]: value })),
        ...Object.keys(document.items[0]).map((key) => ({
          ...document,
          items: [{ ...document.items[0], [key]: value }],
        })),
        ...['nodeId', 'member', 'bootTimestamp', 'incarnation'].map((key) => ({
          ...document,
          items: [{ ...document.items[0], clusterNode: { ...document.items[0].clusterNode, [key]: value } }],
        })),
      )
    }
  }
  for (const value of broken) {
    let code = ''
    try {
      readBuffer(value)
    } catch (error) {
      code = (error as AisError).code
    }
    expect([value, code]).toEqual([value, 'ERR_LIBRARY'])
  }
})
