import { randomUUID } from 'node:crypto'
import { open, readFile, realpath, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

const PERMISSIONS = 0o7777

/**
 * Put a text in the place of another one in a file: the whole of it at once, mode and owner kept. A link is
 * followed.
 * @param was what the file must hold still
 * @throws Error if it holds something else by now, or cannot be written
 */
export async function replaceFile(path: string, was: string, text: string): Promise<void> {
  const target = await realpath(path)
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.tmp`)
  const old = await open(target, 'r')
  try {
    const { mode, uid, gid } = await old.stat()
    const made = await open(temporary, 'wx', mode & PERMISSIONS)
    try {
      await made.writeFile(text)
      const own = await made.stat()
      // Only root may give a file away.
      if (own.uid !== uid || own.gid !== gid) await made.chown(uid, gid)
      await made.chmod(mode & PERMISSIONS)
      await made.sync()
    } finally {
      await made.close()
    }
    if ((await readFile(target, 'utf8')) !== was) throw new Error('it was changed meanwhile')
    await rename(temporary, target)
  } finally {
    await old.close()
    await rm(temporary, { force: true })
  }
}
