import {
  areSoundAttributes,
  CheckpointOpenFlags,
  Fingerprint,
  limits,
  readU64,
  TIME_END,
  type CheckpointCreationAttributes,
} from '../../base/index.js'
import { MESSAGE_HEADER_OCTETS, type Stretch } from '../../group/index.js'
import type { Process, Stamp } from './checkpoint-status.js'
import { Checkpoint } from './checkpoint.js'
import { CkptState } from './ckpt-state.js'
import type { MachineListener } from './machine-listener.js'
import { done, DONE, failed, UNREADABLE, type Outcome } from './outcome.js'
import { Section } from './section.js'
import { SectionOperations } from './section-operations.js'
import { BODY_AT, BodyReader, Kind } from './wire.js'

/** The last millisecond that is a time of the standard, which is in nanoseconds. */
const WALL_MAX_MS = Number(TIME_END / 1_000_000n)

/**
 * The replicated state machine: what one ordered message after the other makes of the checkpoints. A
 * function of state and message alone, but for when something ends, which each process has by its own clock.
 * Messages come from members that run the same code, or from a forger: one that cannot be read, or asks for
 * what no application may ask for, changes nothing.
 */
export class Machine {
  state = new CkptState()
  /** The message applied last made another state of it. */
  hasChanged = false
  private readonly sections: SectionOperations
  private stamp: Stamp | null = null

  constructor(private readonly listener: MachineListener) {
    this.sections = new SectionOperations(listener)
  }

  /**
   * @param from node id of the sender
   * @param stretch with `position` the place in the order
   */
  apply(payload: Uint8Array, from: number, stretch: Stretch, position: number): Outcome {
    this.hasChanged = false
    if (payload.length < BODY_AT) return DONE
    if (this.stamp?.stretch !== stretch || this.stamp.position !== position) {
      this.stamp = { stretch, position }
    }
    const { stamp } = this
    const kind = payload[MESSAGE_HEADER_OCTETS]!
    const wallMs = Math.min(readU64(payload, MESSAGE_HEADER_OCTETS + 1), WALL_MAX_MS)
    if (kind === Kind.write || kind === Kind.overwrite) {
      const checkpoint = this.checkpointAt(payload)
      if (checkpoint === undefined) return gone()
      const outcome =
        kind === Kind.write
          ? this.sections.write(checkpoint, payload, wallMs)
          : this.sections.overwrite(checkpoint, payload, wallMs)
      if (outcome.code === null) this.mark(checkpoint, stamp)
      return outcome
    }
    return this.applySeldom(kind, new BodyReader(payload, BODY_AT), from, stamp, wallMs)
  }

  /** The process is gone: what it had open is closed. It may have come back since the message was sent. */
  private depart(process: Process): Outcome {
    if (this.listener.isMember(process)) return DONE
    for (const checkpoint of [...this.state.checkpoints.values()]) {
      if (checkpoint.openers.some((opener) => isSame(opener, process))) this.close(checkpoint, process, null)
      else if (checkpoint.activeReplica !== null && isSame(checkpoint.activeReplica, process)) {
        checkpoint.beforeChange()
        checkpoint.activeReplica = null
        this.hasChanged = true
      }
    }
    return DONE
  }

  private applySeldom(kind: number, reader: BodyReader, from: number, stamp: Stamp, wallMs: number): Outcome {
    switch (kind) {
      case Kind.open:
        return this.open(reader, from, stamp)
      case Kind.close:
        return this.closeAll(reader, from)
      case Kind.reopen:
        return this.reopen(reader, from)
      case Kind.depart:
        return this.depart(reader.process())
      case Kind.unlink:
        return this.unlink(reader.text(), stamp)
      case Kind.retire:
        return this.retire(reader.u64(), reader.u32())
      case Kind.dismiss:
        return this.dismiss(reader.text())
      case Kind.synchronize:
      case Kind.query:
      case Kind.report:
        return DONE
    }
    const checkpoint = this.state.checkpoints.get(reader.u64())
    if (checkpoint === undefined) return gone()
    if (kind === Kind.retentionSet) return this.retentionSet(checkpoint, reader, stamp)
    if (kind === Kind.activeSet) return this.activeSet(checkpoint, from, reader.u64())
    const outcome = this.sections.apply(kind, checkpoint, reader, wallMs)
    if (this.sections.hasChanged) this.mark(checkpoint, stamp, kind !== Kind.expire)
    return outcome
  }

