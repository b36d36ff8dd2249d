import type { ServerResponse } from 'node:http'

/** Bytes gathered before one write: large enough that 100,000 small items do not become 100,000 writes. */
const CHUNK_BYTES = 64 * 1024

/**
 * Writes pieces to a response at the reader's pace, never holding more than one chunk beside the socket's own buffer.
 *
 * Returns early when the reader goes away.
 */
export async function writePieces(response: ServerResponse, pieces: Iterable<Buffer>): Promise<void> {
  let gathered: Buffer[] = []
  let size = 0
  const flush = async (): Promise<void> => {
    if (size === 0) return
    const ready = response.write(gathered.length === 1 ? gathered[0]! : Buffer.concat(gathered, size))
    gathered = []
    size = 0
    if (!ready && !response.destroyed) await drained(response)
  }
  for (const piece of pieces) {
    gathered.push(piece)
    size += piece.length
    if (size >= CHUNK_BYTES) await flush()
    if (response.destroyed) return
  }
  await flush()
}

/** Resolves when the response takes more, or when its reader is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
}
