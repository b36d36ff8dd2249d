import { BinnacleError, errorCodeOf, type Clock, type EndedListing, type Fact, type FactSink, type Scope } from '@binnacle/protocol'
import { createHash } from 'node:crypto'
import { FactWriter } from './fact-writer.ts'
import { namedIn, type Intake, type Taken } from './intake.ts'
import type { WantedKind } from '../discovery/served-kind.ts'

/** Why a kind is listed. */
export type ListingReason = 'start' | 'expired' | 'requested'

/** What a complete listing saw. */
export interface ListingResult {
  readonly objects: number
  readonly version: string
  /** sha256 over the sorted lines `namespace/name uid hash`; only where somebody asked for it. */
  readonly digest: string | null
  /** Rows that it found different; null when the sink does not tell. */
  readonly differences: number | null
  /** The names it saw, `namespace/name`. */
  readonly names: Set<string>
}

/** What a listing needs. */
export interface ListingOptions {
  readonly id: string
  readonly scope: Scope
  readonly kind: WantedKind
  readonly sink: FactSink
  readonly clock: Clock
  readonly intake: Intake
  readonly reason: ListingReason
  readonly digested: boolean
  /** An object that cannot be read → the visible mark of it. */
  readonly quarantine: (error: unknown, hint: string) => Fact
}

/** The name by which a listing knows an object. */
export const nameOf = (taken: Taken): string => `${taken.key.namespace}/${taken.key.name}`

const byCode = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** One complete listing under way: facts between `begin` and `end`, objects that cannot be read set aside, names collected. */
export class Listing {
  readonly #options: ListingOptions
  readonly #writer: FactWriter
  readonly #names = new Set<string>()
  readonly #lines = new Map<string, string>()
  readonly #keep: { readonly namespace: string; readonly name: string }[] = []
  /** False once the number of puts no longer says how many rows there will be. */
  #countable = true
  readonly #begunAt: number

  constructor(options: ListingOptions) {
    this.#options = options
    this.#writer = new FactWriter(options.sink)
    this.#begunAt = options.clock.monotonic()
  }

  /** Tells that it begins. Must be called first. */
  begin(): Promise<void> | undefined {
    return this.#writer.add({ ...this.#base(), phase: 'begin', reason: this.#options.reason })
  }

  /** An item as it stands in the list's body. */
  text(text: Buffer): Promise<void> | undefined {
    let value: unknown
    try {
      value = JSON.parse(text.toString('utf8'))
    } catch {
      // Not JSON: set aside like any other object that cannot be read.
      value = undefined
    }
    return this.object(value, text)
  }

  /** An object that is there. Resolves when there is room for more. */
  object(value: unknown, text?: Buffer): Promise<void> | undefined {
    const { intake, digested, id } = this.#options
    let fact: Fact
    try {
      const taken = intake.take(value)
      fact = intake.put(taken, id)
      const name = nameOf(taken)
      this.#names.add(name)
      if (digested && fact.fact === 'put')
        this.#lines.set(name, `${name} ${taken.uid} ${createHash('sha256').update(fact.document).digest('base64url')}`)
    } catch (error) {
      fact = this.#unread(error, text === undefined ? (JSON.stringify(value) ?? '').slice(0, 4_096) : text.toString('utf8', 0, 4_096))
    }
    return this.#writer.add(fact)
  }

  /** An item or line that cannot be read at all: its beginning. */
  setAside(code: 'OBJECT_TOO_LARGE' | 'OBJECT_MALFORMED', start: Buffer): Promise<void> | undefined {
    return this.#writer.add(this.#unread(new BinnacleError(code), start.toString('utf8')))
  }

  /** An object that is there but cannot be read: its row, if there is one, must not be swept away as deleted. */
  #unread(error: unknown, hint: string): Fact {
    const named = namedIn(hint)
    if (named !== undefined) this.#keep.push(named)
    return this.#options.quarantine(error, hint)
  }

  /** A deletion that arrives among the initial events of a watch-list. */
  deleted(value: unknown): Promise<void> | undefined {
    let taken: Taken
    try {
      taken = this.#options.intake.take(value)
    } catch (error) {
      return this.#writer.add(this.#options.quarantine(error, (JSON.stringify(value) ?? '').slice(0, 4_096)))
    }
    this.#names.delete(nameOf(taken))
    this.#lines.delete(nameOf(taken))
    this.#countable = false
    return this.#writer.add(this.#options.intake.gone(taken))
  }

  /** The listing is complete: resolves when all of it is committed, rows it did not name swept away. */
  async end(version: string): Promise<ListingResult> {
    const count = this.#names.size
    await this.#writer.add({
      ...this.#base(),
      phase: 'end',
      version,
      ...(this.#countable ? { count } : {}),
      ...(this.#keep.length === 0 ? {} : { keep: this.#keep }),
    })
    await this.#writer.settle()
    const ended = this.#writer.ended(this.#options.id)
    await this.#tell(count, ended)
    const digest = this.#options.digested
      ? createHash('sha256')
          .update([...this.#lines.values()].sort(byCode).join('\n'))
          .digest('hex')
      : null
    return { objects: count, version, digest, differences: ended?.differences ?? null, names: this.#names }
  }

  /**
   * Says that the kind is complete, once everything of it is committed and derived: whoever reads then sees all of it. A
   * requested listing is told by whoever requested it, for all kinds at once.
   */
  async #tell(objects: number, ended: EndedListing | undefined): Promise<void> {
    const { reason, scope, kind, clock } = this.#options
    if (reason === 'requested') return
    await this.#writer.add({
      fact: 'note',
      event: {
        event_type: 'sync_completed',
        scope,
        subject: { group: kind.group, kind: kind.kind, name: kind.plural },
        data: {
          kind: 'cluster',
          resource: kind.kind,
          group: kind.group,
          reason,
          objects,
          ms: Math.round(clock.monotonic() - this.#begunAt),
          // The first listing of all finds nothing different: there was nothing.
          ...(ended === undefined ? {} : { first: ended.first, differences: ended.first ? 0 : ended.differences }),
        },
        observedAt: clock.now(),
        source: 'kubernetes_watch',
      },
    })
    await this.#writer.settle()
  }

  /** It will not be completed. Waits for what is under way, so that nothing of it is written later than what follows. */
  async abort(): Promise<void> {
    try {
      await this.#writer.add({ ...this.#base(), phase: 'abort' })
      await this.#writer.settle()
    } catch (error) {
      // The reason of the abort counts; the next listing replaces this one anyway. Only faults of our own may not pass silently.
      if (errorCodeOf(error) === undefined) throw error
    }
  }

  #base() {
    const { id, scope, kind, clock } = this.#options
    return { fact: 'listing' as const, scope, group: kind.group, kind: kind.kind, listing: id, observedAt: clock.now() }
  }
}