  private checkpointAt(payload: Uint8Array): Checkpoint | undefined {
    return payload.length < BODY_AT + 8 ? undefined : this.state.checkpoints.get(readU64(payload, BODY_AT))
  }

  /** @param isWritten by an application */
  private mark(checkpoint: Checkpoint, stamp: Stamp, isWritten = true): void {
    checkpoint.changed = stamp
    if (isWritten) checkpoint.written = stamp
    this.hasChanged = true
  }

  private open(reader: BodyReader, from: number, stamp: Stamp): Outcome {
    const process = { nodeId: from, incarnation: reader.u64() }
    const handle = reader.u32()
    const flags = reader.u8()
    const name = reader.text()
    const attributes = reader.u8() === 1 ? reader.attributes() : null
    if (reader.broken || (attributes !== null && !areSoundAttributes(attributes))) return UNREADABLE
    const { state } = this
    let checkpoint = state.byName.get(name)
    if (checkpoint !== undefined) {
      const difference = attributes === null ? null : differenceOf(attributes, checkpoint.attributes)
      if (difference !== null) return failed('ERR_EXIST', `checkpoint ${name} exists with ${difference}`)
    } else if ((flags & CheckpointOpenFlags.CHECKPOINT_CREATE) === 0 || attributes === null) {
      return failed('ERR_NOT_EXIST', `there is no checkpoint ${name}`)
    } else if (state.checkpoints.size >= limits.ckptCheckpoints) {
      return failed(
        'ERR_NO_RESOURCES',
        `there are ${state.checkpoints.size} checkpoints: no more are possible`,
      )
    } else {
      const key = keyOf(process, handle)
      // Two keys are never equal but by an accident that nobody will see.
      if (state.checkpoints.has(key))
        return failed('ERR_TRY_AGAIN', 'the key of the new checkpoint is in use')
      checkpoint = create(key, name, attributes, stamp)
      state.add(checkpoint)
    }
    this.addOpener(checkpoint, process, handle)
    const { key, retentionDurationMs } = checkpoint
    return done({ key, attributes: { ...checkpoint.attributes, retentionDurationMs } })
  }

  private addOpener(checkpoint: Checkpoint, process: Process, handle: number): void {
    checkpoint.beforeChange()
    const known = checkpoint.openers.find((opener) => isSame(opener, process))
    if (known !== undefined) known.handles.add(handle)
    else checkpoint.openers.push({ ...process, handles: new Set([handle]) })
    checkpoint.retentionNumber++
    checkpoint.retentionDueMs = Infinity
    this.hasChanged = true
  }

  private closeAll(reader: BodyReader, from: number): Outcome {
    const process = { nodeId: from, incarnation: reader.u64() }
    for (const { key, handle } of reader.handles()) {
      const checkpoint = this.state.checkpoints.get(key)
      if (checkpoint !== undefined) this.close(checkpoint, process, handle)
    }
    return DONE
  }

  /** @param handle null: all that the process has */
  private close(checkpoint: Checkpoint, process: Process, handle: number | null): void {
    const opener = checkpoint.openers.find((candidate) => isSame(candidate, process))
    if (opener === undefined || (handle !== null && !opener.handles.has(handle))) return
    checkpoint.beforeChange()
    this.hasChanged = true
    if (handle !== null) opener.handles.delete(handle)
    if (handle !== null && opener.handles.size > 0) return
    checkpoint.openers = checkpoint.openers.filter((other) => other !== opener)
    const { activeReplica } = checkpoint
    if (activeReplica !== null && isSame(activeReplica, process)) checkpoint.activeReplica = null
    if (checkpoint.openers.length === 0) this.onLastClose(checkpoint)
  }

