/** The newest durations of something, in milliseconds; the oldest give way. */
export class RecentTimes {
  readonly #times: Float64Array
  #count = 0

  constructor(size: number) {
    this.#times = new Float64Array(size)
  }

  add(ms: number): void {
    this.#times[this.#count % this.#times.length] = ms
    this.#count += 1
  }

  /** Half, and 99 of 100, took no longer than this; null while there are none. */
  percentiles(): { readonly p50: number | null; readonly p99: number | null } {
    const sorted = this.#times.slice(0, Math.min(this.#count, this.#times.length)).sort()
    const at = (share: number): number | null => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
    return { p50: at(0.5), p99: at(0.99) }
  }
}
