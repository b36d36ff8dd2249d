import type { Clock, Gauge } from '@binnacle/protocol'

/** Values kept at most; beyond it the one not heard of for longest gives way, and is counted. */
const MAX_GAUGES = 50_000
/** Changed values are told at most this often. */
const TELL_MS = 1_000

interface Kept {
  readonly scope: string
  readonly kind: string
  readonly name: string
  readonly values: Record<string, unknown>
  readonly heardAt: number
}

/** What is known only now: latest values with their age. Nothing here is recorded; a restart forgets it. */
export class GaugeBoard {
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept>()
  readonly #listeners = new Set<(values: readonly Gauge[]) => void>()
  #changed = new Set<string>()
  #timer: { cancel(): void } | undefined
  #dropped = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many values had to give way since the start. */
  get dropped(): number {
    return this.#dropped
  }

  get size(): number {
    return this.#kept.size
  }

  /** A new reading of an object. */
  put(scope: string, kind: string, name: string, values: Record<string, unknown>): void {
    const id = JSON.stringify([scope, kind, name])
    this.#kept.delete(id)
    this.#kept.set(id, { scope, kind, name, values, heardAt: this.#clock.monotonic() })
    if (this.#kept.size > MAX_GAUGES) {
      const oldest = this.#kept.keys().next().value
      if (oldest !== undefined) this.#kept.delete(oldest)
      this.#dropped += 1
    }
    if (this.#listeners.size === 0) return
    this.#changed.add(id)
    this.#timer ??= this.#clock.after(TELL_MS, () => this.#tell())
  }

  /** The object is gone. */
  remove(scope: string, kind: string, name: string): void {
    this.#kept.delete(JSON.stringify([scope, kind, name]))
  }

  /** Everything of a scope is gone. */
  forget(scope: string): void {
    for (const [id, kept] of this.#kept) if (kept.scope === scope) this.#kept.delete(id)
  }

  /** The values of a scope with their age now. */
  of(scope: string): Gauge[] {
    const now = this.#clock.monotonic()
    const found: Gauge[] = []
    for (const kept of this.#kept.values()) if (kept.scope === scope) found.push(this.#gauge(kept, now))
    return found
  }

  /** Tells changed values, at most once a second. */
  listen(listener: (values: readonly Gauge[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  close(): void {
    this.#timer?.cancel()
    this.#listeners.clear()
  }

  #gauge({ scope, kind, name, values, heardAt }: Kept, now: number): Gauge {
    return { scope, kind, name, values, age_ms: Math.round(now - heardAt) }
  }

  #tell(): void {
    this.#timer = undefined
    const now = this.#clock.monotonic()
    const values = [...this.#changed].flatMap((id) => {
      const kept = this.#kept.get(id)
      return kept === undefined ? [] : [this.#gauge(kept, now)]
    })
    this.#changed = new Set()
    if (values.length === 0) return
    for (const listener of this.#listeners) listener(values)
  }
}
