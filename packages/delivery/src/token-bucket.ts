/** Allows `burst` at once and `perSecond` in the long run. */
export class TokenBucket {
  readonly #burst: number
  readonly #perMs: number
  #level: number
  #at: number

  /** `at`: milliseconds of a monotonic clock. */
  constructor(burst: number, perSecond: number, at: number) {
    this.#burst = burst
    this.#perMs = perSecond / 1_000
    this.#level = burst
    this.#at = at
  }

  /** Takes `cost` if it is there. */
  take(cost: number, at: number): boolean {
    this.#level = Math.min(this.#burst, this.#level + (at - this.#at) * this.#perMs)
    this.#at = at
    if (this.#level < cost) return false
    this.#level -= cost
    return true
  }
}
