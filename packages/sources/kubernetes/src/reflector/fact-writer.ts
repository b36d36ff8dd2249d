import { BinnacleError, errorCodeOf, type EndedListing, type Fact, type FactSink } from '@binnacle/protocol'

/** Facts and bytes of documents in one call. */
const CALL_FACTS = 500
const CALL_BYTES = 4 * 1024 * 1024
/** Calls under way before the reader of the socket waits: backpressure reaches the cluster. */
const IN_FLIGHT = 4

/** Gathers facts into calls of bounded size, keeps their order, and remembers a failed call until it is asked. */
export class FactWriter {
  readonly #sink: FactSink
  #facts: Fact[] = []
  #bytes = 0
  readonly #inFlight = new Set<Promise<void>>()
  #failure: { readonly error: unknown } | undefined

  readonly #onFailure: (error: Error) => void
  readonly #ended: EndedListing[] = []

  /** `onFailure` is called as soon as a call fails: a stream that brings nothing more would never ask. */
  constructor(sink: FactSink, onFailure: (error: Error) => void = () => undefined) {
    this.#sink = sink
    this.#onFailure = onFailure
  }

  /** Adds a fact. Resolves when there is room for more; throws when an earlier call failed. */
  add(fact: Fact): Promise<void> | undefined {
    this.#facts.push(fact)
    this.#bytes += fact.fact === 'put' ? fact.document.length : 0
    return this.#facts.length >= CALL_FACTS || this.#bytes >= CALL_BYTES ? this.flush() : undefined
  }

  /** Sends what was gathered; waits only for room. */
  async flush(): Promise<void> {
    this.check()
    if (this.#facts.length === 0) return
    const facts = this.#facts
    this.#facts = []
    this.#bytes = 0
    const call: Promise<void> = this.#sink.write(facts).then(
      ({ listings = [] }) => {
        this.#ended.push(...listings)
        return undefined
      },
      (error: unknown) => {
        this.#failure ??= { error }
        this.#onFailure(
          errorCodeOf(error) === undefined
            ? new BinnacleError('INTERNAL', 'the facts could not be written', { cause: error })
            : (error as Error),
        )
      },
    )
    this.#inFlight.add(call)
    void call.then(() => this.#inFlight.delete(call))
    if (this.#inFlight.size >= IN_FLIGHT) await Promise.race(this.#inFlight)
    this.check()
  }

  /** Sends what was gathered and waits until all of it is committed; throws when any of it was not. */
  async settle(): Promise<void> {
    await this.flush()
    await Promise.all(this.#inFlight)
    this.check()
  }

  /** What the sink told of a listing that ended here; undefined when it told nothing. */
  ended(listing: string): EndedListing | undefined {
    return this.#ended.find((each) => each.listing === listing)
  }

  /** Throws when a call failed: what was seen is not what is kept, so the kind must be listed again. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }
}
