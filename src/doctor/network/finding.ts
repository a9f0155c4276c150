/** What a check of the network came to; `checks.ts` gives it the id and title of its check. */
export interface Finding {
  readonly status: 'ok' | 'warn' | 'fail' | 'skip'
  /** What was found. */
  readonly message: string
  /** What to do about it: a command where there is one. */
  readonly remedy: string | null
  readonly details: Readonly<Record<string, string | number | boolean | null>>
}

export type Details = Finding['details']

export function ok(message: string, details: Details = {}): Finding {
  return { status: 'ok', message, remedy: null, details }
}

export function warn(message: string, remedy: string, details: Details = {}): Finding {
  return { status: 'warn', message, remedy, details }
}

export function fail(message: string, remedy: string, details: Details = {}): Finding {
  return { status: 'fail', message, remedy, details }
}

export function skip(message: string, details: Details = {}): Finding {
  return { status: 'skip', message, remedy: null, details }
}

/** 'a', 'a and b', 'a, b and c'. */
export function listed(items: readonly string[]): string {
  if (items.length < 2) return items.join('')
  return `${items.slice(0, -1).join(', ')} and ${items[items.length - 1]}`
}
