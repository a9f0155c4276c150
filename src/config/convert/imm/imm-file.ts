import type { XmlWriter } from '../xml/write-xml.js'
import { joinDn } from './dn.js'

/** null: not said. */
export type ImmValue = string | number | bigint | null | readonly string[]

/** Milliseconds as SaTimeT. */
export function nanoseconds(milliseconds: number): bigint {
  return BigInt(milliseconds) * 1_000_000n
}

/** The versioned type of a base type. */
export function versionedDn(attribute: string, name: string): string {
  return `safVersion=1,${joinDn(attribute, name)}`
}

/** Objects of an imm.xml, one after the other. */
export class ImmFile {
  constructor(private readonly xml: XmlWriter) {}

  comment(text: string): void {
    this.xml.comment(text)
  }

  /** @param assumed names of the attributes whose values nobody gave */
  object(
    name: string,
    dn: string,
    attributes: Readonly<Record<string, ImmValue>> = {},
    assumed: readonly string[] = [],
  ): void {
    this.xml.element('object', { class: name }, () => {
      this.xml.text('dn', dn)
      for (const [attribute, value] of Object.entries(attributes)) {
        if (value === null) continue
        if (assumed.includes(attribute)) this.xml.comment('assumed')
        const values = typeof value === 'object' ? value : [value]
        this.xml.element('attr', {}, () => {
          this.xml.text('name', attribute)
          for (const one of values) this.xml.text('value', String(one))
        })
      }
    })
  }
}
