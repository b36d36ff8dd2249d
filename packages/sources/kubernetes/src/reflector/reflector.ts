import {
  BinnacleError,
  errorCodeOf,
  type Clock,
  type Fact,
  type FactSink,
  type Random,
  type Scope,
  type WatchState,
  type WatchStatus,
} from '@binnacle/protocol'
import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { answerError, cleaned, networkError, statusObject } from '../connection/classify.ts'
import type { Connection, Query } from '../connection/connection.ts'
import { ItemCutter } from '../cutting/item-cutter.ts'
import { LineCutter } from '../cutting/line-cutter.ts'
import type { Discovery } from '../discovery/discovery.ts'
import type { ServedKind, WantedKind } from '../discovery/served-kind.ts'
import { Backoff } from './backoff.ts'
import { FactWriter } from './fact-writer.ts'
import { Intake, type IntakeOptions, type Taken } from './intake.ts'
import { StallGuard } from './stall-guard.ts'
import { WatchBook } from './watch-book.ts'

/** Bounds of what is taken in. */
export interface SourceLimits {
  /** Larger objects are set aside. Bytes. */
  readonly objectBytes: number
}

/** What a server was found to support; shared by the reflectors of one fabric. */
export interface ServerTraits {
  /** Undefined until somebody tried. */
  watchList: boolean | undefined
}

/** What one reflector needs. */
export interface ReflectorOptions extends Omit<IntakeOptions, 'kind'> {
  readonly kind: WantedKind
  readonly connect: () => Promise<Connection>
  readonly discovery: Discovery
  readonly traits: ServerTraits
  readonly scope: Scope
  readonly sink: FactSink
  readonly clock: Clock
  readonly random: Random
  readonly stallDeadlineMs: number
  readonly limits: SourceLimits
  readonly onChange: (status: WatchStatus, before: WatchState) => void
  readonly onHandlerError: (error: unknown) => void
}

/** What a complete listing saw. */
export interface ListingResult {
  readonly objects: number
  readonly version: string
  /** sha256 over the sorted lines `namespace/name uid hash`; only where somebody asked for it. */
  readonly digest: string | null
}

/** Server-side end of a watch, seconds: client-go asks for a random 5 to 10 minutes, so that watches do not end together. */
const WATCH_SECONDS = 300
/** A list must begin to answer within this time: a cold cache of a large cluster takes a while. */
const LIST_MS = 60_000
/** A watch must answer its headers within this time. */
const WATCH_MS = 30_000
/** Refused credentials and rights are tried again at this pace: they do not heal by themselves. */
const REFUSED_MS = 5_000
/** A kind that is not served is looked for at this pace. */
const NOT_SERVED_MS = 10_000
/** A connection that lived this long was fine; the next failure starts with a short pause again. */
const STEADY_MS = 10_000
/** A server nobody has seen do watch-lists must go on talking until the initial events are over. */
const PROBE_MS = 3_000
/** A JSON value around the object in a watch line. Bytes. */
const LINE_MARGIN = 4_096

const STATE_OF: Readonly<Record<string, WatchState>> = {
  CLUSTER_UNREACHABLE: 'unreachable',
  CLUSTER_TLS: 'unreachable',
  DESTINATION_DENIED: 'unreachable',
  KUBECONFIG_UNREADABLE: 'unreachable',
  KUBECONFIG_FORBIDDEN: 'unreachable',
  CREDENTIAL_UNREADABLE: 'unauthorized',
  CLUSTER_UNAUTHORIZED: 'unauthorized',
  CLUSTER_FORBIDDEN: 'forbidden',
  KIND_NOT_SERVED: 'not_served',
  KIND_OTHER_VERSION: 'not_served',
  WATCH_STALLED: 'stale',
}

/**
 * Mirrors one kind of one cluster into facts: lists, watches, and knows when it has lost its place (after client-go's
 * tools/cache/reflector.go). It keeps no copy: only the position. `live` is said after the server's 200 and the commit
 * of a complete listing, and only while proof arrives within the stall deadline.
 */
