// XML as text: two blanks a level, an element a line.

/** A text as it stands between elements or, in quotation marks, as the value of an attribute. */
export function xmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Characters that XML has not. Names hold no control characters and no lone surrogates anyhow. */
export function isXmlText(text: string): boolean {
  return !/[\uFFFE\uFFFF]/.test(text)
}

export class XmlWriter {
  private readonly lines: string[] = ['<?xml version="1.0" encoding="UTF-8"?>']
  private depth = 0

  comment(text: string): void {
    // Two hyphens end a comment, and one more would stand before its end.
    this.line(`<!-- ${text.replace(/-(?=-|$)/g, '- ')} -->`)
  }

  /** An element without anything in it. */
  empty(tag: string, attributes: Readonly<Record<string, string | number>> = {}): void {
    this.line(`<${tag}${this.attributesText(attributes)}/>`)
  }

  /** An element with a text in it. */
  text(tag: string, text: string | number): void {
    this.line(`<${tag}>${xmlText(String(text))}</${tag}>`)
  }

  element(tag: string, attributes: Readonly<Record<string, string | number>>, write: () => void): void {
    this.line(`<${tag}${this.attributesText(attributes)}>`)
    this.depth++
    write()
    this.depth--
    this.line(`</${tag}>`)
  }

  toString(): string {
    return `${this.lines.join('\n')}\n`
  }

  private attributesText(attributes: Readonly<Record<string, string | number>>): string {
    return Object.entries(attributes)
      .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
      .join('')
  }

  private line(text: string): void {
    this.lines.push('  '.repeat(this.depth) + text)
  }
}
