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

/** State changes of one fabric told at once: a restart of a server takes each of about 25 kinds through some ten states. */
const TOLD_AT_ONCE = 300
/** Beyond that so many a second: what a cluster that flaps for days may write into the log. */
const TOLD_PER_SECOND = 2
const SECOND_MS = 1_000

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
  const blamed = watches.find(
    (watch) => watch.cause !== null && (watch.expected || watch.state !== 'not_served') && fabricStatusOf([watch]) === status,
  )
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
  #budget = TOLD_AT_ONCE
  #budgetAt: number
  /** Changes that wait to be told, by kind: only the state a watch is in counts, the ones between become a number. */
  readonly #waiting = new Map<string, { event: NewEvent; untold: number }>()
  #flush: { cancel(): void } | undefined

  constructor(options: FabricWatchOptions) {
    this.#options = options
    this.#since = options.clock.now()
    this.#budgetAt = options.clock.monotonic()
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
    this.#tellInTurn({
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
    this.#waiting.clear()
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

  /** Tells a change of a watch, at once while the budget lasts. The state in which a watch ends up is always told. */
  #tellInTurn(event: NewEvent): void {
    const kind = `${event.subject?.group}/${event.subject?.kind}`
    const waiting = this.#waiting.get(kind)
    if (waiting !== undefined) {
      // `from` stays what was told last.
      waiting.event = { ...event, data: { ...event.data, from: waiting.event.data['from'] } }
      waiting.untold += 1
    } else if (this.#spend()) this.#tell(event)
    else this.#waiting.set(kind, { event, untold: 0 })
    if (this.#waiting.size > 0) this.#flush ??= this.#options.clock.after(SECOND_MS, () => this.#tellWaiting())
  }

  #tellWaiting(): void {
    this.#flush = undefined
    for (const [kind, { event, untold }] of this.#waiting) {
      if (!this.#spend()) break
      this.#waiting.delete(kind)
      this.#tell(untold === 0 ? event : { ...event, data: { ...event.data, untold_changes: untold } })
    }
    if (this.#waiting.size > 0) this.#flush = this.#options.clock.after(SECOND_MS, () => this.#tellWaiting())
  }

  #spend(): boolean {
    const now = this.#options.clock.monotonic()
    this.#budget = Math.min(TOLD_AT_ONCE, this.#budget + ((now - this.#budgetAt) / SECOND_MS) * TOLD_PER_SECOND)
    this.#budgetAt = now
    if (this.#budget < 1) return false
    this.#budget -= 1
    return true
  }

  #tell(event: NewEvent): void {
    const { sink, onError } = this.#options
    sink.write([{ fact: 'note', event }]).catch(onError)
  }
}
