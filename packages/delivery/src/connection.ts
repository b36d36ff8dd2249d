import type { Duplex } from 'node:stream'
import {
  channelFilter,
  CLOSE_CODES,
  errorCodeOf,
  ERRORS,
  formatPosition,
  parsePosition,
  PROTOCOL_VERSION,
  type ClientFrame,
  type Clock,
  type CloseReason,
  type ConnectionList,
  type ErrorCode,
  type EventLog,
  type Grants,
  type Identity,
  type LostReason,
  type Rights,
} from '@binnacle/protocol'
import type { DeliveryLimits } from './limits.ts'
import type { DeliveryLogger } from './delivery-logger.ts'
import { effectiveFilter } from './effective-filter.ts'
import type { Fanout } from './fanout.ts'
import type { GaugeFeed } from './gauge-feed.ts'
import { Outbox } from './outbox.ts'
import type { ProtocolSocket } from './protocol-socket.ts'
import { readClientFrame } from './read-client-frame.ts'
import { frameBytes } from './shared-frame.ts'
import { Subscription, type Reader, type ReadingPorts } from './subscription.ts'
import { TokenBucket } from './token-bucket.ts'

/** What all connections share. */
export interface ConnectionPorts {
  readonly log: EventLog
  readonly grants: Grants
  readonly clock: Clock
  readonly limits: DeliveryLimits
  readonly logger: DeliveryLogger
  readonly fanout: Fanout
  readonly gauges: GaugeFeed
  readonly reading: ReadingPorts
  /** Takes a place among the user's connections; false = none is free. */
  enter(connection: Connection, identity: Identity): boolean
  subscriptionsOf(userId: string): number
  mayReplay(userId: string): boolean
  left(connection: Connection, reason: CloseReason | null): void
}

/** Frames that wait while one is worked on. */
const INBOX = 256
/** A closed connection whose peer does not answer is cut after this many milliseconds. */
const CLOSE_MS = 2_000

/** One WebSocket from its upgrade to its end. */
export class Connection implements Reader {
  readonly id: string
  readonly outbox: Outbox
  readonly #ws: ProtocolSocket
  readonly #ports: ConnectionPorts
  readonly #address: string
  readonly #since: number
  readonly #bucket: TokenBucket
  readonly #subscriptions = new Map<string, Subscription>()
  readonly #inbox: ClientFrame[] = []
  readonly #timers: { hello: { cancel(): void }; expiry: { cancel(): void } | null; expiring: { cancel(): void } | null }
  #working = false
  #identity: Identity | null = null
  #rights: Rights | null = null
  #heardAt: number
  #pingAt: number | null = null
  #closed = false

