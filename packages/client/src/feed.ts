import { parsePosition, type ClientFrame, type Start } from '@binnacle/protocol'
import type { EventsFrame, ReadFrame } from './server-frames.ts'
import type { SubscriptionHandler, SubscriptionMessage, SubscriptionRequest } from './subscription.ts'
import type { SeenEvents } from './seen-events.ts'

/** What a feed does to the world; handed in by the client. */
export interface FeedPorts {
  /** Sends a frame now; false when there is no connection. */
  send(frame: ClientFrame): boolean
  /** A number never used before, for ids on the wire. */
  nextWireId(): string
  handlerFailed(error: unknown): void
  gap(): void
  duplicates(count: number): void
  lost(): void
}

/**
 * One subscription on its way: which position it has reached, and under which id and number the server knows it now.
 * Its invariant: every event after the start is handed over exactly once and in order, or `lost` is said.
 */
export class Feed {
  readonly id: string
  readonly handler: SubscriptionHandler
  readonly #request: SubscriptionRequest
  readonly #seen: SeenEvents
  readonly #ports: FeedPorts
  #start: Start | undefined
  #position: string | null = null
  #wireId: string | null = null
  #sub: number | null = null
  /** `lost`, refused or ended: nothing is asked until a restart. */
  #stopped = false
  #confirmed: string | null = null
  #caughtUp = false

  /** `seen` is shared by all feeds of one handler. */
  constructor(id: string, request: SubscriptionRequest, handler: SubscriptionHandler, seen: SeenEvents, ports: FeedPorts) {
    this.id = id
    this.handler = handler
    this.#request = request
    this.#start = request.from
    this.#seen = seen
    this.#ports = ports
  }

  /** See {@link FeedPorts}: the server's number, null while it has none. */
  get sub(): number | null {
    return this.#sub
  }

  /** The id of the present attempt on the wire. */
  get wireId(): string | null {
    return this.#wireId
  }

  /** Whether the server has said that it reads live. */
  get caughtUp(): boolean {
    return this.#caughtUp
  }

  /** How far everything was handed over. */
  get position(): string | null {
    return this.#position
  }

  /** Asks the server, from where it stands. */
  open(): void {
    this.#sub = null
    this.#wireId = null
    if (this.#stopped) return
    const wireId = this.#ports.nextWireId()
    const from = this.#position ?? this.#start
    const { filter, channel } = this.#request
    const sent = this.#ports.send({
      type: 'subscribe',
      id: wireId,
      ...(filter === undefined ? {} : { filter }),
      ...(channel === undefined ? {} : { channel }),
      ...(filter === undefined && channel === undefined ? { filter: {} } : {}),
      ...(from === undefined ? {} : { from }),
    })
    if (sent) this.#wireId = wireId
  }

  /** The connection is gone; the position stays. */
  disconnected(): void {
    this.#sub = null
    this.#wireId = null
  }

  /** Leaves the server's side, if it is there. */
  leave(): void {
    if (this.#wireId !== null) this.#ports.send({ type: 'unsubscribe', id: this.#wireId })
    this.disconnected()
    this.#stopped = true
  }

  /** Starts anew at a place of the subscriber's choice. */
  restart(from: Start | undefined): void {
    this.leave()
    this.#stopped = false
    this.#position = null
    this.#confirmed = null
    this.#seen.clear()
    this.#start = from
    this.open()
  }

  /** The receipt to send, when something came since the last one. */
  receipt(): ClientFrame | undefined {
    if (this.#sub === null || this.#position === null || this.#position === this.#confirmed) return undefined
    this.#confirmed = this.#position
    return { type: 'receipt', sub: this.#sub, received: this.#position, applied: this.#position }
  }

  /** Takes a frame that is for this feed. */
  take(frame: Exclude<ReadFrame, undefined>): void {
    switch (frame.type) {
      case 'subscribed':
        this.#sub = frame.sub
        this.#caughtUp = false
        this.#confirmed = null
        // After a reconnect the server starts exactly where we asked; a first start learns its position here.
        this.#position ??= frame.at
        this.#tell({ type: 'subscribed', at: frame.at })
        return
      case 'events':
        this.#takeEvents(frame)
        return
      case 'caught_up':
        this.#caughtUp = true
        this.#tell({ type: 'caught_up', at: frame.at })
        return
      case 'gauges':
        this.#tell({ type: 'gauges', values: frame.values })
        return
      case 'samples':
        this.#tell({ type: 'samples', seen: frame.seen, shown: frame.shown, items: frame.items })
        return
      case 'lost':
        this.disconnected()
        this.#stopped = true
        this.#ports.lost()
        this.#tell({ type: 'lost', reason: frame.reason, oldest: frame.oldest, head: frame.head })
        return
      case 'error':
        this.disconnected()
        this.#stopped = !frame.retry
        this.#tell({ type: 'refused', code: frame.code, message: frame.message, retry: frame.retry })
        return
      case 'welcome':
      case 'heartbeat':
      case 'auth_expiring':
      case 'pong':
        return
    }
  }

  #takeEvents(frame: EventsFrame): void {
    if (frame.from !== this.#position) {
      // A hole, or a server that went back: what came is not used; the log is asked again from where we stand.
      this.#ports.gap()
      const wireId = this.#wireId
      if (wireId !== null) this.#ports.send({ type: 'unsubscribe', id: wireId })
      this.open()
      return
    }
    this.#position = frame.to
    const after = parsePosition(frame.from)?.seq ?? 0
    const fresh = frame.events.filter((event) => event.seq > after && this.#seen.add(`${event.epoch}:${event.seq}`))
    if (fresh.length < frame.events.length) this.#ports.duplicates(frame.events.length - fresh.length)
    if (fresh.length > 0) this.#tell({ type: 'events', events: fresh, from: frame.from, to: frame.to })
    else this.#tell({ type: 'progress', at: frame.to })
  }

  #tell(message: SubscriptionMessage): void {
    try {
      this.handler(message)
    } catch (error) {
      this.#ports.handlerFailed(error)
    }
  }
}
