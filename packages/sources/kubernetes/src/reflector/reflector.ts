import { BinnacleError, errorCodeOf, type WatchState, type WatchStatus } from '@binnacle/protocol'
import type { Readable } from 'node:stream'
import { answerError, statusObject } from '../connection/classify.ts'
import type { Connection, Query } from '../connection/connection.ts'
import { ItemCutter } from '../cutting/item-cutter.ts'
import type { Discovery } from '../discovery/discovery.ts'
import { collectionPath, findServed } from '../discovery/find-served.ts'
import type { WantedKind } from '../discovery/served-kind.ts'
import { Backoff } from './backoff.ts'
import { readBody, readLines, type BodyReading } from './body-reader.ts'
import { FactWriter } from './fact-writer.ts'
import { planAfter, type Phase } from './failure-plan.ts'
import { KindMirror, type KindMirrorOptions } from './kind-mirror.ts'
import type { Listing, ListingReason, ListingResult } from './listing.ts'
import { WatchBook } from './watch-book.ts'
import { isInitialEnd, unknownEvent, versionOf, watchError } from './watch-event.ts'

/** What a server was found to support; shared by the reflectors of one fabric. */
export interface ServerTraits {
  /** Undefined until somebody tried. */
  watchList: boolean | undefined
}

/** What one reflector needs. */
export interface ReflectorOptions extends KindMirrorOptions {
  readonly connect: () => Promise<Connection>
  /** The connection's credential or certificate was refused: obtain it anew. */
  readonly renew: () => void
  readonly discovery: Discovery
  readonly traits: ServerTraits
  readonly stallDeadlineMs: number
  readonly onChange: (status: WatchStatus, before: WatchState) => void
}

/** Server-side end of a watch, seconds: client-go asks for a random 5 to 10 minutes, so that watches do not end together. */
const WATCH_SECONDS = 300
/** A list must begin to answer within this time: a cold cache of a large cluster takes a while. */
const LIST_MS = 60_000
/** A watch must answer its headers within this time. */
const WATCH_MS = 30_000
/** A connection that lived this long was fine; the next failure starts with a short pause again. */
const STEADY_MS = 10_000
/** A watch that the server ends sooner than this, with nothing in it, is no watch (client-go: "very short watch"). */
const SHORT_MS = 1_000
/** A server nobody has seen do watch-lists must go on talking until the initial events are over. */
const PROBE_MS = 3_000
/** A JSON value around the object in a watch line. Bytes. */
const LINE_MARGIN = 4_096

interface Request {
  readonly resolve: (result: ListingResult) => void
  readonly reject: (error: unknown) => void
}

/**
 * Mirrors one kind of one cluster into facts: lists, watches, and knows when it has lost its place (after client-go's
 * tools/cache/reflector.go). It keeps no copy: only the position and the names. `live` is said after the server's 200
 * and the commit of a complete listing, and only while proof arrives within the stall deadline.
 */
export class Reflector {
  readonly #options: ReflectorOptions
  readonly #book: WatchBook
  readonly #mirror: KindMirror
  readonly #backoff: Backoff
  readonly #stop = new AbortController()
  #phase: Phase = 'opening'
  #cycle = new AbortController()
  #requests: Request[] = []
  #running: Promise<void> | undefined
  #wake: (() => void) | undefined
  #turnAt: number

  constructor(options: ReflectorOptions) {
    this.#options = options
    this.#book = new WatchBook(options.clock, options.kind, options.stallDeadlineMs, options.onChange)
    this.#mirror = new KindMirror(options, this.#book)
    this.#backoff = new Backoff(options.random)
    this.#turnAt = options.clock.monotonic()
  }

  get kind(): WantedKind {
    return this.#options.kind
  }

  status(): WatchStatus {
    return this.#book.status()
  }

  /** Says so when "live" has outlived its proof: called by the source's own clock, so that a hung loop cannot hide. */
  judge(): void {
    this.#book.judge()
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
    this.#refuse(new BinnacleError('UNAVAILABLE', 'the fabric is no longer watched'))
  }

