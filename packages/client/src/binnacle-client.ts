import { comeBackAfter, errorCodeOf, PROTOCOL_VERSION, type ClientFrame, type Clock, type Random } from '@binnacle/protocol'
import { createClientClock } from './client-clock.ts'
import { Feed } from './feed.ts'
import { DEFAULT_BACKOFF, nextLink, STALE_BEATS, type BackoffOptions, type LinkInput, type LinkState } from './link-state.ts'
import { RestError } from './rest-error.ts'
import { SeenEvents } from './seen-events.ts'
import { readServerFrame, type ReadFrame } from './server-frames.ts'
import type { Subscription, SubscriptionHandler, SubscriptionRequest } from './subscription.ts'
import { takersOf } from './takers-of.ts'
import { browserWake, type WakeSource } from './wake.ts'

/** What the client needs of a WebSocket; that of browsers and of Node fits. */
export interface SocketLike {
  addEventListener(type: 'open' | 'error', listener: () => void): void
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void
  addEventListener(type: 'close', listener: (event: { readonly code: number; readonly reason: string }) => void): void
  send(text: string): void
  close(code?: number, reason?: string): void
}

/** What {@link createBinnacleClient} needs. */
export interface ClientOptions {
  /** `ws://…/api/v1/ws`, or `wss://`. */
  readonly url: string
  /** A valid access token; `fresh` asks for one that the server has not refused. A rejection with NOT_AUTHENTICATED ends the link. */
  readonly token: (wish: { readonly fresh: boolean }) => Promise<string>
  /** The constructor of sockets; absent = the platform's. */
  readonly webSocket?: new (url: string) => SocketLike
  readonly clock?: Clock
  readonly random?: Random
  readonly wake?: WakeSource
  readonly backoff?: Partial<BackoffOptions>
  /** Names the program in the server's list of connections. */
  readonly name?: string
  /** Milliseconds between receipts of a subscription; default 2,000. */
  readonly receiptMs?: number
}

/** Figures since the client was made. Times in milliseconds. */
export interface ClientStats {
  /** Connections that reached live. */
  readonly connects: number
  /** Those after the first. */
  readonly reconnects: number
  readonly events: number
  readonly duplicates: number
  readonly gaps: number
  readonly lost: number
  /** Events or frames that this version does not understand. */
  readonly unreadable: number
  /** Errors thrown by handlers. */
  readonly handlerErrors: number
  readonly subscriptions: number
  /** Milliseconds since 1970. */
  readonly lastEventAt: number | null
  /** From "observed" by the server to the handler here, of the newest 1,000 events; both clocks are believed. */
  readonly latencyMs: { readonly last: number; readonly p50: number; readonly p99: number } | null
}

/** A live connection that comes back by itself, and subscriptions that go on where they were. */
export interface BinnacleClient {
  state(): LinkState
  onState(reader: () => void): () => void
  subscribe(request: SubscriptionRequest, handler: SubscriptionHandler): Subscription
  stats(): ClientStats
  /** When something was last heard, on the client's monotonic clock; null = never. */
  silentMs(): number | null
  close(): void
}

/** Opening and authenticating take at most this long. */
export const CONNECT_DEADLINE_MS = 10_000
/** After a wake the server must answer within this time. */
export const WAKE_DEADLINE_MS = 3_000
const SEEN_EVENTS = 20_000
const LATENCIES = 1_000
/** Two refused tokens in a row: a third would be the same. */
const REFUSALS = 2

/** Makes a client and starts to connect. */
export function createBinnacleClient(options: ClientOptions): BinnacleClient {
  return new LiveClient(options)
}

