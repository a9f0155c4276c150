/**
 * Write octets to stdout, as fast as they are read there.
 * @returns false: nobody reads any more
 */
export function writeOctets(octets: Uint8Array): Promise<boolean> {
  const { stdout } = process
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException): void => {
      if (error.code === 'EPIPE') resolve(false)
      else reject(error)
    }
    stdout.once('error', onError)
    stdout.write(octets, (error) => {
      stdout.off('error', onError)
      if (error) onError(error)
      else resolve(true)
    })
  })
}
