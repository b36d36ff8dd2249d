import { BinnacleError, type Cause, causeOf } from '@binnacle/protocol'
import { Worker } from 'node:worker_threads'
import { asStoreError, type Call, type Reply } from './calls.ts'

/** A call that gets no answer within this time has failed for its caller; the thread may still finish it. */
const CALL_MS = 30_000

/** What the death of a thread means to callers: its own reason where it gave one, else that nothing can be written. */
function deathOf(error: unknown): BinnacleError {
  const known = asStoreError(error)
  return known.code === 'INTERNAL' ? new BinnacleError('STORE_UNAVAILABLE', known.message, { cause: error }) : known
}

interface Waiting {
  resolve(result: unknown): void
  reject(error: Error): void
  readonly timer: NodeJS.Timeout
}

/** The main thread's end of a store thread: calls with a deadline, notices, and a thread's death as an error for all who wait. */
export class StoreThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting>()
  readonly #onNotice: (notice: unknown) => void
  #next = 1
  #dead: BinnacleError | undefined
  #closing = false

  constructor(file: URL, workerData: unknown, onNotice: (notice: unknown) => void) {
    this.#onNotice = onNotice
    this.#worker = new Worker(file, { workerData })
    this.#worker.on('message', (message: Reply | { notice: unknown }) => this.#receive(message))
    this.#worker.on('error', (error) => this.#die(error))
    this.#worker.on('exit', (code) => this.#die(new Error(`a thread of the store ended with code ${code}`)))
    this.#worker.unref()
  }

  /** Why the thread is dead; null while it lives. */
  get cause(): Cause | null {
    return this.#dead === undefined ? null : causeOf(this.#dead)
  }

  /** How many calls wait for an answer. */
  get waiting(): number {
    return this.#waiting.size
  }

  call<T>(operation: string, args: readonly unknown[], deadlineMs = CALL_MS): Promise<T> {
    if (this.#dead !== undefined) return Promise.reject(this.#dead)
    const id = this.#next++
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const timer = setTimeout(() => {
      this.#waiting.delete(id)
      reject(new BinnacleError('STORE_UNAVAILABLE', `the store did not answer ${operation} within ${deadlineMs / 1000} s`))
    }, deadlineMs)
    timer.unref()
    this.#waiting.set(id, { resolve, reject, timer })
    this.#worker.ref()
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    this.#worker.postMessage({ id, operation, args } satisfies Call)
    return promise
  }

  async close(): Promise<void> {
    this.#closing = true
    if (this.#dead === undefined) await this.call('close', []).catch(() => undefined) // a thread that cannot close is terminated next
    await this.#worker.terminate()
  }

  #receive(message: Reply | { notice: unknown }): void {
    if ('notice' in message) return this.#onNotice(message.notice)
    const waiting = this.#waiting.get(message.id)
    if (waiting === undefined) return
    clearTimeout(waiting.timer)
    this.#waiting.delete(message.id)
    if (this.#waiting.size === 0) this.#worker.unref()
    if (message.ok) waiting.resolve(message.result)
    else waiting.reject(new BinnacleError(message.code, message.message))
  }

  #die(error: unknown): void {
    if (this.#dead !== undefined) return
    this.#dead = this.#closing ? new BinnacleError('UNAVAILABLE', 'the store is closed') : deathOf(error)
    for (const waiting of this.#waiting.values()) {
      clearTimeout(waiting.timer)
      waiting.reject(this.#dead)
    }
    this.#waiting.clear()
  }
}