class LiveClient implements BinnacleClient {
  readonly #options: ClientOptions
  readonly #clock: Clock
  readonly #random: Random
  readonly #backoff: BackoffOptions
  readonly #Socket: new (url: string) => SocketLike
  readonly #readers = new Set<() => void>()
  readonly #feeds = new Map<string, Feed>()
  readonly #seen = new Map<SubscriptionHandler, { readonly events: SeenEvents; feeds: number }>()
  readonly #latencies: number[] = []
  readonly #endWake: () => void
  #state: LinkState
  #socket: SocketLike | null = null
  #timer: { cancel(): void } | null = null
  #receipts: { cancel(): void } | null = null
  #heardAt: number | null = null
  #refusals = 0
  #wantFresh = false
  #ids = 0
  #counts = { connects: 0, events: 0, duplicates: 0, gaps: 0, lost: 0, unreadable: 0, handlerErrors: 0 }
  #lastEventAt: number | null = null

  constructor(options: ClientOptions) {
    this.#options = options
    this.#clock = options.clock ?? createClientClock()
    this.#random = options.random ?? Math.random
    this.#backoff = { ...DEFAULT_BACKOFF, ...options.backoff }
    this.#Socket = options.webSocket ?? WebSocket
    this.#state = { step: 'connecting', since: this.#clock.now(), attempt: 0, staleSince: null }
    this.#endWake = (options.wake ?? browserWake)(() => this.#wake())
    this.#entered()
  }

  state(): LinkState {
    return this.#state
  }

  onState(reader: () => void): () => void {
    this.#readers.add(reader)
    return () => this.#readers.delete(reader)
  }

  silentMs(): number | null {
    return this.#heardAt === null ? null : this.#clock.monotonic() - this.#heardAt
  }

