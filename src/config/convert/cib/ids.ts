// Ids of a CIB are one in the whole file, and names of XML: no blanks, no digit in front.

const unfit = /[^\p{L}\p{N}._-]/gu

/** Hands out ids, each once. */
export class Ids {
  private readonly taken = new Set<string>()

  /** @returns the wish itself wherever it can be one and is free */
  take(wish: string): string {
    const fit = wish.replace(unfit, '_')
    const base = /^[\p{L}_]/u.test(fit) ? fit : `_${fit}`
    let id = base
    for (let count = 2; this.taken.has(id); count++) id = `${base}-${count}`
    this.taken.add(id)
    return id
  }
}