export class Reflector {
  readonly #options: ReflectorOptions
  readonly #book: WatchBook
  readonly #intake: Intake
  readonly #backoff: Backoff
  readonly #stop = new AbortController()
  #position: string | null = null
  #cycle = new AbortController()
  #listingNumber = 0
  #names = new Set<string>()
  #requests: { readonly resolve: (result: ListingResult) => void; readonly reject: (error: unknown) => void }[] = []
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined
  #turnAt: number

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.#book = new WatchBook(options.clock, options.kind, options.stallDeadlineMs, options.onChange)
    this.#intake = new Intake(options)
    this.#backoff = new Backoff(options.random)
    this.#turnAt = options.clock.monotonic()
  }

  get kind(): WantedKind {
    return this.#options.kind
  }

  /** Milliseconds since the loop last turned or heard anything: its heartbeat. */
  get idleMs(): number {
    return Math.min(this.#options.clock.monotonic() - this.#turnAt, this.#book.sinceProofMs)
  }

  status(): WatchStatus {
    return this.#book.status()
  }

  start(): void {
    if (this.#options.kind.disabled === true) return
    this.#running ??= this.#run()
  }

  /** Ends everything; resolves when the stream is closed. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#cycle.abort()
    this.#wake?.()
    await this.#running
    for (const request of this.#requests.splice(0)) request.reject(new BinnacleError('UNAVAILABLE', 'the fabric is no longer watched'))
  }

  /** Lists the kind anew, from the server's own truth, and goes on watching from there. */
  relist(): Promise<ListingResult> {
    if (this.#running === undefined || this.#stop.signal.aborted)
      return Promise.reject(new BinnacleError('UNAVAILABLE', 'this kind is not watched'))
    const { promise, resolve, reject } = Promise.withResolvers<ListingResult>()
    this.#requests.push({ resolve, reject })
    this.#cycle.abort()
    this.#wake?.()
    return promise
  }

  /** The loop: never ends before `stop`, whatever fails; every failure becomes a state with its cause. */
  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      this.#turnAt = this.#options.clock.monotonic()
      this.#cycle = new AbortController()
      try {
        await this.#turn()
      } catch (error) {
        if (this.#stop.signal.aborted) break
        if (this.#cycle.signal.aborted && this.#requests.length > 0) continue
        await this.#failed(error)
      }
    }
  }

  async #turn(): Promise<void> {
    const served = await this.#served()
    const connection = await this.#options.connect()
    const path = this.#path(served)
    const requests = this.#requests.splice(0)
    if (requests.length > 0) {
      try {
        const result = await this.#list(connection, path, 'requested', true)
        for (const request of requests) request.resolve(result)
      } catch (error) {
        for (const request of requests) request.reject(error)
        throw error
      }
    }
    if (this.#position === null) {
      const reason = this.#book.counters.listings === 0 ? 'start' : 'expired'
      if (this.#options.traits.watchList !== false && (await this.#watchList(connection, path, reason))) return
      await this.#list(connection, path, reason, false)
    }
    await this.#watch(connection, path)
  }

  async #served(): Promise<ServedKind> {
    const { discovery, kind } = this.#options
    for (const anew of [false, true]) {
      const served = await discovery.served(anew)
      const same = served.filter((each) => each.group === kind.group && each.plural === kind.plural)
      const found = same.find((each) => each.version === kind.version)
      if (found?.watchable === true) return found
      if (same.length > 0 && anew)
        throw new BinnacleError(
          'KIND_OTHER_VERSION',
          `${kind.plural}.${kind.group} is served as ${same.map(({ version }) => version).join(', ')}, not ${kind.version}`,
        )
    }
    throw new BinnacleError('KIND_NOT_SERVED', `the cluster does not serve ${kind.plural}.${kind.group}/${kind.version}`)
  }

  #path(served: ServedKind): string {
    const { namespace } = this.#options.kind
    const root = served.group === '' ? `/api/${served.version}` : `/apis/${served.group}/${served.version}`
    return served.namespaced && namespace !== undefined
      ? `${root}/namespaces/${encodeURIComponent(namespace)}/${served.plural}`
      : `${root}/${served.plural}`
  }

  /** What to do about a failure: its state, its pause, and whether the place in the history is lost. */
  async #failed(error: unknown): Promise<void> {
    const { clock, random } = this.#options
    const code = errorCodeOf(error)
    if (code === undefined) {
      this.#book.counters.handler_errors += 1
      this.#options.onHandlerError(error)
    }
    this.#book.counters.reconnects += 1
    if (code === 'WATCH_EXPIRED') {
      this.#book.counters.expired += 1
      this.#position = null
      this.#book.enter('retrying', error)
      return this.#pause(random() * 100)
    }
    // A silent stream may have hidden anything, a failed write lost something: only a complete list proves the truth again.
    if (code === 'WATCH_STALLED' || code === 'STORE_UNAVAILABLE' || code === 'CONFLICT' || code === 'INTERNAL' || code === undefined)
      this.#position = null
    const state = (code === undefined ? undefined : STATE_OF[code]) ?? 'retrying'
    this.#book.enter(state, error)
    if (code === 'WATCH_STALLED') return this.#pause(random() * 250)
    if (state === 'forbidden' || state === 'unauthorized') {
      if (code === 'CLUSTER_FORBIDDEN') this.#position = null
      return this.#pause(REFUSED_MS * (0.5 + random() / 2))
    }
    if (state === 'not_served') {
      this.#position = null
      return this.#pause(NOT_SERVED_MS * (0.5 + random() / 2))
    }
    if (this.#book.sinceProofMs < STEADY_MS && clock.monotonic() - this.#turnAt > STEADY_MS) this.#backoff.reset()
    return this.#pause(this.#backoff.next((error as BinnacleError).retryAfterSeconds))
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.after(ms, resolve)
      this.#wake = () => {
        timer.cancel()
        resolve()
      }
      if (this.#stop.signal.aborted || this.#requests.length > 0) this.#wake()
    })
  }

  /** A complete list, cut into items as it streams. `quorum`: from the store of the server, not from its cache. */
  async #list(connection: Connection, path: string, reason: 'start' | 'expired' | 'requested', quorum: boolean): Promise<ListingResult> {
    this.#book.method = 'list'
    const body = await this.#open(connection, path, quorum ? {} : { resourceVersion: '0' }, LIST_MS)
    // What is shown stays true while a list that somebody asked for is read.
    if (reason !== 'requested') this.#book.enter('listing')
    const listing = this.#begin(reason, quorum)
    const cutter = new ItemCutter(this.#options.limits.objectBytes)
    await this.#read(body, async (chunk) => {
      for (const cut of cutter.push(chunk)) {
        if ('tooLong' in cut) await listing.tooLong(cut.tooLong)
        else await listing.text(cut.item)
      }
    })
    const envelope = cutter.end() as { kind?: unknown; metadata?: { resourceVersion?: unknown; continue?: unknown } }
    const status = statusObject(envelope)
    if (status !== undefined) throw answerError(status.code, undefined, JSON.stringify(envelope), connection.server)
    const version = envelope.metadata?.resourceVersion
    if (typeof version !== 'string' || typeof envelope.kind !== 'string' || !envelope.kind.endsWith('List'))
      throw new BinnacleError('CLUSTER_PROTOCOL', `the answer to ${path} is not a list`)
    return listing.end(version)
  }

  /** List and watch in one stream. False: the server does not support it. */
  async #watchList(connection: Connection, path: string, reason: 'start' | 'expired'): Promise<boolean> {
    const { traits } = this.#options
    const query = { ...this.#watchQuery(), sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', resourceVersion: '' }
    let body: Readable
    try {
      body = await this.#open(connection, path, query, WATCH_MS)
    } catch (error) {
      // Servers without the feature answer 422 or 400; those before 1.27 ignore the parameter, see below.
      if (errorCodeOf(error) !== 'CLUSTER_PROTOCOL' || !/ answered (400|422)\b/.test((error as Error).message)) throw error
      traits.watchList = false
      return false
    }
    this.#book.method = 'watch_list'
    this.#book.enter('listing')
    const listing = this.#begin(reason, false)
    let supported: boolean | undefined = traits.watchList
    let writer: FactWriter | undefined
    await this.#readLines(
      body,
      async (type, object) => {
        if (writer !== undefined) return this.#event(writer, type, object)
        if (type === 'BOOKMARK' && isInitialEnd(object)) {
          traits.watchList = supported = true
          this.#book.counters.bookmarks += 1
          const { version } = await listing.end(versionOf(object))
          this.#position = version
          writer = new FactWriter(this.#options.sink)
          this.#live()
          return
        }
        if (type === 'ERROR') throw watchError(object, connection.server)
        if (type === 'ADDED') await listing.object(object)
        else if (type === 'BOOKMARK') this.#book.counters.bookmarks += 1
        else if (type === 'DELETED' || type === 'MODIFIED') await listing.late(type, object)
      },
      (line) => (writer === undefined ? listing.tooLong(line) : this.#tooLong(writer, line)),
      async () => writer?.flush(),
      // A server that ignores `sendInitialEvents` never says that the initial events are over. It would look like a
      // list that does not end; a few silent seconds on a server nobody has seen do it mean: not supported.
      () => (supported === true ? this.#options.stallDeadlineMs : PROBE_MS),
    ).catch(async (error: unknown) => {
      if (writer === undefined) await listing.abort()
      if (supported !== true && errorCodeOf(error) === 'WATCH_STALLED') traits.watchList = supported = false
      else throw error
    })
    if (supported === false) return false
    if (writer === undefined) {
      await listing.abort()
      throw new BinnacleError('CLUSTER_UNREACHABLE', 'the watch ended before its initial events did')
    }
    await writer.settle()
    return true
  }

  async #watch(connection: Connection, path: string): Promise<void> {
    const body = await this.#open(connection, path, { ...this.#watchQuery(), resourceVersion: this.#position ?? '' }, WATCH_MS)
    this.#live()
    const writer = new FactWriter(this.#options.sink)
    await this.#readLines(
      body,
      async (type, object) => {
        if (type === 'ERROR') throw watchError(object, connection.server)
        await this.#event(writer, type, object)
      },
      (line) => this.#tooLong(writer, line),
      () => writer.flush(),
    )
    await writer.settle()
    // The server ended the watch in order; the next one is opened from where this one stood.
  }

  #watchQuery(): Query {
    return { watch: true, allowWatchBookmarks: true, timeoutSeconds: Math.round(WATCH_SECONDS * (1 + this.#options.random())) }
  }

  #live(): void {
    this.#book.proven()
    this.#book.enter('live')
  }

  async #event(writer: FactWriter, type: string, object: unknown): Promise<void> {
    if (type === 'BOOKMARK') {
      this.#book.counters.bookmarks += 1
      this.#moveTo(versionOf(object))
      return
    }
    if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED')
      throw new BinnacleError('CLUSTER_PROTOCOL', `unknown watch event ${cleaned(type).slice(0, 40)}`)
    this.#book.counters.events += 1
    let fact: Fact
    try {
      const taken = this.#intake.take(object)
      if (type === 'DELETED') this.#names.delete(nameOf(taken))
      else this.#names.add(nameOf(taken))
      this.#book.objects = this.#names.size
      this.#moveTo(taken.version)
      fact = type === 'DELETED' ? this.#intake.gone(taken) : this.#intake.put(taken, undefined)
    } catch (error) {
      fact = this.#quarantine(error, JSON.stringify(object).slice(0, 4_096))
      const version = versionIn(object)
      if (version !== undefined) this.#moveTo(version)
    }
    await writer.add(fact)
  }

  #moveTo(version: string): void {
    this.#position = version
    this.#book.resourceVersion = version
  }

  #quarantine(error: unknown, hint: string): Fact {
    this.#book.counters.quarantined += 1
    if (errorCodeOf(error) === undefined) {
      this.#book.counters.handler_errors += 1
      this.#options.onHandlerError(error)
    }
    return this.#intake.setAside(
      errorCodeOf(error) === 'OBJECT_TOO_LARGE' || errorCodeOf(error) === 'OBJECT_MALFORMED'
        ? (error as BinnacleError)
        : new BinnacleError('OBJECT_MALFORMED', 'the object could not be taken in', { cause: error }),
      hint,
    )
  }

  async #tooLong(writer: FactWriter, start: Buffer): Promise<void> {
    await writer.add(this.#quarantine(this.#tooLarge(), start.toString('utf8')))
  }

  #tooLarge(): BinnacleError {
    return new BinnacleError('OBJECT_TOO_LARGE', `a ${this.#options.kind.kind} is larger than ${this.#options.limits.objectBytes} bytes`)
  }

  /** A listing under way: facts between `begin` and `end`, set aside objects counted, names collected anew. */
  #begin(reason: 'start' | 'expired' | 'requested', digested: boolean) {
    const { sink, clock, scope, kind } = this.#options
    const writer = new FactWriter(sink)
    this.#listingNumber += 1
    const id = `${kind.plural}-${this.#listingNumber}-${Math.trunc(this.#options.random() * 2 ** 32).toString(16)}`
    const base = { fact: 'listing' as const, scope, group: kind.group, kind: kind.kind, listing: id }
    const names = new Set<string>()
    const lines: string[] = []
    let count = 0
    let begun: Promise<void> | undefined = writer.add({ ...base, phase: 'begin', reason, observedAt: clock.now() })
    const object = async (value: unknown): Promise<void> => {
      await begun
      begun = undefined
      let fact: Fact
      try {
        const taken = this.#intake.take(value)
        fact = this.#intake.put(taken, id)
        names.add(nameOf(taken))
        count += 1
        if (digested && fact.fact === 'put')
          lines.push(
            `${taken.key.namespace}/${taken.key.name} ${taken.uid} ${createHash('sha256').update(fact.document).digest('base64url')}`,
          )
      } catch (error) {
        fact = this.#quarantine(error, JSON.stringify(value).slice(0, 4_096))
      }
      const room = writer.add(fact)
      if (room !== undefined) await room
    }
    return {
      object,
      text: async (text: Buffer): Promise<void> => {
        let value: unknown
        try {
          value = JSON.parse(text.toString('utf8'))
        } catch {
          // Not JSON: set aside like any other object that cannot be read.
          value = text.subarray(0, 1_024).toString('utf8')
        }
        await object(value)
      },
      tooLong: (start: Buffer): Promise<void> => this.#tooLong(writer, start),
      /** A change that arrives among the initial events: the last state counts, and a deletion is left to the sweep. */
      late: async (type: 'MODIFIED' | 'DELETED', value: unknown): Promise<void> => {
        if (type === 'MODIFIED') return object(value)
        const taken = this.#intake.take(value)
        if (names.delete(nameOf(taken))) count -= 1
        await writer.add(this.#intake.gone(taken))
      },
      end: async (version: string): Promise<ListingResult> => {
        await writer.add({ ...base, phase: 'end', version, observedAt: clock.now() })
        await writer.settle()
        this.#book.counters.listings += 1
        this.#names = names
        this.#book.objects = names.size
        this.#moveTo(version)
        return {
          objects: count,
          version,
          digest: digested
            ? createHash('sha256')
                .update(lines.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join('\n'))
                .digest('hex')
            : null,
        }
      },
      abort: async (): Promise<void> => {
        // Best effort: a listing that is begun again replaces this one anyway.
        await sink.write([{ ...base, phase: 'abort', observedAt: clock.now() }]).catch(() => undefined)
      },
    }
  }

  async #open(connection: Connection, path: string, query: Query, deadlineMs: number): Promise<Readable> {
    const signal = AbortSignal.any([this.#stop.signal, this.#cycle.signal])
    const body = await connection.stream(path, { query, signal, deadlineMs })
    this.#book.proven()
    return body
  }

  /** Reads a body to its end under the stall deadline. */
  async #read(
    body: Readable,
    onChunk: (chunk: Buffer) => Promise<void>,
    stallMs: () => number = () => this.#options.stallDeadlineMs,
  ): Promise<void> {
    const guard = new StallGuard(this.#options.clock, stallMs, (error) => body.destroy(error))
    const stop = (): void => {
      body.destroy(new BinnacleError('UNAVAILABLE', 'stopped'))
    }
    const signal = AbortSignal.any([this.#stop.signal, this.#cycle.signal])
    signal.addEventListener('abort', stop, { once: true })
    try {
      if (signal.aborted) stop()
      for await (const chunk of body as AsyncIterable<Buffer>) {
        guard.heard()
        this.#book.proven()
        await onChunk(chunk)
        // Writing may take longer than the deadline; that is our slowness, not the server's.
        guard.heard()
      }
    } catch (error) {
      throw errorCodeOf(error) === undefined && isNetwork(error) ? networkError(error, 'the connection') : error
    } finally {
      guard.stop()
      signal.removeEventListener('abort', stop)
      body.destroy()
    }
  }

  async #readLines(
    body: Readable,
    onEvent: (type: string, object: unknown) => Promise<void>,
    onLong: (start: Buffer) => Promise<void>,
    onChunkDone: () => Promise<unknown>,
    stallMs?: () => number,
  ): Promise<void> {
    const cutter = new LineCutter(this.#options.limits.objectBytes + LINE_MARGIN)
    await this.#read(
      body,
      async (chunk) => {
        for (const cut of cutter.push(chunk)) {
          if ('tooLong' in cut) {
            await onLong(cut.tooLong)
            continue
          }
          const event = parseLine(cut.line)
          if (event === undefined) await onLong(cut.line.subarray(0, 1_024))
          else await onEvent(event.type, event.object)
        }
        await onChunkDone()
      },
      stallMs,
    )
  }
}

const nameOf = (taken: Taken): string => `${taken.key.namespace}/${taken.key.name}`

function parseLine(line: Buffer): { readonly type: string; readonly object: unknown } | undefined {
  try {
    const value = JSON.parse(line.toString('utf8')) as { type?: unknown; object?: unknown }
    return typeof value === 'object' && value !== null && typeof value.type === 'string'
      ? { type: value.type, object: value.object }
      : undefined
  } catch {
    // A line that is not JSON is set aside by the caller; the watch goes on with the next line.
    return undefined
  }
}

function versionIn(object: unknown): string | undefined {
  const version = (object as { metadata?: { resourceVersion?: unknown } } | null | undefined)?.metadata?.resourceVersion
  return typeof version === 'string' && version !== '' ? version : undefined
}

function versionOf(object: unknown): string {
  const version = versionIn(object)
  if (version === undefined) throw new BinnacleError('CLUSTER_PROTOCOL', 'a bookmark has no resourceVersion')
  return version
}

const isInitialEnd = (object: unknown): boolean =>
  (object as { metadata?: { annotations?: Record<string, string> } } | null)?.metadata?.annotations?.['k8s.io/initial-events-end'] ===
  'true'

function watchError(object: unknown, where: string): BinnacleError {
  const status = statusObject(object)
  if (status === undefined) return new BinnacleError('CLUSTER_PROTOCOL', `${where} sent an ERROR event without a status`)
  return answerError(status.code === 0 ? 500 : status.code, undefined, JSON.stringify(object), where)
}

const isNetwork = (error: unknown): boolean =>
  typeof (error as { code?: unknown } | null)?.code === 'string' ||
  (error instanceof Error && /aborted|terminated|other side closed/i.test(error.message))
