import {
  fabricScope,
  fabricStatusOf,
  type Cause,
  type Clock,
  type FabricStatus,
  type FactSink,
  type NewEvent,
  type WatchState,
  type WatchStatus,
} from '@binnacle/protocol'

/** State changes told per minute and fabric at most; a flapping watch is then told as a count. */
const TOLD_PER_MINUTE = 120
const MINUTE_MS = 60_000

/** What a fabric's watch keeper needs. */
export interface FabricWatchOptions {
  readonly fabricId: number
  readonly clock: Clock
  readonly sink: FactSink
  /** The states of all watches of the fabric as they are now. */
  readonly watches: () => readonly WatchStatus[]
  readonly onError: (error: unknown) => void
}

/** The cause that a person should look at first: of the watch in the worst state. */
function worstCause(watches: readonly WatchStatus[], status: FabricStatus): Cause | null {
  const blamed = watches.find((watch) => watch.cause !== null && fabricStatusOf([watch]) === status)
  return blamed?.cause ?? null
}

/**
 * Keeps the status of one fabric, the worst of its watches, and tells every change as an event. States themselves are
 * not kept: after a restart a watch has proven nothing yet.
 */
export class FabricWatch {
  readonly #options: FabricWatchOptions
  #status: FabricStatus = 'unknown'
  #since: number
  #minute = 0
  #told = 0
  #folded = 0
  #lastFolded: NewEvent | undefined
  #flush: { cancel(): void } | undefined

  constructor(options: FabricWatchOptions) {
    this.#options = options
    this.#since = options.clock.now()
  }

  /** The status now; computed from the watches as they are at this moment. */
  get status(): { readonly status: FabricStatus; readonly since: number; readonly cause: Cause | null } {
    const watches = this.#options.watches()
    this.#reconsider(watches)
    return { status: this.#status, since: this.#since, cause: worstCause(watches, this.#status) }
  }

  /** A watch changed its state. */
  changed(watch: WatchStatus, before: WatchState | null): void {
    const { clock, fabricId } = this.#options
    this.#tell({
      event_type: 'watch_state_changed',
      scope: fabricScope(fabricId),
      subject: { group: watch.group, kind: watch.kind, name: watch.plural },
      data: {
        kind: watch.kind,
        group: watch.group,
        from: before,
        to: watch.state,
        objects: watch.objects,
        resource_version: watch.resource_version,
        cause: watch.cause,
        expected: watch.expected,
      },
      observedAt: clock.now(),
      source: 'kubernetes_source',
    })
    this.#reconsider(this.#options.watches())
  }

  /** Nothing more is told. */
  close(): void {
    this.#flush?.cancel()
    this.#flush = undefined
    this.#lastFolded = undefined
  }

  #reconsider(watches: readonly WatchStatus[]): void {
    const status = fabricStatusOf(watches)
    if (status === this.#status) return
    const { clock, fabricId } = this.#options
    const before = this.#status
    this.#status = status
    this.#since = clock.now()
    this.#tell({
      event_type: 'fabric_status_change',
      scope: fabricScope(fabricId),
      subject: { kind: 'Fabric', name: String(fabricId) },
      data: {
        from: before,
        to: status,
        cause: worstCause(watches, status),
        live: watches.filter(({ state }) => state === 'live').length,
        wanted: watches.filter(({ state }) => state !== 'disabled').length,
      },
      observedAt: this.#since,
      source: 'hub',
    })
  }

  #tell(event: NewEvent): void {
    const { clock, sink, onError } = this.#options
    const minute = Math.floor(clock.monotonic() / MINUTE_MS)
    if (minute !== this.#minute) {
      this.#minute = minute
      this.#told = 0
    }
    // The fabric's own status is always told; only single watches are folded while they flap.
    if (event.event_type === 'watch_state_changed' && this.#told >= TOLD_PER_MINUTE) {
      this.#folded += 1
      this.#lastFolded = event
      // The state in which it ends up must be told even if nothing follows.
      this.#flush ??= clock.after(MINUTE_MS - (clock.monotonic() % MINUTE_MS), () => {
        this.#flush = undefined
        const last = this.#lastFolded
        if (last === undefined) return
        this.#folded -= 1
        this.#lastFolded = undefined
        this.#tell(last)
      })
      return
    }
    this.#told += 1
    const folded = this.#folded
    this.#folded = 0
    if (event.event_type === 'watch_state_changed') this.#lastFolded = undefined
    sink
      .write([{ fact: 'note', event: folded === 0 ? event : { ...event, data: { ...event.data, untold_changes: folded } } }])
      .catch(onError)
  }
}
