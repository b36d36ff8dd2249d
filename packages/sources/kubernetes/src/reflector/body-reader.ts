import { BinnacleError, errorCodeOf, type Clock } from '@binnacle/protocol'
import type { Readable } from 'node:stream'
import { networkError } from '../connection/classify.ts'
import { LineCutter } from '../cutting/line-cutter.ts'
import { StallGuard } from './stall-guard.ts'

/** How a body is read. */
export interface BodyReading {
  readonly clock: Clock
  /** Asked whenever the guard looks: the bound may change while a body is read. */
  readonly stallMs: () => number
  /** Ends the reading. */
  readonly signal: AbortSignal
  /** Called for each chunk: the server lives. */
  readonly proven: () => void
}

/** What a network, a parser of undici or a destroyed stream throws; our own errors carry codes of the catalogue. */
const isNetwork = (error: unknown): boolean =>
  typeof (error as { code?: unknown } | null)?.code === 'string' ||
  (error instanceof Error && /aborted|terminated|other side closed/i.test(error.message))

/**
 * Reads a body to its end, chunk by chunk; the next chunk waits until `onChunk` is done, so that backpressure reaches
 * the server. Throws WATCH_STALLED when nothing arrives within the deadline, CLUSTER_UNREACHABLE when it breaks.
 */
export async function readBody(body: Readable, reading: BodyReading, onChunk: (chunk: Buffer) => Promise<void> | undefined): Promise<void> {
  const { clock, stallMs, signal, proven } = reading
  const guard = new StallGuard(clock, stallMs, (error) => body.destroy(error))
  const stop = (): void => {
    body.destroy(new BinnacleError('UNAVAILABLE', 'stopped'))
  }
  let ours = false
  signal.addEventListener('abort', stop, { once: true })
  try {
    if (signal.aborted) stop()
    for await (const chunk of body as AsyncIterable<Buffer>) {
      guard.heard()
      proven()
      ours = true
      await onChunk(chunk)
      ours = false
      // Writing may take longer than the deadline; that is our slowness, not the server's.
      guard.heard()
    }
  } catch (error) {
    throw !ours && errorCodeOf(error) === undefined && isNetwork(error) ? networkError(error, 'the connection') : error
  } finally {
    guard.stop()
    signal.removeEventListener('abort', stop)
    body.destroy()
  }
}

/** What is made of the lines of a watch. */
export interface LineHandlers {
  readonly event: (type: string, object: unknown) => Promise<void> | undefined
  /** A line that is no event, or longer than the limit: its beginning. */
  readonly setAside: (error: 'OBJECT_TOO_LARGE' | 'OBJECT_MALFORMED', start: Buffer) => Promise<void> | undefined
  /** After the last line of a chunk. */
  readonly pause: () => Promise<void> | undefined
}

function parseLine(line: Buffer): { readonly type: string; readonly object: unknown } | undefined {
  try {
    const value = JSON.parse(line.toString('utf8')) as { type?: unknown; object?: unknown } | null
    return value !== null && typeof value === 'object' && typeof value.type === 'string'
      ? { type: value.type, object: value.object }
      : undefined
  } catch {
    // A line that is not JSON is set aside; the watch goes on with the next one.
    return undefined
  }
}

/** Reads the lines of a watch to its end. A line that cannot be read never ends the watch. */
export async function readLines(body: Readable, reading: BodyReading, maxLineBytes: number, handlers: LineHandlers): Promise<void> {
  const cutter = new LineCutter(maxLineBytes)
  await readBody(body, reading, async (chunk) => {
    for (const cut of cutter.push(chunk)) {
      if ('tooLong' in cut) {
        await handlers.setAside('OBJECT_TOO_LARGE', cut.tooLong)
        continue
      }
      const event = parseLine(cut.line)
      const room =
        event === undefined ? handlers.setAside('OBJECT_MALFORMED', cut.line.subarray(0, 1_024)) : handlers.event(event.type, event.object)
      // Most events need no wait; a turn of the microtask queue for each would be a quarter of the cost.
      if (room !== undefined) await room
    }
    await handlers.pause()
  })
}
