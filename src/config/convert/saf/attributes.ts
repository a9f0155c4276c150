import { quoted, type CheckContext } from '../../check-context.js'
import type { Entry } from '../../parse.js'
import { reportLost, reportLostBlock } from '../lost.js'
import type { SafObject } from './tree.js'

/** Hands out the attributes of objects, and in the end reports those that nobody asked for. */
export class Attributes {
  private readonly taken = new Set<Entry>()
  private readonly reported = new Set<string>()

  /** @param target what the file is to become, in words */
  constructor(
    private readonly target: string,
    private readonly context: CheckContext,
  ) {}

  /** All values of an attribute; they count as used. */
  take(object: SafObject, attribute: string): readonly Entry[] {
    const entries = object.attributes.get(attribute) ?? []
    for (const entry of entries) this.taken.add(entry)
    return entries
  }

  /** The first value; one that is given twice is a mistake that stays in sight. */
  value(object: SafObject, attribute: string): string | undefined {
    return object.attributes.get(attribute)?.[0].value
  }

  /** An attribute that may only have a value that goes without saying here. */
  expect(object: SafObject, attribute: string, isSaid: (value: string) => boolean, why: string): void {
    for (const entry of this.take(object, attribute)) if (!isSaid(entry.value)) this.lose(entry, why)
  }

  /** Report one that has no counterpart; once, however many objects inherit it. */
  lose(entry: Entry, why: string): void {
    const place = `${entry.line}:${entry.valueColumn}`
    if (this.reported.has(place)) return
    this.reported.add(place)
    reportLost(entry, this.target, why, this.context)
  }

  loseObject(object: SafObject, why: string): void {
    const place = `${object.place.line}:${object.place.column}`
    if (this.reported.has(place)) return
    this.reported.add(place)
    reportLostBlock(
      quoted(`${object.name.key}=${object.name.value}`),
      object.place,
      this.target,
      why,
      this.context,
    )
  }

  /** Report what nobody took, of an object and all in it. */
  loseRest(object: SafObject): void {
    for (const entries of object.attributes.values()) {
      for (const entry of entries) {
        if (!this.taken.has(entry)) this.lose(entry, 'it is left out')
      }
    }
    for (const child of object.children) this.loseRest(child)
  }
}