  /** Nobody in the whole cluster has it open any more. */
  private onLastClose(checkpoint: Checkpoint): void {
    const { key, retentionDurationMs } = checkpoint
    checkpoint.retentionNumber++
    if (checkpoint.unlinked) this.state.remove(checkpoint)
    else if (retentionDurationMs === 0) {
      this.state.remove(checkpoint)
      this.listener.onChange(checkpoint, 'retired', null, 0, 0)
    } else if (retentionDurationMs !== Infinity) {
      checkpoint.retentionDueMs = this.listener.nowMs() + retentionDurationMs
      this.listener.onDue({ dueMs: checkpoint.retentionDueMs, key, id: null })
    }
  }

  private reopen(reader: BodyReader, from: number): Outcome {
    const process = { nodeId: from, incarnation: reader.u64() }
    for (const { key, handle } of reader.handles()) {
      const checkpoint = this.state.checkpoints.get(key)
      if (checkpoint !== undefined) this.addOpener(checkpoint, process, handle)
    }
    return DONE
  }

  private unlink(name: string, stamp: Stamp): Outcome {
    const checkpoint = this.state.byName.get(name)
    if (checkpoint === undefined) return failed('ERR_NOT_EXIST', `there is no checkpoint ${name}`)
    this.state.unlink(checkpoint, stamp)
    this.hasChanged = true
    if (checkpoint.openers.length === 0) this.state.remove(checkpoint)
    this.listener.onChange(checkpoint, 'unlinked', null, 0, 0)
    return DONE
  }

  private retire(key: number, retentionNumber: number): Outcome {
    const checkpoint = this.state.checkpoints.get(key)
    if (checkpoint === undefined || checkpoint.openers.length > 0) return DONE
    if (checkpoint.retentionNumber !== retentionNumber) return DONE
    this.state.remove(checkpoint)
    this.hasChanged = true
    this.listener.onChange(checkpoint, 'retired', null, 0, 0)
    return DONE
  }

  private retentionSet(checkpoint: Checkpoint, reader: BodyReader, stamp: Stamp): Outcome {
    const retentionDurationMs = reader.duration()
    if (reader.broken) return UNREADABLE
    if (checkpoint.unlinked) {
      return failed('ERR_BAD_OPERATION', `${checkpoint.name} was unlinked: it goes with its last handle`)
    }
    checkpoint.beforeChange()
    checkpoint.retentionDurationMs = retentionDurationMs
    this.mark(checkpoint, stamp)
    return DONE
  }

  private activeSet(checkpoint: Checkpoint, nodeId: number, incarnation: number): Outcome {
    checkpoint.beforeChange()
    checkpoint.activeReplica = { nodeId, incarnation }
    this.hasChanged = true
    return DONE
  }

  private dismiss(id: string): Outcome {
    this.hasChanged = this.state.conflicts.delete(id)
    return this.hasChanged ? DONE : failed('ERR_NOT_EXIST', `there is no conflict ${id}`)
  }
}

export function isSame(a: Process, b: Process): boolean {
  return a.nodeId === b.nodeId && a.incarnation === b.incarnation
}

function gone(): Outcome {
  return failed('ERR_BAD_HANDLE', 'the checkpoint is gone')
}

/** Who created it tells a checkpoint from all others, by the handle that it got. */
function keyOf({ nodeId, incarnation }: Process, handle: number): number {
  const fingerprint = new Fingerprint()
  for (const value of [nodeId, incarnation, handle]) fingerprint.add(value)
  return fingerprint.value()
}

function create(
  key: number,
  name: string,
  { retentionDurationMs, ...attributes }: CheckpointCreationAttributes,
  stamp: Stamp,
): Checkpoint {
  const checkpoint = new Checkpoint({ key, name, attributes }, stamp, stamp)
  checkpoint.retentionDurationMs = retentionDurationMs
  if (attributes.maxSections === 1) checkpoint.add(new Section(''))
  return checkpoint
}

/** What is different, as text; null: nothing is. The retention duration may be. */
function differenceOf(
  wanted: CheckpointCreationAttributes,
  present: Checkpoint['attributes'],
): string | null {
  const names = [
    'creationFlags',
    'checkpointSize',
    'maxSections',
    'maxSectionSize',
    'maxSectionIdSize',
  ] as const
  const differing = names.filter((name) => wanted[name] !== present[name])
  if (differing.length === 0) return null
  return differing.map((name) => `${name} ${present[name]} instead of ${wanted[name]}`).join(', ')
}