  subscribe(request: SubscriptionRequest, handler: SubscriptionHandler): Subscription {
    const id = request.id ?? `subscription-${++this.#ids}`
    if (this.#feeds.has(id)) throw new Error(`there is a subscription ${id} already`)
    const seen = this.#seen.get(handler) ?? { events: new SeenEvents(SEEN_EVENTS), feeds: 0 }
    seen.feeds++
    this.#seen.set(handler, seen)
    const feed = new Feed(id, request, handler, seen.events, {
      send: (frame) => this.#send(frame),
      nextWireId: () => `s${++this.#ids}`,
      handlerFailed: () => this.#counts.handlerErrors++,
      gap: () => this.#counts.gaps++,
      duplicates: (count) => (this.#counts.duplicates += count),
      lost: () => this.#counts.lost++,
    })
    this.#feeds.set(id, feed)
    if (this.#linked()) feed.open()
    return {
      id,
      position: () => feed.position,
      restart: (from) => {
        if (this.#feeds.get(id) === feed) feed.restart(from)
      },
      end: () => {
        if (this.#feeds.get(id) !== feed) return
        feed.leave()
        this.#feeds.delete(id)
        if (--seen.feeds === 0) this.#seen.delete(handler)
      },
    }
  }

  stats(): ClientStats {
    const sorted = [...this.#latencies].sort((a, b) => a - b)
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
    return {
      ...this.#counts,
      reconnects: Math.max(0, this.#counts.connects - 1),
      subscriptions: this.#feeds.size,
      lastEventAt: this.#lastEventAt,
      latencyMs: sorted.length === 0 ? null : { last: this.#latencies.at(-1) ?? 0, p50: at(0.5), p99: at(0.99) },
    }
  }

  close(): void {
    this.#input({ type: 'stop', at: this.#clock.now(), reason: 'closed', code: null })
    this.#endWake()
    this.#readers.clear()
  }

  #linked(): boolean {
    return this.#state.step === 'live' || this.#state.step === 'stale'
  }

  #input(input: LinkInput): void {
    const before = this.#state
    const after = nextLink(before, input, this.#backoff)
    if (after === before) return
    this.#state = after
    // `live` to `live` only moves `heardAt`: readers ask for the age themselves.
    if (after.step !== before.step) {
      this.#entered()
      for (const reader of this.#readers) reader()
    }
  }

  /** What a state does when it begins. */
  #entered(): void {
    this.#timer?.cancel()
    this.#timer = null
    const state = this.#state
    switch (state.step) {
      case 'connecting':
        this.#deadline(CONNECT_DEADLINE_MS)
        this.#connect()
        return
      case 'authenticating':
        this.#deadline(CONNECT_DEADLINE_MS)
        this.#hello(this.#socket)
        return
      case 'live':
        this.#watch(state.heartbeatMs * STALE_BEATS)
        return
      case 'stale':
        // One more heartbeat for an answer to this ping; then the socket is given up.
        this.#send({ type: 'ping', t: this.#clock.now() })
        this.#deadline(state.heartbeatMs)
        return
      case 'waiting':
        this.#drop()
        this.#timer = this.#clock.after(Math.max(0, state.retryAt - state.since), () => this.#input({ type: 'due', at: this.#clock.now() }))
        return
      case 'ended':
        this.#drop()
    }
  }

  #deadline(ms: number): void {
    this.#timer = this.#clock.after(ms, () => this.#silent())
  }

  #silent(): void {
    this.#input({ type: 'silent', at: this.#clock.now(), jitter: this.#random() })
  }

  /** Looks again after `ms`; armed once per silence, not per frame. */
  #watch(ms: number): void {
    this.#timer = this.#clock.after(ms, () => {
      const silent = this.silentMs() ?? ms
      const limit = this.#state.step === 'live' ? this.#state.heartbeatMs * STALE_BEATS : ms
      if (silent >= limit) this.#silent()
      else this.#watch(Math.max(1, limit - silent))
    })
  }

  #wake(): void {
    this.#input({ type: 'wake', at: this.#clock.now() })
    if (this.#state.step !== 'live') return
    // After a sleep the socket may be dead without knowing it: ask, and believe nothing older than the question.
    const asked = this.#clock.monotonic()
    const socket = this.#socket
    this.#send({ type: 'ping', t: this.#clock.now() })
    this.#clock.after(WAKE_DEADLINE_MS, () => {
      if (socket === this.#socket && this.#state.step === 'live' && (this.#heardAt ?? 0) < asked) this.#silent()
    })
  }

  #connect(): void {
    let socket: SocketLike
    try {
      socket = new this.#Socket(this.#options.url)
    } catch (error) {
      this.#input({ type: 'stop', at: this.#clock.now(), reason: `the address cannot be used: ${String(error)}`, code: null })
      return
    }
    this.#socket = socket
    const mine = () => this.#socket === socket
    socket.addEventListener('open', () => {
      if (mine()) this.#input({ type: 'opened', at: this.#clock.now() })
    })
    socket.addEventListener('message', (event) => {
      if (mine() && typeof event.data === 'string') this.#receive(event.data)
    })
    // Errors are always followed by `close`, which carries what is known.
    socket.addEventListener('error', () => undefined)
    socket.addEventListener('close', (event) => {
      if (mine()) this.#closed(event.code, event.reason)
    })
  }

