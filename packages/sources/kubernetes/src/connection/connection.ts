import { BinnacleError, type Clock } from '@binnacle/protocol'
import type { Readable } from 'node:stream'
import { Agent, type Dispatcher } from 'undici'
import { ERROR_TEXT_BYTES, answerError, cleaned, networkError } from './classify.ts'

/** What identifies us to a server and the server to us. */
export interface TlsIdentity {
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
  readonly servername?: string | undefined
  /** Only by explicit flag; shown in red. */
  readonly insecure: boolean
}

/** How a connection is made. */
export interface ConnectionOptions {
  /** https://host:port, maybe with a path prefix. */
  readonly server: string
  readonly tls: TlsIdentity
  /** Headers that carry the credential, made anew for each request: plug-ins may renew it. */
  readonly authorize: () => Promise<Readonly<Record<string, string>>>
  readonly clock: Clock
  /** Judges the address that is dialled. */
  readonly lookup?: (hostname: string, options: object, done: (...args: never[]) => void) => void
}

/** Query parameters of a request. */
export type Query = Readonly<Record<string, string | number | boolean>>

/** A request's options. */
export interface RequestOptions {
  readonly query?: Query
  readonly accept?: string
  readonly signal?: AbortSignal
  /** Milliseconds for the whole request, or for a stream until its headers. */
  readonly deadlineMs?: number
}

/** A way to one API server with one identity. Every call has a deadline; redirects are never followed. */
export interface Connection {
  readonly server: string
  /** GET, at most {@link JSON_BYTES}. Throws CLUSTER_* errors. */
  json(path: string, options?: RequestOptions): Promise<unknown>
  /** GET whose body is read as it comes. The caller must read or destroy it. */
  stream(path: string, options?: RequestOptions): Promise<Readable>
  /** Ends every request and stream; resolves when the sockets are closed. */
  close(): Promise<void>
}

const CONNECT_MS = 10_000
const REQUEST_MS = 30_000
/** Largest answer that is taken in one piece: discovery documents of large clusters have a few MB. */
const JSON_BYTES = 16 * 1024 * 1024
const HEADER_BYTES = 65_536
const KEEP_ALIVE_MS = 20_000

/** Opens a way to an API server: a dispatcher of its own, so that no other fabric shares its TLS identity. Dials on first use. */
export function openHttpConnection(options: ConnectionOptions): Connection {
  const base = new URL(options.server)
  const prefix = base.pathname.replace(/\/+$/, '')
  const { tls, clock } = options
  const agent = new Agent({
    connect: {
      timeout: CONNECT_MS,
      rejectUnauthorized: !tls.insecure,
      ...(tls.ca === undefined ? {} : { ca: tls.ca }),
      ...(tls.cert === undefined ? {} : { cert: tls.cert }),
      ...(tls.key === undefined ? {} : { key: tls.key }),
      ...(tls.servername === undefined ? {} : { servername: tls.servername }),
      ...(options.lookup === undefined ? {} : { lookup: options.lookup }),
    },
    maxHeaderSize: HEADER_BYTES,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    pipelining: 1,
  })
  const where = base.host
  const lateBy = (ms: number): BinnacleError => new BinnacleError('CLUSTER_UNREACHABLE', `${where} did not answer within ${ms / 1_000} s`)

  const closed = new AbortController()

  async function send(path: string, request: RequestOptions, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
    const url = new URL(prefix + path, base)
    for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, String(value))
    // A plug-in that never answers must not hold a request beyond its deadline.
    const credential = await unlessAborted(signal, options.authorize())
    const headers = { accept: request.accept ?? 'application/json', 'user-agent': 'binnacle', ...credential }
    const response = await agent.request({ origin: url.origin, path: url.pathname + url.search, method: 'GET', headers, signal })
    // Whoever reads the body gets its error there; one that nobody reads any more must not end the process.
    response.body.on('error', () => undefined)
    const type = headerText(response.headers['content-type'])
    if (response.statusCode >= 200 && response.statusCode < 300) {
      if (type === undefined || /\bjson\b/.test(type)) return response
      response.body.destroy()
      throw new BinnacleError('CLUSTER_PROTOCOL', `${where} answered ${cleaned(type).slice(0, 80)} instead of JSON`)
    }
    const body = await head(response.body)
    throw answerError(response.statusCode, headerText(response.headers['retry-after']), body, where)
  }

  /** Runs a request under a deadline and the caller's signal; every failure becomes one of the catalogue. */
  async function within<T>(request: RequestOptions, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const own = new AbortController()
    const ms = request.deadlineMs ?? REQUEST_MS
    let late = false
    const timer = clock.after(ms, () => {
      late = true
      own.abort()
    })
    const stop = (): void => own.abort()
    request.signal?.addEventListener('abort', stop)
    closed.signal.addEventListener('abort', stop)
    try {
      if (request.signal?.aborted === true || closed.signal.aborted) own.abort()
      return await run(own.signal)
    } catch (error) {
      if (late) throw lateBy(ms)
      throw networkError(error, where)
    } finally {
      timer.cancel()
      request.signal?.removeEventListener('abort', stop)
      closed.signal.removeEventListener('abort', stop)
    }
  }

  return {
    server: options.server,
    json: (path, request = {}) =>
      within(request, async (signal) => {
        const { body } = await send(path, request, signal)
        const chunks: Buffer[] = []
        let size = 0
        for await (const chunk of body as AsyncIterable<Buffer>) {
          chunks.push(chunk)
          size += chunk.length
          if (size > JSON_BYTES) throw new BinnacleError('CLUSTER_PROTOCOL', `${where} answered more than ${JSON_BYTES} bytes to ${path}`)
        }
        try {
          return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
        } catch (error) {
          throw new BinnacleError('CLUSTER_PROTOCOL', `${where} answered ${path} with something that is not JSON`, { cause: error })
        }
      }),
    // The deadline covers the way to the headers; from there on the reader's own stall deadline counts.
    stream: async (path, request = {}) => (await within(request, (signal) => send(path, request, signal))).body,
    close: async () => {
      closed.abort()
      await agent.destroy()
    },
  }
}

/** Waits for a promise, but not beyond the signal. */
async function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>): Promise<T> {
  if (signal.aborted) throw new BinnacleError('UNAVAILABLE', 'stopped')
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const stop = (): void => reject(new BinnacleError('UNAVAILABLE', 'stopped'))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    signal.removeEventListener('abort', stop)
  }
}

const headerText = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/** The beginning of a body; the rest is not read. */
async function head(body: Readable): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    // A Status object with its causes may be longer than what we keep of its text.
    if (size > 16 * ERROR_TEXT_BYTES) break
  }
  return Buffer.concat(chunks).toString('utf8')
}