  constructor(id: string, ws: ProtocolSocket, socket: Duplex, address: string, ports: ConnectionPorts) {
    this.id = id
    this.#ws = ws
    this.#ports = ports
    this.#address = address
    const { clock, limits } = ports
    const now = clock.monotonic()
    this.#since = clock.now()
    this.#heardAt = now
    this.#bucket = new TokenBucket(limits.inboundBurst, limits.inboundPerSecond, now)
    this.outbox = new Outbox(
      socket,
      () => clock.monotonic(),
      () => {
        for (const subscription of this.#subscriptions.values()) subscription.read()
      },
    )
    this.#timers = {
      hello: clock.after(limits.helloMs, () => this.close('not_authenticated', 'no hello in time')),
      expiry: null,
      expiring: null,
    }
    ws.limitFrames(limits.helloBytes)
    ws.on('message', (data: Buffer, binary: boolean) => this.#message(data, binary))
    ws.on('ping', (data: Buffer) => {
      if (this.#pay(1 + data.length / 1_024)) ws.pong(data)
    })
    ws.on('pong', () => this.#heard())
    ws.on('error', (error) => ports.logger.info({ connection: id, error: error.message }, 'a connection broke the rules of WebSocket'))
    ws.on('close', () => this.#gone(null))
  }

  get user(): string {
    return this.#identity?.userId ?? ''
  }

  /** Who it is; null before `hello`. */
  get identity(): Identity | null {
    return this.#identity
  }

  /** Subscriptions it has. */
  get subscriptions(): number {
    return this.#subscriptions.size
  }

  /** Subscriptions that are not served live. */
  get lagging(): number {
    return [...this.#subscriptions.values()].filter((subscription) => subscription.lagSince !== null).length
  }

  maySend(): boolean {
    if (this.#closed || this.#identity === null) return false
    const { expiresAt } = this.#identity
    return expiresAt === null || this.#ports.clock.now() < expiresAt
  }

  lose(subscription: Subscription, reason: LostReason): void {
    this.#remove(subscription)
    this.#tellLost(subscription.group.sub, reason)
  }

  readFailed(error: unknown): void {
    this.#ports.logger.warn({ connection: this.id, error: String(error) }, 'the log could not be read for a connection')
    this.close('server_fault', 'the log cannot be read')
  }

  /** The connection as the list shows it. */
  view(): ConnectionList['connections'][number] {
    return {
      id: this.id,
      user: this.#identity?.userName ?? '',
      transport: 'websocket',
      since: new Date(this.#since).toISOString(),
      last_pong_ms: Math.max(0, Math.round(this.#ports.clock.monotonic() - this.#heardAt)),
      frames: this.outbox.frames,
      bytes: this.outbox.bytes,
      behind: Math.max(0, this.#ports.fanout.seen - this.#leastCursor()),
      subscriptions: this.#subscriptions.size,
      lagging: this.lagging > 0,
      address: this.#address,
    }
  }

  /** The rights of somebody changed: what no longer holds ends now, with a reason, and what waited for it is dropped. */
  rightsChanged(): void {
    const identity = this.#identity
    if (identity === null || this.#closed) return
    const rights = this.#ports.grants.rightsOf(identity)
    if (rights === undefined) this.close('not_authenticated', 'the sign-in has ended')
    else this.#apply(rights)
  }

  /** The log began anew. */
  loseAll(reason: LostReason): void {
    for (const subscription of this.#subscriptions.values()) this.lose(subscription, reason)
  }

  /** Every heartbeat: says where the head is, asks for a sign of life, and looks at the deadlines. */
  beat(frame: Buffer): void {
    if (this.#closed || this.#identity === null) return
    const { clock, limits, fanout } = this.#ports
    const now = clock.monotonic()
    if (!this.maySend()) {
      this.close('not_authenticated', 'the token has expired')
      return
    }
    this.rightsChanged()
    const behind = [...this.#subscriptions.values()].some(
      (subscription) => subscription.lagSince !== null && fanout.times.behindMs(subscription.cursor, now) > limits.slowMs,
    )
    if (behind || this.outbox.stalledMs(now) > limits.slowMs) {
      const last = formatPosition({ epoch: fanout.epoch, seq: this.#leastCursor() })
      this.close('too_slow', `last ${last}`)
      return
    }
    // While data waits for the reader a ping waits behind it: then the deadline for slow readers is the one that counts.
    if (this.outbox.congested) this.#pingAt = null
    else {
      if (this.#pingAt !== null && now - this.#pingAt >= limits.pongMs) {
        this.close('heartbeat_missed', 'no pong in time')
        return
      }
      this.outbox.send(frame, null)
    }
    if (this.#pingAt === null) this.#pingAt = now
    this.#ws.ping()
  }

  /** Ends it. What waits is not sent any more. */
  close(reason: CloseReason, detail: string): void {
    if (this.#closed) return
    this.outbox.drop()
    const entry = CLOSE_CODES[reason]
    this.#ws.close(entry.code, `${entry.text}: ${detail}`.slice(0, 120))
    this.#gone(reason)
    const ws = this.#ws
    this.#ports.clock.after(CLOSE_MS, () => ws.terminate())
  }

  /** Cuts it without a word. */
  terminate(): void {
    this.#ws.terminate()
  }

  #gone(reason: CloseReason | null): void {
    if (this.#closed) return
    this.#closed = true
    this.#timers.hello.cancel()
    this.#timers.expiry?.cancel()
    this.#timers.expiring?.cancel()
    for (const subscription of this.#subscriptions.values()) this.#remove(subscription)
    this.#ports.left(this, reason)
  }

  #leastCursor(): number {
    let least = this.#ports.fanout.seen
    for (const subscription of this.#subscriptions.values()) least = Math.min(least, subscription.cursor)
    return least
  }

  #heard(): void {
    this.#heardAt = this.#ports.clock.monotonic()
    this.#pingAt = null
  }

  #pay(cost: number): boolean {
    if (this.#closed) return false
    if (this.#bucket.take(cost, this.#ports.clock.monotonic())) return true
    this.close('rate_limited', 'too many frames')
    return false
  }

  #message(data: Buffer, binary: boolean): void {
    this.#heard()
    if (!this.#pay(1 + Math.floor(data.length / 1_024))) return
    if (binary) {
      this.close('bad_frame', 'frames are text')
      return
    }
    const frame = readClientFrame(data.toString('utf8'), this.#ports.limits.jsonDepth)
    if (typeof frame === 'string') {
      this.close('bad_frame', frame)
      return
    }
    this.#inbox.push(frame)
    if (this.#inbox.length > INBOX) this.close('rate_limited', 'too many frames at once')
    else if (!this.#working) void this.#work()
  }

  /** Frames are answered one after the other, in their order. */
  async #work(): Promise<void> {
    this.#working = true
    try {
      for (let frame = this.#inbox.shift(); frame !== undefined && !this.#closed; frame = this.#inbox.shift()) await this.#answer(frame)
    } catch (error) {
      this.#ports.logger.warn({ connection: this.id, error: String(error) }, 'a frame could not be answered')
      this.close('server_fault', 'the frame could not be answered')
    } finally {
      this.#working = false
    }
  }

  async #answer(frame: ClientFrame): Promise<void> {
    if (this.#identity === null && frame.type !== 'hello') {
      this.close('not_authenticated', 'hello comes first')
      return
    }
    switch (frame.type) {
      case 'hello':
        await this.#hello(frame)
        return
      case 'subscribe':
        await this.#subscribe(frame)
        return
      case 'unsubscribe': {
        const subscription = this.#subscriptions.get(frame.id)
        if (subscription !== undefined) this.#remove(subscription)
        return
      }
      case 'refresh':
        await this.#refresh(frame.token)
        return
      case 'receipt':
        this.#receipt(frame)
        return
      case 'ping':
        this.outbox.send(frameBytes({ type: 'pong', t: frame.t }), null)
        return
    }
  }

  async #authenticate(token: string): Promise<Identity | null> {
    try {
      return await this.#ports.grants.authenticate(token)
    } catch (error) {
      if (errorCodeOf(error) !== 'NOT_AUTHENTICATED') throw error
      this.close('not_authenticated', 'the token is not accepted')
      return null
    }
  }

  async #hello(frame: Extract<ClientFrame, { type: 'hello' }>): Promise<void> {
    if (this.#identity !== null || frame.protocol !== PROTOCOL_VERSION) {
      this.close('bad_frame', this.#identity === null ? `protocol ${PROTOCOL_VERSION} is spoken here` : 'hello comes once')
      return
    }
    const identity = await this.#authenticate(frame.token)
    if (identity === null || this.#closed) return
    const rights = this.#ports.grants.rightsOf(identity)
    if (rights === undefined) {
      this.close('not_authenticated', 'the sign-in has ended')
      return
    }
    if (!this.#ports.enter(this, identity)) {
      this.close('too_many_connections', 'of this user')
      return
    }
    this.#timers.hello.cancel()
    this.#identity = identity
    this.#rights = rights
    this.#armExpiry()
    const { limits, log } = this.#ports
    this.#ws.limitFrames(limits.frameBytes)
    const { epoch, head } = log.state()
    this.outbox.send(
      frameBytes({
        type: 'welcome',
        connection: this.id,
        user: identity.userName,
        epoch,
        head: formatPosition({ epoch, seq: head }),
        heartbeat_ms: limits.heartbeatMs,
        limits: { max_frame_bytes: limits.frameBytes, max_subscriptions: limits.subscriptionsPerConnection },
      }),
      null,
    )
  }

  /** Long waits are taken in parts: a timer holds at most 2^31 ms, and the wall clock may be set. */
  #armExpiry(): void {
    this.#timers.expiry?.cancel()
    this.#timers.expiring?.cancel()
    const { clock, limits } = this.#ports
    const expiresAt = this.#identity?.expiresAt ?? null
    if (expiresAt === null) return
    const leftMs = expiresAt - clock.now()
    if (leftMs <= 0) {
      this.close('not_authenticated', 'the token has expired')
      return
    }
    this.#timers.expiry = clock.after(Math.min(leftMs, 86_400_000), () => this.#armExpiry())
    this.#timers.expiring = clock.after(Math.min(Math.max(0, leftMs - limits.expiringMs), 86_400_000), () => {
      const inMs = expiresAt - clock.now()
      if (inMs <= limits.expiringMs && !this.#closed)
        this.outbox.send(frameBytes({ type: 'auth_expiring', in_ms: Math.max(0, inMs) }), null)
    })
  }

  async #refresh(token: string): Promise<void> {
    const identity = await this.#authenticate(token)
    if (identity === null || this.#closed) return
    if (identity.userId !== this.#identity?.userId) {
      this.close('forbidden', 'the token is of somebody else')
      return
    }
    const rights = this.#ports.grants.rightsOf(identity)
    if (rights === undefined) {
      this.close('not_authenticated', 'the sign-in has ended')
      return
    }
    this.#identity = identity
    this.#armExpiry()
    this.#apply(rights)
  }

  #apply(rights: Rights): void {
    const before = this.#rights
    this.#rights = rights
    if (before === rights) return
    for (const subscription of this.#subscriptions.values()) {
      const { filter, rightsText } = subscription.group.effective
      if (effectiveFilter(filter, rights).rightsText !== rightsText) this.lose(subscription, 'rights')
    }
  }

  #refuse(id: string, code: ErrorCode, message: string): void {
    this.outbox.send(frameBytes({ type: 'error', code, message, retry: ERRORS[code].retry, id }), null)
  }

  async #subscribe(frame: Extract<ClientFrame, { type: 'subscribe' }>): Promise<void> {
    const { limits, log, fanout, reading, gauges } = this.#ports
    const { id, filter, channel, from } = frame
    if (filter !== undefined && channel !== undefined) return this.#refuse(id, 'BAD_REQUEST', 'a filter or a channel, not both')
    if (this.#subscriptions.has(id)) return this.#refuse(id, 'CONFLICT', 'there is a subscription of that id')
    if (this.#subscriptions.size >= limits.subscriptionsPerConnection)
      return this.#refuse(id, 'RATE_LIMITED', 'too many subscriptions on this connection')
    if (this.#ports.subscriptionsOf(this.user) >= limits.subscriptionsPerUser)
      return this.#refuse(id, 'RATE_LIMITED', 'too many subscriptions of this user')
    const wanted = channel === undefined ? (filter ?? {}) : channelFilter(channel)
    if (from !== undefined && !this.#ports.mayReplay(this.user)) return this.#refuse(id, 'RATE_LIMITED', 'too many replays')
    const at = await log.resolve(from)
    if (this.#closed || this.#rights === null) return
    // Decided with the rights of now, after the wait.
    const effective = effectiveFilter(wanted, this.#rights)
    if (effective.rights.grants.length === 0) return this.#refuse(id, 'FORBIDDEN', 'nothing of this may be seen')
    if ('lost' in at) {
      const sub = fanout.groups.loneSub()
      this.outbox.send(frameBytes({ type: 'subscribed', id, sub, at: formatPosition({ epoch: log.state().epoch, seq: at.head }) }), null)
      this.#tellLost(sub, at.lost)
      return
    }
    if (fanout.groups.size >= limits.groups) return this.#refuse(id, 'RATE_LIMITED', 'too many different subscriptions')
    const own = new Set([...this.#subscriptions.values()].map((each) => each.group))
    const group = fanout.groups.hold(effective, fanout.seen, (each) => own.has(each))
    const subscription = new Subscription(id, group, this, reading, at.seq)
    this.#subscriptions.set(id, subscription)
    this.outbox.send(frameBytes({ type: 'subscribed', id, sub: group.sub, at: formatPosition(at) }), null)
    gauges.greet(subscription)
    subscription.start()
  }

  #tellLost(sub: number, reason: LostReason): void {
    if (this.#closed) return
    const { epoch, head, oldest } = this.#ports.log.state()
    this.outbox.send(
      frameBytes({
        type: 'lost',
        sub,
        reason,
        oldest: formatPosition({ epoch, seq: oldest }),
        head: formatPosition({ epoch, seq: head }),
      }),
      null,
    )
  }

  #remove(subscription: Subscription): void {
    if (!this.#subscriptions.delete(subscription.id)) return
    subscription.end()
    this.#ports.fanout.groups.release(subscription.group)
  }

  /** A receipt never moves anything on our side; one that claims what was not sent is not of the protocol. */
  #receipt(frame: Extract<ClientFrame, { type: 'receipt' }>): void {
    const subscription = [...this.#subscriptions.values()].find((each) => each.group.sub === frame.sub)
    // It may speak of a subscription that ended while it was on its way.
    if (subscription === undefined) return
    const received = parsePosition(frame.received)
    const applied = parsePosition(frame.applied)
    const { epoch } = this.#ports.fanout
    if (received?.epoch !== epoch || applied?.epoch !== epoch || applied.seq > received.seq || received.seq > subscription.cursor)
      this.close('bad_frame', 'a receipt for what was not sent')
    else subscription.received = received.seq
  }
}
