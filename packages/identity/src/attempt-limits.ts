import { BinnacleError, type Clock } from '@binnacle/protocol'

/** Failures that cost nothing: people mistype. */
const FREE = 5
/** First pause after them; doubles with each further failure. */
const FIRST_MS = 1_000
const LONGEST_MS = 900_000
/** After this long without a failure all is forgotten. */
const FORGET_MS = 3_600_000
/** Names and addresses remembered at most; the oldest gives way. */
const REMEMBERED = 10_000

interface Failures {
  count: number
  lastAt: number
  until: number
}

/** Slows down guessing, per account name and per address: after a few failures each costs twice the pause of the one before. */
export class AttemptLimits {
  readonly #clock: Clock
  readonly #free: number
  readonly #failures = new Map<string, Failures>()

  /** `free`: failures of one key that cost nothing. */
  constructor(clock: Clock, free: number = FREE) {
    this.#clock = clock
    this.#free = free
  }

  /** Throws RATE_LIMITED while one of the keys must wait. */
  check(keys: readonly string[]): void {
    const now = this.#clock.monotonic()
    for (const key of keys) {
      const found = this.#failures.get(key)
      if (found !== undefined && found.until > now)
        throw new BinnacleError('RATE_LIMITED', 'too many failed attempts', { retryAfterSeconds: Math.ceil((found.until - now) / 1_000) })
    }
  }

  failed(keys: readonly string[]): void {
    const now = this.#clock.monotonic()
    for (const key of keys) {
      const before = this.#failures.get(key)
      const count = before === undefined || now - before.lastAt > FORGET_MS ? 1 : before.count + 1
      this.#failures.delete(key)
      this.#failures.set(key, {
        count,
        lastAt: now,
        until: count <= this.#free ? 0 : now + Math.min(LONGEST_MS, FIRST_MS * 2 ** (count - this.#free - 1)),
      })
      if (this.#failures.size > REMEMBERED) {
        const oldest = this.#failures.keys().next().value
        if (oldest !== undefined) this.#failures.delete(oldest)
      }
    }
  }

  /** Takes back one failure that was counted in advance; what others failed from there stays. */
  giveBack(key: string): void {
    const found = this.#failures.get(key)
    if (found === undefined) return
    found.count -= 1
    if (found.count <= 0) this.#failures.delete(key)
    else if (found.count <= this.#free) found.until = 0
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#failures.size
  }

  succeeded(keys: readonly string[]): void {
    for (const key of keys) this.#failures.delete(key)
  }
}
