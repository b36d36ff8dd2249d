/** Remembers when the head of the log passed which seq, to say how long a reader is behind. One sample per second at most. */
export class HeadTimes {
  readonly #samples: { readonly seq: number; readonly at: number }[] = []
  readonly #keepMs: number

  /** `keepMs`: how far back it is exact; further back it says at least this much. */
  constructor(keepMs: number) {
    this.#keepMs = keepMs
  }

  /** The head reached `seq` at `at` (monotonic milliseconds). */
  reached(seq: number, at: number): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && at - last.at < 1_000) return
    this.#samples.push({ seq, at })
    while (this.#samples.length > 1 && at - (this.#samples[0]?.at ?? at) > this.#keepMs) this.#samples.shift()
  }

  /** How long ago, at least, something after `seq` was committed; 0 = nothing known after it. */
  behindMs(seq: number, now: number): number {
    const first = this.#samples.find((sample) => sample.seq > seq)
    return first === undefined ? 0 : now - first.at
  }
}
