/** Time as a parameter. Timers are one-shot; `cancel` is idempotent. */
export interface Clock {
  /** Milliseconds since 1970, UTC; may jump. */
  now(): number
  /** Milliseconds of a clock that never goes back. All deadlines and ages use this one. */
  monotonic(): number
  /** Calls `fire` once after `ms`. The timer does not keep a process alive. */
  after(ms: number, fire: () => void): { cancel(): void }
}

/** Randomness as a parameter: a number in [0, 1). */
export type Random = () => number
