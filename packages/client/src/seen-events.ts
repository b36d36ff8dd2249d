/** Remembers the newest keys it saw, at most `limit`; older ones are forgotten first. */
export class SeenEvents {
  readonly #seen = new Set<string>()
  readonly #limit: number

  /** `limit`: how many keys are remembered. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** True the first time a key comes, false while it is remembered. */
  add(key: string): boolean {
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    if (this.#seen.size > this.#limit) {
      const oldest = this.#seen.values().next()
      if (oldest.done !== true) this.#seen.delete(oldest.value)
    }
    return true
  }

  /** Forgets everything: who starts over wants all of it again. */
  clear(): void {
    this.#seen.clear()
  }
}