  #closed(code: number, reason: string): void {
    const at = this.#clock.now()
    if (comeBackAfter(code) === 'new_token') {
      this.#wantFresh = true
      if (++this.#refusals >= REFUSALS) {
        this.#input({ type: 'stop', at, reason: reason || 'the server does not accept the token', code })
        return
      }
    }
    this.#input({ type: 'closed', at, code, reason, jitter: this.#random() })
  }

  #hello(socket: SocketLike | null): void {
    this.#withToken(socket, (token) =>
      this.#send({
        type: 'hello',
        protocol: PROTOCOL_VERSION,
        token,
        ...(this.#options.name === undefined ? {} : { client: this.#options.name }),
      }),
    )
  }

  /** Asks for a token and uses it, unless the socket it was for is gone. */
  #withToken(socket: SocketLike | null, use: (token: string) => void): void {
    void this.#useToken(socket, this.#wantFresh, use)
  }

  async #useToken(socket: SocketLike | null, fresh: boolean, use: (token: string) => void): Promise<void> {
    let token: string
    try {
      token = await this.#options.token({ fresh })
    } catch (error) {
      if (socket !== this.#socket) return
      const at = this.#clock.now()
      const refused = errorCodeOf(error) === 'NOT_AUTHENTICATED' || (error instanceof RestError && error.status === 401)
      if (refused) this.#input({ type: 'stop', at, reason: 'signed out', code: null })
      else this.#input({ type: 'closed', at, code: 1006, reason: 'no token could be had', jitter: this.#random() })
      return
    }
    this.#wantFresh = false
    if (socket === this.#socket) use(token)
  }

  #receive(text: string): void {
    this.#heardAt = this.#clock.monotonic()
    this.#input({ type: 'heard', at: this.#clock.now() })
    const frame = readServerFrame(text)
    if (frame === undefined) this.#counts.unreadable++
    else this.#dispatch(frame)
  }

  #dispatch(frame: Exclude<ReadFrame, undefined>): void {
    switch (frame.type) {
      case 'welcome':
        this.#counts.connects++
        this.#refusals = 0
        this.#input({ type: 'welcomed', at: this.#clock.now(), heartbeatMs: frame.heartbeat_ms })
        for (const feed of this.#feeds.values()) feed.open()
        this.#armReceipts()
        return
      case 'subscribed':
      case 'error': {
        const feed = [...this.#feeds.values()].find((each) => each.wireId !== null && each.wireId === frame.id)
        if (feed === undefined) return
        if (frame.type === 'error' && frame.retry) this.#clock.after(1_000 + this.#random() * 1_000, () => this.#reopen(feed))
        feed.take(frame)
        return
      }
      case 'events': {
        const takers = takersOf(this.#feeds.values(), frame)
        if (takers.length === 0) return
        this.#counts.unreadable += frame.unreadable
        if (frame.events.length > 0) this.#measure(frame.events.map((event) => Date.parse(event.metadata.observed_at)))
        for (const feed of takers) feed.take(frame)
        return
      }
      case 'lost':
      case 'caught_up':
      case 'gauges':
      case 'samples':
        for (const feed of takersOf(this.#feeds.values(), frame)) feed.take(frame)
        return
      case 'auth_expiring':
        this.#wantFresh = true
        this.#withToken(this.#socket, (token) => this.#send({ type: 'refresh', token }))
        return
      case 'heartbeat':
      case 'pong':
        return
    }
  }

  #reopen(feed: Feed): void {
    if (this.#feeds.get(feed.id) === feed && feed.wireId === null && this.#linked()) feed.open()
  }

  #measure(observed: readonly number[]): void {
    const now = this.#clock.now()
    this.#counts.events += observed.length
    this.#lastEventAt = now
    for (const at of observed) this.#latencies.push(now - at)
    if (this.#latencies.length > LATENCIES) this.#latencies.splice(0, this.#latencies.length - LATENCIES)
  }

  #armReceipts(): void {
    this.#receipts?.cancel()
    this.#receipts = this.#clock.after(this.#options.receiptMs ?? 2_000, () => {
      for (const feed of this.#feeds.values()) {
        const receipt = feed.receipt()
        if (receipt !== undefined) this.#send(receipt)
      }
      if (this.#linked()) this.#armReceipts()
    })
  }

  #send(frame: ClientFrame): boolean {
    if (this.#socket === null) return false
    try {
      this.#socket.send(JSON.stringify(frame))
      return true
    } catch {
      // The socket is closing; its close event follows and decides what happens.
      return false
    }
  }

  #drop(): void {
    const socket = this.#socket
    this.#socket = null
    this.#receipts?.cancel()
    this.#receipts = null
    for (const feed of this.#feeds.values()) feed.disconnected()
    socket?.close(1000, 'bye')
  }
}
