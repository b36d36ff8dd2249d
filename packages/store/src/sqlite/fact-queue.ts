import { BinnacleError, type Fact, type FactSink, type Written } from '@binnacle/protocol'

/** Facts that may wait for the writer. Beyond it callers wait: backpressure reaches the socket that brings them. */
export const QUEUE_FACTS = 20_000
/** Bytes of documents that may wait for the writer. */
export const QUEUE_BYTES = 64 * 1024 * 1024
/** Facts in one call at most. */
const CALL_FACTS = 1_000
/** Deriving the status of 100,000 objects after a first listing takes tens of seconds. */
const WRITE_MS = 300_000

type Call = <T>(operation: string, args: readonly unknown[], deadlineMs?: number) => Promise<T>

const bytesOf = (facts: readonly Fact[]): number => facts.reduce((sum, fact) => sum + (fact.fact === 'put' ? fact.document.length : 200), 0)

/** The bounded way to the writer: calls go in order, and wait while too much is under way. */
export class FactQueue implements FactSink {
  readonly #call: Call
  readonly #waiting: (() => void)[] = []
  #facts = 0
  #bytes = 0

  constructor(call: Call) {
    this.#call = call
  }

  /** Facts under way. */
  get pending(): number {
    return this.#facts
  }

  async write(facts: readonly Fact[], options: { readonly term?: number } = {}): Promise<Written> {
    if (facts.length > CALL_FACTS) throw new BinnacleError('TOO_LARGE', `at most ${CALL_FACTS} facts in one call, not ${facts.length}`)
    const bytes = bytesOf(facts)
    while (
      this.#waiting.length > 0 ||
      (this.#facts > 0 && (this.#facts + facts.length > QUEUE_FACTS || this.#bytes + bytes > QUEUE_BYTES))
    ) {
      const { promise, resolve } = Promise.withResolvers<void>()
      this.#waiting.push(resolve)
      await promise
      this.#waiting.shift()
      if (this.#facts === 0 || (this.#facts + facts.length <= QUEUE_FACTS && this.#bytes + bytes <= QUEUE_BYTES)) break
    }
    this.#facts += facts.length
    this.#bytes += bytes
    try {
      return await this.#call<Written>('facts', [facts, options.term], WRITE_MS)
    } finally {
      this.#facts -= facts.length
      this.#bytes -= bytes
      this.#waiting[0]?.()
    }
  }
}
