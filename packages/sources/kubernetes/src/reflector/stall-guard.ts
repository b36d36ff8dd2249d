import { BinnacleError, type Clock } from '@binnacle/protocol'

/** Ends a stream that is silent for too long, at its deadline. */
export class StallGuard {
  readonly #clock: Clock
  readonly #deadlineMs: () => number
  readonly #onStall: (error: BinnacleError) => void
  #heardAt: number
  #timer: { cancel(): void } | undefined

  constructor(clock: Clock, deadlineMs: () => number, onStall: (error: BinnacleError) => void) {
    this.#clock = clock
    this.#deadlineMs = deadlineMs
    this.#onStall = onStall
    this.#heardAt = clock.monotonic()
    this.#arm()
  }

  heard(): void {
    this.#heardAt = this.#clock.monotonic()
  }

  stop(): void {
    this.#timer?.cancel()
  }

  /** One timer per deadline, not per chunk: when it fires it looks how long the silence really was. */
  #arm(): void {
    const left = this.#heardAt + this.#deadlineMs() - this.#clock.monotonic()
    this.#timer = this.#clock.after(Math.max(10, left), () => {
      const deadlineMs = this.#deadlineMs()
      if (this.#clock.monotonic() - this.#heardAt >= deadlineMs)
        this.#onStall(new BinnacleError('WATCH_STALLED', `nothing arrived for ${deadlineMs / 1_000} s`))
      else this.#arm()
    })
  }
}
