/** Reads of the log in turn: at most `limit` at a time, users one after the other, so that nobody waits for another's hundred. */
export class ReadTurns {
  readonly #limit: number
  readonly #waiting = new Map<string, (() => void)[]>()
  #running = 0

  /** `limit`: reads at the same time. */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Runs `read` when it is the user's turn. */
  async run<T>(user: string, read: () => Promise<T>): Promise<T> {
    if (this.#running >= this.#limit) {
      await new Promise<void>((resolve) => {
        const queue = this.#waiting.get(user) ?? []
        queue.push(resolve)
        this.#waiting.set(user, queue)
      })
    } else this.#running++
    try {
      return await read()
    } finally {
      this.#next()
    }
  }

  /** Hands the free place to the next user in the round. */
  #next(): void {
    const first = this.#waiting.entries().next()
    if (first.done === true) {
      this.#running--
      return
    }
    const [user, queue] = first.value
    const go = queue.shift()
    // The user goes to the end of the round.
    this.#waiting.delete(user)
    if (queue.length > 0) this.#waiting.set(user, queue)
    go?.()
  }
}
