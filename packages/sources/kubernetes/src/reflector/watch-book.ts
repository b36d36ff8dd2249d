import { BinnacleError, causeOf, type Cause, type Clock, type WatchState, type WatchStatus } from '@binnacle/protocol'
import type { WantedKind } from '../discovery/served-kind.ts'

type Counters = { -readonly [Name in keyof WatchStatus['counters']]: number }

/** Objects set aside that are remembered by name. */
const ASIDE_NAMES = 100

/** What one reflector knows of itself, and says to everybody: state, since when, proof, counters. */
export class WatchBook {
  readonly #clock: Clock
  readonly #kind: WantedKind
  readonly #stallMs: number
  readonly #onChange: (status: WatchStatus, before: WatchState) => void
  readonly counters: Counters = { events: 0, bookmarks: 0, listings: 0, reconnects: 0, expired: 0, handler_errors: 0, quarantined: 0 }
  #state: WatchState
  #since: number
  #cause: Cause | null = null
  #provenAt: number | undefined
  /** `stale` was said by {@link judge}, not by the loop. */
  #judged = false
  /** Why objects are not taken in at present, by name. */
  readonly #aside = new Map<string, Cause>()
  objects: number | null = null
  resourceVersion: string | null = null
  method: 'watch_list' | 'list' | null = null

  constructor(clock: Clock, kind: WantedKind, stallMs: number, onChange: (status: WatchStatus, before: WatchState) => void) {
    this.#clock = clock
    this.#kind = kind
    this.#stallMs = stallMs
    this.#onChange = onChange
    this.#state = kind.disabled === true ? 'disabled' : 'connecting'
    this.#since = clock.now()
  }

  get state(): WatchState {
    return this.#state
  }

  /** The server has just shown that it lives: a byte, an event, a bookmark. */
  proven(): void {
    this.#provenAt = this.#clock.monotonic()
  }

  /** Milliseconds since the last proof; Infinity without any. */
  get sinceProofMs(): number {
    return this.#provenAt === undefined ? Infinity : this.#clock.monotonic() - this.#provenAt
  }

  /** An object could not be taken in: the cause that is shown while nothing worse is. */
  setAside(name: string, cause: Cause): void {
    // Names are shown one at a time; a cluster full of such objects must not fill our memory.
    if (this.#aside.size < ASIDE_NAMES) this.#aside.set(name, cause)
  }

  /** An object was taken in, or is gone: whatever was wrong with it is over. */
  settled(name: string): void {
    this.#aside.delete(name)
  }

  /** All objects come anew. */
  listedAnew(): void {
    this.#aside.clear()
  }

  /** Enters a state. Saying the same again with the same cause is no change. */
  enter(state: WatchState, error?: unknown): void {
    const cause = error === undefined ? null : causeOf(error)
    const before = this.#state
    const same = before === state && this.#cause?.code === cause?.code
    this.#cause = cause
    this.#judged = false
    if (same) return
    if (before !== state) this.#since = this.#clock.now()
    this.#state = state
    this.#onChange(this.status(), before)
  }

  /** Enters `stale` when "live" has outlived its proof by more than a second, and takes it back when proof came after all. */
  judge(): void {
    if (this.#overdue) {
      this.enter('stale', new BinnacleError('WATCH_STALLED', `nothing arrived for ${this.#stallMs / 1_000} s`))
      this.#judged = true
    } else if (this.#judged && this.#state === 'stale' && this.sinceProofMs < this.#stallMs) this.enter('live')
  }

  get #overdue(): boolean {
    return this.#state === 'live' && this.sinceProofMs > this.#stallMs + 1_000
  }

  /** As it is at this moment: ages are taken now, and "live" without proof in time is not live. */
  status(): WatchStatus {
    const { group, kind, version, plural, expected } = this.#kind
    return {
      kind,
      group,
      version,
      plural,
      expected,
      state: this.#overdue ? 'stale' : this.#state,
      objects: this.objects,
      resource_version: this.resourceVersion,
      seconds_since_proof: this.#provenAt === undefined ? null : Math.round(this.sinceProofMs / 100) / 10,
      since: new Date(this.#since).toISOString(),
      method: this.method,
      stall_deadline_seconds: this.#stallMs / 1_000,
      cause: this.#cause ?? this.#aside.values().next().value ?? null,
      counters: { ...this.counters },
    }
  }
}
