import { checkpointChanges, isAisErrorName, type CheckpointCreationAttributes } from '../base/index.js'
import { CheckpointVectorError } from './checkpoint-vector-error.js'
import type {
  CheckpointChange,
  CheckpointConflict,
  CheckpointDigests,
  CheckpointPage,
  CheckpointStatus,
  CheckpointSummary,
  ConflictPage,
  ConflictSectionsPage,
  MemberDigests,
  ReplicaDigest,
  SectionDescriptor,
} from './ckpt-types.js'
import {
  arrayOf,
  bigintOf,
  bufferOf,
  fieldsOf,
  flagOf,
  numberOf,
  numberOrNull,
  strange,
  textOf,
  textOrNull,
  wholeNumber,
  type Fields,
} from './documents.js'

// Every reader throws AisError ERR_LIBRARY for anything that is not what it reads.

function attributesOf(fields: Fields): CheckpointCreationAttributes {
  return {
    creationFlags: numberOf(fields, 'creationFlags'),
    checkpointSize: numberOf(fields, 'checkpointSize'),
    retentionDurationMs: numberOrNull(fields, 'retentionDurationMs') ?? Infinity,
    maxSections: numberOf(fields, 'maxSections'),
    maxSectionSize: numberOf(fields, 'maxSectionSize'),
    maxSectionIdSize: numberOf(fields, 'maxSectionIdSize'),
  }
}

/** The answer to checkpointOpen. */
export function readOpened(value: unknown): { handle: number; attributes: CheckpointCreationAttributes } {
  const fields = fieldsOf(value, 'opened checkpoint')
  return {
    handle: numberOf(fields, 'handle'),
    attributes: attributesOf(fieldsOf(fields.attributes, 'attributes')),
  }
}

export function readIteration(value: unknown): number {
  return numberOf(fieldsOf(value, 'iteration'), 'iteration')
}

export function readStatus(value: unknown): CheckpointStatus {
  const fields = fieldsOf(value, 'status')
  return {
    name: textOf(fields, 'name'),
    ...attributesOf(fields),
    numberOfSections: numberOf(fields, 'numberOfSections'),
    memoryUsed: numberOf(fields, 'memoryUsed'),
    openers: numberOf(fields, 'openers'),
    activeReplica: numberOrNull(fields, 'activeReplica'),
    replicas: nodeIdsOf(fields, 'replicas'),
    unlinked: flagOf(fields, 'unlinked'),
  }
}

function nodeIdsOf(fields: Fields, name: string): number[] {
  return arrayOf(fields[name], name).map((nodeId) => wholeNumber(nodeId, name))
}

export function readSummary(value: unknown): CheckpointSummary {
  return { ...readStatus(value), digest: textOf(fieldsOf(value, 'status'), 'digest') }
}

export function readPage(value: unknown): CheckpointPage {
  const fields = fieldsOf(value, 'list of checkpoints')
  return {
    checkpoints: arrayOf(fields.checkpoints, 'checkpoints').map(readSummary),
    more: flagOf(fields, 'more'),
  }
}

export function readSections(value: unknown): SectionDescriptor[] {
  return arrayOf(value, 'sections').map((section) => {
    const fields = fieldsOf(section, 'section')
    return {
      sectionId: bufferOf(fields.sectionId, 'sectionId'),
      expirationTime: bigintOf(fields, 'expirationTime'),
      sectionSize: numberOf(fields, 'sectionSize'),
      sectionState: numberOf(fields, 'sectionState'),
      lastUpdate: bigintOf(fields, 'lastUpdate'),
    }
  })
}

export function readDigests(value: unknown): CheckpointDigests {
  const fields = fieldsOf(value, 'digests')
  return {
    viewNumber: numberOf(fields, 'viewNumber'),
    members: arrayOf(fields.members, 'members').map(readMember),
  }
}

function readMember(value: unknown): MemberDigests {
  const fields = fieldsOf(value, 'member')
  return {
    nodeId: numberOf(fields, 'nodeId'),
    nodeName: textOf(fields, 'nodeName'),
    checkpoints: arrayOf(fields.checkpoints, 'checkpoints').map(readReplica),
  }
}

function readReplica(value: unknown): ReplicaDigest {
  const fields = fieldsOf(value, 'replica')
  const name = textOf(fields, 'name')
  const digest = textOrNull(fields, 'digest')
  if (digest === null) return { name, digest, numberOfSections: 0, memoryUsed: 0 }
  const [numberOfSections, memoryUsed] = [
    numberOf(fields, 'numberOfSections'),
    numberOf(fields, 'memoryUsed'),
  ]
  return { name, digest, numberOfSections, memoryUsed }
}

export function readConflicts(value: unknown): ConflictPage {
  const fields = fieldsOf(value, 'list of conflicts')
  return { conflicts: arrayOf(fields.conflicts, 'conflicts').map(readConflict), more: flagOf(fields, 'more') }
}

function readConflict(value: unknown): CheckpointConflict {
  const fields = fieldsOf(value, 'conflict')
  const stored = (['memory', 'disk', 'elsewhere'] as const).find((known) => known === fields.stored)
  if (stored === undefined) throw strange('stored', fields.stored)
  return {
    id: textOf(fields, 'id'),
    name: textOf(fields, 'name'),
    ringSequence: numberOf(fields, 'ringSequence'),
    digest: textOrNull(fields, 'digest'),
    keptDigest: textOrNull(fields, 'keptDigest'),
    numberOfSections: numberOf(fields, 'numberOfSections'),
    memoryUsed: numberOf(fields, 'memoryUsed'),
    nodes: nodeIdsOf(fields, 'nodes'),
    keptNodes: nodeIdsOf(fields, 'keptNodes'),
    stored,
  }
}

export function readConflictSections(value: unknown): ConflictSectionsPage {
  const fields = fieldsOf(value, 'list of sections')
  const sections = arrayOf(fields.sections, 'sections').map((section) => {
    const { sectionId, size } = fieldsOf(section, 'section')
    return { sectionId: bufferOf(sectionId, 'sectionId'), sectionSize: wholeNumber(size, 'size') }
  })
  return { sections, more: flagOf(fields, 'more') }
}

/** An event of what is tracked. */
export function readChanges(value: unknown): CheckpointChange[] {
  return arrayOf(fieldsOf(value, 'changes').changes, 'changes').map((each) => {
    const [kind, sectionId, offset, size] = arrayOf(each, 'change')
    const change = checkpointChanges.find((known) => known === kind)
    if (change === undefined) throw strange('change', kind)
    return {
      change,
      sectionId: sectionId === null ? null : bufferOf(sectionId, 'sectionId'),
      dataOffset: wholeNumber(offset, 'offset'),
      dataSize: wholeNumber(size, 'size'),
    }
  })
}

/** What a write or a read says of the first element that is wrong. */
export function vectorError(call: string, value: unknown): CheckpointVectorError {
  const fields = fieldsOf(value, `answer to ${call}`)
  const { error } = fields
  if (!isAisErrorName(error)) throw strange('error', error)
  const index = numberOf(fields, 'index')
  return new CheckpointVectorError(error, index, `${call}: element ${index}: ${textOf(fields, 'text')}`)
}
