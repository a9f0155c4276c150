// Names of objects in OpenSAF: relative names from the innermost on, commas between them. A comma within
// one is written \, and a backslash before anything else is itself.

export interface Rdn {
  /** Such as safComp. */
  readonly attribute: string
  readonly value: string
}

/** The relative names as they are written, the innermost first. */
export function splitDn(dn: string): string[] {
  const parts: string[] = []
  let from = 0
  for (let at = dn.indexOf(','); at !== -1; at = dn.indexOf(',', at + 1)) {
    if (dn[at - 1] === '\\') continue
    parts.push(dn.slice(from, at))
    from = at + 1
  }
  parts.push(dn.slice(from))
  return parts
}

export function readRdn(rdn: string): Rdn {
  const sign = rdn.indexOf('=')
  const [attribute, value] = sign === -1 ? ['', rdn] : [rdn.slice(0, sign), rdn.slice(sign + 1)]
  return { attribute: attribute.trim(), value: value.replaceAll('\\,', ',') }
}

/** The innermost relative name. */
export function firstRdn(dn: string): Rdn {
  return readRdn(splitDn(dn)[0])
}

/** The name of the object around it; '' for one that stands alone. */
export function parentDn(dn: string): string {
  return splitDn(dn).slice(1).join(',')
}

/** @param outer '' for an object that stands alone */
export function joinDn(attribute: string, value: string, outer = ''): string {
  const own = `${attribute}=${value.replaceAll(',', '\\,')}`
  return outer === '' ? own : `${own},${outer}`
}
