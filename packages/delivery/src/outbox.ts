import type { Duplex } from 'node:stream'

interface Waiting {
  readonly sub: number | null
  readonly bytes: Buffer
}

/**
 * The way out of one connection. What the socket does not take at once waits here, where it can still be dropped: a
 * right that ends takes back what was not yet sent.
 */
export class Outbox {
  readonly #socket: Duplex
  #waiting: Waiting[] = []
  #waitingBytes = 0
  #corked = false
  #lastProgress: number
  readonly #now: () => number
  frames = 0
  bytes = 0

  /** `now`: monotonic milliseconds. `onDrained`: called when everything waiting has gone to the socket. */
  constructor(socket: Duplex, now: () => number, onDrained: () => void) {
    this.#socket = socket
    this.#now = now
    this.#lastProgress = now()
    socket.on('drain', () => {
      this.#lastProgress = this.#now()
      this.#push()
      if (!this.congested) onDrained()
    })
  }

  /** Bytes that the kernel has not taken. */
  get unsent(): number {
    return this.#waitingBytes + this.#socket.writableLength
  }

  /** Whether something waits for the reader. */
  get congested(): boolean {
    return this.#waiting.length > 0 || this.#socket.writableNeedDrain
  }

  /** Milliseconds since the reader last took something, while something waits; 0 otherwise. */
  stalledMs(now: number): number {
    if (!this.congested) this.#lastProgress = now
    return now - this.#lastProgress
  }

  /** Sends, or keeps in order. `sub`: the subscription it belongs to, to drop it by. */
  send(bytes: Buffer, sub: number | null): void {
    if (!this.#socket.writable) return
    this.frames++
    this.bytes += bytes.length
    if (this.congested) {
      this.#waiting.push({ sub, bytes })
      this.#waitingBytes += bytes.length
      return
    }
    // Frames of one turn of the loop leave in one write.
    if (!this.#corked) {
      this.#corked = true
      this.#socket.cork()
      queueMicrotask(() => {
        this.#corked = false
        this.#socket.uncork()
      })
    }
    this.#socket.write(bytes)
  }

  /** Takes back what waits for one subscription, or everything. */
  drop(sub?: number): void {
    this.#waiting = sub === undefined ? [] : this.#waiting.filter((each) => each.sub !== sub)
    this.#waitingBytes = this.#waiting.reduce((sum, each) => sum + each.bytes.length, 0)
  }

  #push(): void {
    while (this.#waiting.length > 0 && !this.#socket.writableNeedDrain) {
      const next = this.#waiting.shift()
      if (next === undefined) return
      this.#waitingBytes -= next.bytes.length
      this.#socket.write(next.bytes)
    }
  }
}
