// Shapes of values that come as JSON from elsewhere: what is one, and its one way to be written. Records are
// written as lists of their fields' values: thousands of them go from node to node.

export interface Shape<T> {
  /** @returns undefined for what is not of this shape */
  read(value: unknown): T | undefined
  write(value: T): unknown
}

function atom<T>(test: (value: unknown) => boolean): Shape<T> {
  return { read: (value) => (test(value) ? (value as T) : undefined), write: (value) => value }
}

/** A whole number from `min` to `max`. */
export function whole(min: number, max: number): Shape<number> {
  return atom((value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max)
}

export const flag: Shape<boolean> = atom((value) => typeof value === 'boolean')

export function word<W extends string>(words: readonly W[]): Shape<W> {
  return atom((value) => (words as readonly unknown[]).includes(value))
}

export function text(test: (value: string) => boolean): Shape<string> {
  return atom((value) => typeof value === 'string' && test(value))
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return {
    read: (value) => (value === null ? null : shape.read(value)),
    write: (value) => (value === null ? null : shape.write(value)),
  }
}

export function list<T>(shape: Shape<T>): Shape<readonly T[]> {
  return {
    read(value) {
      if (!Array.isArray(value)) return undefined
      const items = value.map((item) => shape.read(item))
      return items.includes(undefined) ? undefined : (items as T[])
    },
    write: (value) => value.map((item) => shape.write(item)),
  }
}

/** @param fields all of them; their order is that in which they are written */
export function record<T extends object>(fields: { readonly [F in keyof T]: Shape<T[F]> }): Shape<T> {
  const names = Object.keys(fields) as (keyof T & string)[]
  return {
    read(value) {
      if (!Array.isArray(value) || value.length !== names.length) return undefined
      const read = names.map((name, at) => [name, fields[name].read(value[at])] as const)
      return read.some(([, field]) => field === undefined) ? undefined : (Object.fromEntries(read) as T)
    },
    write: (value) => names.map((name) => fields[name].write(value[name])),
  }
}
