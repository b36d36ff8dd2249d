import type { Clock } from '@binnacle/protocol'

/** A clock that moves only when told to; for tests. */
export class ManualClock implements Clock {
  readonly #timers = new Set<{ readonly due: number; readonly fire: () => void }>()
  #ms = 0
  /** The time of day at monotonic 0; may be set to let it jump. */
  epoch = Date.UTC(2026, 0, 5, 12)

  now(): number {
    return this.epoch + this.#ms
  }

  monotonic(): number {
    return this.#ms
  }

  after(ms: number, fire: () => void): { cancel(): void } {
    const timer = { due: this.#ms + ms, fire }
    this.#timers.add(timer)
    return { cancel: () => void this.#timers.delete(timer) }
  }

  get timers(): number {
    return this.#timers.size
  }

  /** Lets time pass, firing what falls due in order. */
  pass(ms: number): void {
    const end = this.#ms + ms
    for (;;) {
      const next = [...this.#timers].filter(({ due }) => due <= end).toSorted((one, other) => one.due - other.due)[0]
      if (next === undefined) break
      this.#timers.delete(next)
      this.#ms = next.due
      next.fire()
    }
    this.#ms = end
  }
}
