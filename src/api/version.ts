import { AisError } from '../base/index.js'

/**
 * Version of an interface of the standard (SaVersionT): B.1.1 is { releaseCode: 'B', majorVersion: 1,
 * minorVersion: 1 }.
 */
export interface Version {
  readonly releaseCode: string
  readonly majorVersion: number
  readonly minorVersion: number
}

const MINOR_MAX = 255

function text({ releaseCode, majorVersion, minorVersion }: Version): string {
  return `${releaseCode}.${majorVersion}.${minorVersion}`
}

/**
 * The version that serves one who wants `wanted`: releases and major versions must be the same; any
 * minor version is served by the one there is, as the standard has it.
 * @param service for the message
 * @throws AisError ERR_VERSION naming what is supported
 */
export function negotiateVersion(service: string, wanted: unknown, supported: readonly Version[]): Version {
  const { releaseCode, majorVersion, minorVersion } = (wanted ?? {}) as Partial<
    Record<keyof Version, unknown>
  >
  const isMinor =
    Number.isInteger(minorVersion) && (minorVersion as number) >= 0 && (minorVersion as number) <= MINOR_MAX
  const found = supported.find(
    (version) => isMinor && version.releaseCode === releaseCode && version.majorVersion === majorVersion,
  )
  if (found !== undefined) return found
  const given = [releaseCode, majorVersion, minorVersion].map(String).join('.')
  throw new AisError(
    'ERR_VERSION',
    `${service} is not served in version ${given}; supported: ${supported.map(text).join(', ')}`,
  )
}
