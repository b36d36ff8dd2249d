import type { Clock, FactSink, ObjectKey } from '@binnacle/protocol'

/** How often the deadlines are looked at: fine enough for deadlines of a minute, and one timer for all switches. */
const LOOK_MS = 1_000

/** Judgement about a sender of heartbeats. */
export type HeartbeatState = 'fresh' | 'silent'

interface Sender {
  readonly key: ObjectKey
  heartbeat: string
  /** Monotonic milliseconds: when its heartbeat last moved. */
  movedAt: number
  /** What the row says; undefined = not told yet since our start. */
  told: HeartbeatState | undefined
}

/** What a watch of heartbeats needs. */
export interface HeartbeatWatchOptions {
  readonly clock: Clock
  readonly sink: FactSink
  /** Milliseconds without a moved heartbeat after which a sender is silent; asked per scope. */
  readonly deadlineMs: (scope: string) => number
  readonly onError: (error: unknown) => void
}

/**
 * Finds senders that fell silent. No event ever arrives when a switch dies, so only a timer can tell. Our monotonic
 * clock decides, by when a heartbeat last *moved*: the switch's own clock may be anywhere, and a list that repeats an
 * old heartbeat is no sign of life. After our start every sender has one whole deadline to be heard.
 */
export class HeartbeatWatch {
  readonly #options: HeartbeatWatchOptions
  readonly #senders = new Map<string, Sender>()
  #timer: { cancel(): void } | undefined
  #closed = false
  #lookedAt: number

  constructor(options: HeartbeatWatchOptions) {
    this.#options = options
    this.#lookedAt = options.clock.monotonic()
    this.#arm()
  }

  /** Milliseconds since the loop last looked: its own heartbeat. */
  get idleMs(): number {
    return this.#options.clock.monotonic() - this.#lookedAt
  }

  get senders(): number {
    return this.#senders.size
  }

  /** A heartbeat as the object carries it. The first one we see proves nothing about now; a moved one does. */
  beat(key: ObjectKey, heartbeat: string): void {
    const id = JSON.stringify([key.scope, key.kind, key.name])
    const known = this.#senders.get(id)
    const now = this.#options.clock.monotonic()
    if (known === undefined) {
      this.#senders.set(id, { key, heartbeat, movedAt: now, told: undefined })
    } else if (known.heartbeat !== heartbeat) {
      known.heartbeat = heartbeat
      known.movedAt = now
      if (known.told !== 'fresh') this.#tell(known, 'fresh')
    }
  }

  /** The sender is gone. */
  remove(key: ObjectKey): void {
    this.#senders.delete(JSON.stringify([key.scope, key.kind, key.name]))
  }

  /** All senders of a scope are gone. */
  forget(scope: string): void {
    for (const [id, sender] of this.#senders) if (sender.key.scope === scope) this.#senders.delete(id)
  }

  close(): void {
    this.#closed = true
    this.#timer?.cancel()
  }

  #arm(): void {
    this.#timer = this.#options.clock.after(LOOK_MS, () => {
      if (this.#closed) return
      this.#look()
      this.#arm()
    })
  }

  #look(): void {
    const now = this.#options.clock.monotonic()
    this.#lookedAt = now
    for (const sender of this.#senders.values()) {
      if (sender.told !== 'silent' && now - sender.movedAt > this.#options.deadlineMs(sender.key.scope)) this.#tell(sender, 'silent')
    }
  }

  #tell(sender: Sender, state: HeartbeatState): void {
    const before = sender.told
    sender.told = state
    const { clock, sink, onError } = this.#options
    const observedAt = clock.now()
    const since = observedAt - Math.round(clock.monotonic() - sender.movedAt)
    sink.write([{ fact: 'signal', key: sender.key, name: 'heartbeat', value: state, since, observedAt }]).catch((error: unknown) => {
      // Not kept: the next look, or the next beat, says it again.
      if (sender.told === state) sender.told = before
      onError(error)
    })
  }
}
