const TEXT_LENGTH_MAX = 60

/** Anything that an application sent, as a message for people shows it. Never throws. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value, plain) ?? 'nothing'
  return text.length > TEXT_LENGTH_MAX ? `${text.slice(0, TEXT_LENGTH_MAX)}…` : text
}

/** JSON has no whole numbers of any size, and octets are not worth writing out. */
function plain(this: Readonly<Record<string, unknown>>, key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  // Not `value`: a Buffer has been turned into an array of its octets there.
  const octets = this[key]
  return octets instanceof Uint8Array ? `${octets.length} octets` : value
}
