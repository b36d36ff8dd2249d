import type { Random } from '@binnacle/protocol'

/** First pause, milliseconds; client-go's reflector begins at 800 ms, we promise recovery within seconds. */
const FIRST_MS = 250
/** Longest pause of its own accord; DESIGN of the source: at most 4 s. */
const LONGEST_MS = 4_000
/** A server that asks for more than this is asked again anyway. */
const ASKED_MS = 30_000

/** Growing pauses with full jitter: each is random between zero and the bound, so that 25 kinds do not come back at once. */
export class Backoff {
  readonly #random: Random
  #failures = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** The next pause in milliseconds. A `Retry-After` is honoured: never earlier, and up to a second of jitter later. */
  next(retryAfterSeconds?: number): number {
    const bound = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 10)
    if (retryAfterSeconds !== undefined) return Math.min(ASKED_MS, retryAfterSeconds * 1_000 + this.#random() * 1_000)
    return this.#random() * bound
  }

  reset(): void {
    this.#failures = 0
  }
}
