import type { ConfigKind } from './format.js'

/** Which of our two files it is, by its name; null: the name says neither, or both. */
export function kindByName(fileName: string): ConfigKind | null {
  const name = fileName.slice(fileName.lastIndexOf('/') + 1).toLowerCase()
  const [isNetwork, isGroups] = [name.includes('network'), name.includes('groups')]
  if (isNetwork === isGroups) return null
  return isNetwork ? 'network' : 'groups'
}
