import type { ServerResponse } from 'node:http'

/** How an open watch is brought to an end: cleanly, or by resetting the connection. */
export type EndMode = 'fin' | 'reset'

const CHUNK_BYTES = 64 * 1024

/**
 * The sending side of one watch: first the initial events at the reader's pace, then live ones as they come.
 *
 * A reader that leaves more than `maxQueuedBytes` of live events unread is ended, as a real server ends it: it will have
 * to come back and ask again.
 */
export class WatchStream {
  readonly #response: ServerResponse
  readonly #maxQueuedBytes: number
  readonly #onSlow: () => void
  readonly #reset: () => void
  #initial: Iterator<Buffer> | undefined
  #queue: Buffer[] = []
  #queuedBytes = 0
  #waiting = false
  #stalled = false
  #ended = false
  #endRequested = false

  constructor(
    response: ServerResponse,
    options: {
      readonly initial?: Iterable<Buffer>
      readonly maxQueuedBytes: number
      readonly onSlow: () => void
      readonly reset: () => void
    },
  ) {
    this.#response = response
    this.#maxQueuedBytes = options.maxQueuedBytes
    this.#onSlow = options.onSlow
    this.#reset = options.reset
    this.#initial = options.initial?.[Symbol.iterator]()
    response.on('drain', () => {
      this.#waiting = false
      this.#pump()
    })
    response.on('close', () => {
      this.#ended = true
      this.#queue = []
    })
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  get ended(): boolean {
    return this.#ended
  }

  get stalled(): boolean {
    return this.#stalled
  }

  /** Begins with the initial events. */
  start(): void {
    this.#pump()
  }

  /** Sends one line after everything sent before. */
  send(line: Buffer): void {
    if (this.#ended || this.#endRequested) return
    this.#queue.push(line)
    this.#queuedBytes += line.length
    if (this.#queuedBytes > this.#maxQueuedBytes) {
      this.#onSlow()
      this.end('reset')
      return
    }
    this.#pump()
  }

  /** While stalled nothing leaves, though the connection stays open; afterwards the held lines follow in order. */
  stall(on: boolean): void {
    this.#stalled = on
    if (!on) this.#pump()
  }

  /** Ends the watch. `fin` lets queued lines go out first unless the watch is stalled. */
  end(mode: EndMode): void {
    if (this.#ended) return
    if (mode === 'reset') {
      this.#ended = true
      this.#reset()
      return
    }
    this.#endRequested = true
    if (this.#stalled) this.#finish()
    else this.#pump()
  }

  #finish(): void {
    if (this.#ended) return
    this.#ended = true
    this.#response.end()
  }

  #pump(): void {
    while (!this.#waiting && !this.#ended && !this.#stalled) {
      const chunk = this.#take()
      if (chunk === undefined) {
        if (this.#endRequested) this.#finish()
        return
      }
      this.#waiting = !this.#response.write(chunk)
    }
  }

  #take(): Buffer | undefined {
    const gathered: Buffer[] = []
    let size = 0
    while (this.#initial !== undefined && size < CHUNK_BYTES) {
      const next = this.#initial.next()
      if (next.done === true) this.#initial = undefined
      else {
        gathered.push(next.value)
        size += next.value.length
      }
    }
    if (this.#initial === undefined) {
      let count = 0
      while (count < this.#queue.length && size < CHUNK_BYTES) {
        const line = this.#queue[count]!
        gathered.push(line)
        size += line.length
        this.#queuedBytes -= line.length
        count += 1
      }
      this.#queue.splice(0, count)
    }
    if (gathered.length === 0) return undefined
    return gathered.length === 1 ? gathered[0] : Buffer.concat(gathered, size)
  }
}