  /** Lists the kind anew, from the server's own truth, and goes on watching from there. Rejects when that fails. */
  relist(): Promise<ListingResult> {
    if (this.#running === undefined || this.#stop.signal.aborted)
      return Promise.reject(new BinnacleError('UNAVAILABLE', 'this kind is not watched'))
    const { promise, resolve, reject } = Promise.withResolvers<ListingResult>()
    this.#requests.push({ resolve, reject })
    this.#cycle.abort()
    this.#wake?.()
    return promise
  }

  #refuse(error: unknown): void {
    for (const request of this.#requests.splice(0)) request.reject(error)
  }

  /** The loop: never ends before `stop`, whatever fails; every failure becomes a state with its cause. */
  async #run(): Promise<void> {
    const { clock, onHandlerError } = this.#options
    while (!this.#stop.signal.aborted) {
      this.#turnAt = clock.monotonic()
      this.#cycle = new AbortController()
      this.#phase = 'opening'
      try {
        await this.#turn()
      } catch (error) {
        if (this.#stop.signal.aborted) break
        if (this.#cycle.signal.aborted && this.#requests.length > 0) continue
        try {
          await this.#failed(error)
        } catch (fault) {
          // Even our own handling of failures may not end the loop.
          onHandlerError(fault)
          await this.#pause(this.#backoff.next())
        }
      }
    }
  }

  async #turn(): Promise<void> {
    const { traits, discovery } = this.#options
    const served = await findServed(discovery, this.#options.kind)
    const connection = await this.#options.connect()
    const path = collectionPath(served, this.#options.kind.namespace)
    const requests = this.#requests.splice(0)
    if (requests.length > 0) {
      try {
        const result = await this.#list(connection, path, 'requested')
        for (const request of requests) request.resolve(result)
      } catch (error) {
        for (const request of requests) request.reject(error)
        throw error
      }
    }
    if (this.#mirror.position === null) {
      const reason = this.#book.counters.listings === 0 ? 'start' : 'expired'
      // Servers before 1.27 ignore the parameter and never say that the initial events are over.
      if (discovery.minorVersion !== undefined && discovery.minorVersion < 27) traits.watchList ??= false
      if (traits.watchList !== false && (await this.#watchList(connection, path, reason))) return
      await this.#list(connection, path, reason)
    }
    await this.#watch(connection, path)
  }

  /** What a failure means is in its plan; here it is carried out. */
  async #failed(error: unknown): Promise<void> {
    const { clock, random, onHandlerError } = this.#options
    const code = errorCodeOf(error)
    const plan = planAfter(error, this.#phase)
    this.#refuse(error)
    if (code === undefined) {
      this.#book.counters.handler_errors += 1
      onHandlerError(error)
    }
    if (code === 'CLUSTER_UNAUTHORIZED' || code === 'CLUSTER_TLS') this.#options.renew()
    if (code === 'WATCH_EXPIRED') this.#book.counters.expired += 1
    this.#book.counters.reconnects += 1
    if (plan.losesPlace) this.#mirror.position = null
    this.#book.enter(plan.state, error)
    const steady = this.#book.sinceProofMs < STEADY_MS && clock.monotonic() - this.#turnAt > STEADY_MS
    if (steady) this.#backoff.reset()
    if (plan.pause === 'backoff' || plan.retryAfterSeconds !== undefined) return this.#pause(this.#backoff.next(plan.retryAfterSeconds))
    return this.#pause(plan.pause.atLeast + random() * (plan.pause.upTo - plan.pause.atLeast))
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

  /**
   * A complete list, cut into items as it streams. A requested one comes from the server's store, others from its cache
   * (resourceVersion 0, unpaged: pages took three to four times longer).
   */
  async #list(connection: Connection, path: string, reason: ListingReason): Promise<ListingResult> {
    const body = await this.#open(connection, path, reason === 'requested' ? {} : { resourceVersion: '0' }, LIST_MS)
    const listing = await this.#mirror.begin(reason, 'list')
    try {
      const cutter = new ItemCutter(this.#options.limits.objectBytes)
      await readBody(body, this.#reading(), async (chunk) => {
        for (const cut of cutter.push(chunk)) {
          const room = 'tooLong' in cut ? listing.setAside('OBJECT_TOO_LARGE', cut.tooLong) : listing.text(cut.item)
          if (room !== undefined) await room
        }
      })
      const envelope = cutter.end() as { kind?: unknown; metadata?: { resourceVersion?: unknown } }
      const status = statusObject(envelope)
      if (status !== undefined) throw answerError(status.code, undefined, JSON.stringify(envelope), connection.server)
      const version = envelope.metadata?.resourceVersion
      if (typeof version !== 'string' || typeof envelope.kind !== 'string' || !envelope.kind.endsWith('List'))
        throw new BinnacleError('CLUSTER_PROTOCOL', `the answer to ${path} is not a list`)
      return await this.#mirror.complete(listing, version)
    } catch (error) {
      await listing.abort()
      throw error
    }
  }

  /** List and watch in one stream. False: the server does not support it. */
  async #watchList(connection: Connection, path: string, reason: ListingReason): Promise<boolean> {
    const { traits } = this.#options
    const query = { ...this.#watchQuery(), sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', resourceVersion: '' }
    let body: Readable
    try {
      body = await this.#open(connection, path, query, WATCH_MS)
    } catch (error) {
      // Servers that know the parameter and have the feature switched off answer 422 or 400.
      if (errorCodeOf(error) !== 'CLUSTER_PROTOCOL' || !/ answered (400|422)\b/.test((error as Error).message)) throw error
      traits.watchList = false
      return false
    }
    const listing = await this.#mirror.begin(reason, 'watch_list')
    const probing = traits.watchList === undefined
    let writer: FactWriter | undefined
    try {
      await readLines(
        body,
        this.#reading(probing ? PROBE_MS : undefined, () => writer !== undefined),
        this.#lineBytes,
        {
          event: (type, object) => {
            if (type === 'ERROR') throw watchError(object, connection.server)
            if (writer !== undefined) return this.#mirror.event(writer, type, object)
            if (type === 'ADDED' || type === 'MODIFIED') return listing.object(object)
            if (type === 'DELETED') return listing.deleted(object)
            if (type !== 'BOOKMARK') throw unknownEvent(type)
            this.#book.counters.bookmarks += 1
            if (!isInitialEnd(object)) return undefined
            traits.watchList = true
            return this.#completed(listing, versionOf(object), () => {
              writer = new FactWriter(this.#options.sink, (error) => body.destroy(error))
              this.#mirror.live()
            })
          },
          setAside: (code, start) => (writer === undefined ? listing.setAside(code, start) : this.#mirror.setAside(writer, code, start)),
          pause: async () => writer?.flush(),
        },
      )
      if (writer === undefined) throw new BinnacleError('CLUSTER_UNREACHABLE', 'the watch ended before its initial events did')
      await this.#settled(writer)
      return true
    } catch (error) {
      if (writer !== undefined) await this.#settled(writer)
      else await listing.abort()
      // A server that ignores `sendInitialEvents` looks like a list that does not end.
      if (!probing || writer !== undefined || errorCodeOf(error) !== 'WATCH_STALLED') throw error
      traits.watchList = false
      return false
    }
  }

  async #watch(connection: Connection, path: string): Promise<void> {
    const begun = this.#options.clock.monotonic()
    const body = await this.#open(connection, path, { ...this.#watchQuery(), resourceVersion: this.#mirror.position ?? '' }, WATCH_MS)
    const writer = new FactWriter(this.#options.sink, (error) => body.destroy(error))
    let heard = false
    this.#mirror.live()
    try {
      await readLines(body, this.#reading(), this.#lineBytes, {
        event: (type, object) => {
          if (type === 'ERROR') throw watchError(object, connection.server)
          heard = true
          return this.#mirror.event(writer, type, object)
        },
        setAside: (code, start) => this.#mirror.setAside(writer, code, start),
        pause: () => writer.flush(),
      })
    } finally {
      // What was seen before the stream broke must be kept, or the place is not ours any more.
      await this.#settled(writer)
    }
    // The server ended the watch in order; the next one is opened from where this one stood.
    if (this.#options.clock.monotonic() - begun >= SHORT_MS) return
    if (!heard) throw new BinnacleError('CLUSTER_UNREACHABLE', 'the server ends every watch at once')
    await this.#pause(this.#backoff.next())
  }

  /** Waits for all that was written; when any of it failed the place is lost. */
  async #settled(writer: FactWriter): Promise<void> {
    try {
      await writer.settle()
    } catch (error) {
      this.#mirror.position = null
      throw error
    }
  }

  #watchQuery(): Query {
    return { watch: true, allowWatchBookmarks: true, timeoutSeconds: Math.round(WATCH_SECONDS * (1 + this.#options.random())) }
  }

  get #lineBytes(): number {
    return this.#options.limits.objectBytes + LINE_MARGIN
  }

  async #completed(listing: Listing, version: string, then: () => void): Promise<void> {
    await this.#mirror.complete(listing, version)
    then()
  }

  async #open(connection: Connection, path: string, query: Query, deadlineMs: number): Promise<Readable> {
    this.#phase = 'opening'
    const body = await connection.stream(path, { query, signal: this.#cycle.signal, deadlineMs })
    this.#phase = 'reading'
    this.#book.proven()
    return body
  }

  /** How bodies are read; `probeMs` is the deadline until `proven` says that it need not be so short. */
  #reading(probeMs?: number, past: () => boolean = () => false): BodyReading {
    const { clock, stallDeadlineMs } = this.#options
    return {
      clock,
      stallMs: () => (probeMs === undefined || past() ? stallDeadlineMs : Math.min(probeMs, stallDeadlineMs)),
      signal: this.#cycle.signal,
      proven: () => this.#book.proven(),
    }
  }
}
