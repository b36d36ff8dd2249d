import {
  BinnacleError,
  causeOf,
  errorCodeOf,
  type Cause,
  type Clock,
  type Fact,
  type FactSink,
  type ObjectKey,
  type Random,
} from '@binnacle/protocol'
import type { WantedKind } from '../discovery/served-kind.ts'
import type { FactWriter } from './fact-writer.ts'
import { Intake, type IntakeOptions } from './intake.ts'
import { Listing, nameOf, type ListingReason, type ListingResult } from './listing.ts'
import type { WatchBook } from './watch-book.ts'
import { unknownEvent, unreadDeletion, versionIn, versionOf } from './watch-event.ts'

/** Bounds of what is taken in. */
export interface SourceLimits {
  /** Larger objects are set aside. Bytes. */
  readonly objectBytes: number
}

/** What the mirror of a kind needs. */
export interface KindMirrorOptions extends Omit<IntakeOptions, 'kind'> {
  readonly kind: WantedKind
  readonly sink: FactSink
  readonly clock: Clock
  readonly random: Random
  readonly limits: SourceLimits
  readonly onGone: (key: ObjectKey) => void
  readonly onHandlerError: (error: unknown) => void
  /** An object was set aside. */
  readonly onSetAside: (name: string, cause: Cause) => void
}

/** What is known of one kind between two streams: its position and the names of its objects; and how both move. */
export class KindMirror {
  readonly #options: KindMirrorOptions
  readonly #book: WatchBook
  readonly #intake: Intake
  #listingNumber = 0
  #names = new Set<string>()
  /** The resourceVersion up to which everything is told; null when only a complete listing can say. */
  position: string | null = null

  constructor(options: KindMirrorOptions, book: WatchBook) {
    this.#options = options
    this.#book = book
    this.#intake = new Intake(options)
  }

  /** A watch is open and everything before it is committed. */
  live(): void {
    this.#book.proven()
    this.#book.enter('live')
  }

  /** Takes an event of an open watch in. Resolves when there is room for more. */
  event(writer: FactWriter, type: string, object: unknown): Promise<void> | undefined {
    if (type === 'BOOKMARK') {
      this.#book.counters.bookmarks += 1
      this.#moveTo(versionOf(object))
      return undefined
    }
    if (type !== 'ADDED' && type !== 'MODIFIED' && type !== 'DELETED') throw unknownEvent(type)
    this.#book.counters.events += 1
    let fact: Fact
    try {
      const taken = this.#intake.take(object)
      if (type === 'DELETED') this.#names.delete(nameOf(taken))
      else this.#names.add(nameOf(taken))
      this.#book.objects = this.#names.size
      this.#book.settled(taken.key.name)
      this.#moveTo(taken.version)
      fact = type === 'DELETED' ? this.#intake.gone(taken) : this.#intake.put(taken, undefined)
      if (type === 'DELETED') this.#options.onGone(taken.key)
    } catch (error) {
      if (type === 'DELETED') throw unreadDeletion()
      fact = this.#quarantine(error, (JSON.stringify(object) ?? '').slice(0, 4_096))
      const version = versionIn(object)
      if (version !== undefined) this.#moveTo(version)
    }
    return writer.add(fact)
  }

  #moveTo(version: string): void {
    this.position = version
    this.#book.resourceVersion = version
  }

  /** The visible mark of an object that cannot be taken in; what is not our error is a fault of a handler, and counted. */
  #quarantine(error: unknown, hint: string): Fact {
    const { kind, limits, onHandlerError } = this.#options
    const code = errorCodeOf(error)
    this.#book.counters.quarantined += 1
    if (code === undefined) {
      this.#book.counters.handler_errors += 1
      onHandlerError(error)
    }
    const why =
      code === 'OBJECT_TOO_LARGE'
        ? new BinnacleError(code, `a ${kind.kind} is larger than ${limits.objectBytes} bytes`)
        : code === 'OBJECT_MALFORMED'
          ? (error as BinnacleError)
          : new BinnacleError('OBJECT_MALFORMED', 'the object could not be taken in', { cause: error })
    const fact = this.#intake.setAside(why, hint)
    const name = fact.event.subject?.name ?? ''
    this.#book.setAside(name, causeOf(why))
    this.#options.onSetAside(name, causeOf(why))
    return fact
  }

  /** Takes in that a line of an open watch cannot be read: its beginning is all there is. */
  setAside(writer: FactWriter, code: 'OBJECT_TOO_LARGE' | 'OBJECT_MALFORMED', start: Buffer): Promise<void> | undefined {
    const hint = start.toString('utf8')
    if (/^\s*\{\s*"type"\s*:\s*"DELETED"/.test(hint)) throw unreadDeletion()
    return writer.add(this.#quarantine(new BinnacleError(code), hint))
  }

  /** A listing under way; the state says so from here on. */
  async begin(reason: ListingReason, method: 'list' | 'watch_list'): Promise<Listing> {
    const { sink, clock, scope, kind, random } = this.#options
    this.#book.method = method
    this.#book.listedAnew()
    this.#book.enter('listing')
    this.#listingNumber += 1
    const listing = new Listing({
      id: `${kind.plural}-${this.#listingNumber}-${Math.trunc(random() * 2 ** 32).toString(16)}`,
      scope,
      kind,
      sink,
      clock,
      intake: this.#intake,
      reason,
      digested: reason === 'requested',
      quarantine: (error, hint) => this.#quarantine(error, hint),
    })
    await listing.begin()
    return listing
  }

  /** Ends a listing: what it did not name is gone, and the position is its version. */
  async complete(listing: Listing, version: string): Promise<ListingResult> {
    const result = await listing.end(version)
    this.#book.counters.listings += 1
    const { scope, kind, onGone } = this.#options
    for (const name of this.#names) {
      if (result.names.has(name)) continue
      const slash = name.indexOf('/')
      onGone({ scope, group: kind.group, kind: kind.kind, namespace: name.slice(0, slash), name: name.slice(slash + 1) })
    }
    this.#names = result.names
    this.#book.objects = result.names.size
    this.#moveTo(version)
    return result
  }
}
