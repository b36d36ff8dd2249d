import type { Clock } from '@binnacle/protocol'

interface Timer {
  readonly due: number
  readonly fire: () => void
}

/** Time that passes only when a test says so: what a test says about waits does not depend on how busy the machine is. */
export class SteppedClock implements Clock {
  readonly #start = Date.now()
  readonly #timers = new Set<Timer>()
  #passed = 0

  now(): number {
    return this.#start + this.#passed
  }

  monotonic(): number {
    return this.#passed
  }

  after(ms: number, fire: () => void): { cancel(): void } {
    const timer: Timer = { due: this.#passed + ms, fire }
    this.#timers.add(timer)
    // What is due at once waits for nobody.
    if (ms <= 0) setImmediate(() => this.#fire(timer))
    return { cancel: () => this.#timers.delete(timer) }
  }

  /** Lets time pass; timers fire in their order, each at its time. */
  advance(ms: number): void {
    const end = this.#passed + ms
    for (;;) {
      const next = [...this.#timers].filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due)[0]
      if (next === undefined) break
      this.#passed = Math.max(this.#passed, next.due)
      this.#fire(next)
    }
    this.#passed = end
  }

  #fire(timer: Timer): void {
    if (this.#timers.delete(timer)) timer.fire()
  }
}
