import type { Clock } from '@binnacle/protocol'

interface Waiting {
  readonly due: number
  readonly fire: () => void
}

/** Timers in a time of their own, which can run faster than the clock or stand still. */
export class LifeTimers {
  readonly #clock: Clock
  readonly #speed: number
  readonly #waiting = new Set<Waiting>()
  #timer: { cancel(): void } | undefined
  #passed = 0
  #runningSince: number | undefined

  /** `speed` 10 makes 10 seconds pass in one. */
  constructor(clock: Clock, speed: number) {
    this.#clock = clock
    this.#speed = speed
    this.#runningSince = clock.monotonic()
  }

  /** Milliseconds that have passed in this time. */
  get now(): number {
    return this.#passed + (this.#runningSince === undefined ? 0 : (this.#clock.monotonic() - this.#runningSince) * this.#speed)
  }

  get paused(): boolean {
    return this.#runningSince === undefined
  }

  /** Calls `fire` once after `ms` of this time. */
  after(ms: number, fire: () => void): { cancel(): void } {
    const waiting = { due: this.now + ms, fire }
    this.#waiting.add(waiting)
    this.#arm()
    return { cancel: () => void this.#waiting.delete(waiting) }
  }

  pause(): void {
    this.#passed = this.now
    this.#runningSince = undefined
    this.#timer?.cancel()
  }

  resume(): void {
    this.#runningSince ??= this.#clock.monotonic()
    this.#arm()
  }

  /** Forgets every timer. */
  clear(): void {
    this.#waiting.clear()
    this.#timer?.cancel()
  }

  #arm(): void {
    this.#timer?.cancel()
    if (this.paused || this.#waiting.size === 0) return
    const next = Math.min(...[...this.#waiting].map(({ due }) => due))
    this.#timer = this.#clock.after(Math.max(0, (next - this.now) / this.#speed), () => this.#fire())
  }

  #fire(): void {
    const { now } = this
    for (const waiting of [...this.#waiting].filter(({ due }) => due <= now).toSorted((one, other) => one.due - other.due)) {
      // A timer that fired before may have cancelled this one.
      if (this.#waiting.delete(waiting)) waiting.fire()
    }
    this.#arm()
  }
}
