import type { DerivedStatus, NewEvent, ObjectKey, Projector, ProjectorReader, StoredObject } from '@binnacle/protocol'
import type { LogWriter } from '../log/log-writer.ts'
import type { KindKey, ListingBook } from './listing-book.ts'
import { keyText, type KeptObject } from './object-row.ts'
import type { Judged, ObjectTable } from './object-table.ts'

/** An object whose status has to be derived again in this transaction. */
interface Dirty {
  readonly key: ObjectKey
  readonly observedAt: number
  readonly catchUp: boolean
}

/** Work that follows a first listing, done in bounded steps. */
export interface DeriveWork {
  readonly key: KindKey
  readonly ids: readonly number[]
  /** What is to be derived: these objects, or what they affect. */
  readonly of: 'these' | 'affected'
  readonly observedAt: number
  /** The last of what follows from the first listing of this kind. */
  readonly ends?: KindKey
}

/** Up to so many dependent objects for each listed one, it costs less to derive all of them than to find out which. */
const BULK_RATIO = 2
/** So few dependent objects are derived in any case. */
const BULK_FLOOR = 100
/** How many steps away a change may travel; a projector whose statuses chase each other in a circle is stopped here. */
const ROUNDS = 10
/** The answer that claims least, for an object whose status the projector cannot derive. */
const UNDERIVABLE: DerivedStatus = { status: 'unknown', health: 'unknown', text: 'its status could not be derived', from: [] }

/** Derives statuses again after changes, round by round, until nothing moves any more. */
export class StatusDeriver {
  readonly #objects: ObjectTable
  readonly #log: LogWriter
  readonly #projector: Projector
  readonly #listings: ListingBook
  readonly #reader: ProjectorReader
  /** The object that is judged before it is stored. */
  #candidate: StoredObject | undefined
  #dirty = new Map<string, Dirty>()

  constructor(objects: ObjectTable, listings: ListingBook, log: LogWriter, projector: Projector) {
    this.#objects = objects
    this.#listings = listings
    this.#reader = {
      get: (scope, group, kind, name) => {
        const key = this.#candidate?.key
        return key !== undefined && key.name === name && key.kind === kind && key.group === group && key.scope === scope
          ? this.#candidate
          : objects.get(scope, group, kind, name)
      },
      countReferrers: (scope, target, by) => objects.countReferrers(scope, target, by),
      referrers: (scope, target, by, limit) => objects.referrers(scope, target, by, limit),
      listed: (scope, group, kind) => listings.wasListed({ scope, group, kind }),
    }
    this.#log = log
    this.#projector = projector
  }

  /** Which objects may have another status because of this one; itself when the projector cannot tell. */
  affected(object: KeptObject, change: { readonly references: boolean }): readonly ObjectKey[] {
    try {
      return this.#projector.affected(object, this.#reader, change)
    } catch {
      // The object cannot be judged; its neighbours keep what they have until they change themselves.
      return [object.key]
    }
  }

  /** Marks objects to be derived by {@link settle}. */
  mark(keys: readonly ObjectKey[], observedAt: number, catchUp: boolean): void {
    for (const key of keys) if (this.#projector.derives(key.group, key.kind)) this.#dirty.set(keyText(key), { key, observedAt, catchUp })
  }

  /** Derives everything that is marked, and what that touches in turn; the last step of a transaction. */
  settle(): void {
    this.#settle(true)
  }

  /**
   * The status of an object that is about to be stored. While its kind is listed for the first time that saves reading
   * and writing every row a second time; what comes later derives it again like any other.
   */
  judge(object: StoredObject): Judged | undefined {
    if (!this.#projector.derives(object.key.group, object.key.kind)) return undefined
    this.#candidate = object
    const status = this.#judge(object)
    this.#candidate = undefined
    return { status, text: status === null ? null : JSON.stringify(status) }
  }

  /** Derives a slice of what a first listing left to do; without events, because nothing changed. */
  deriveSlice(work: DeriveWork, ids: readonly number[]): void {
    for (const id of ids) {
      const object = this.#objects.byId(id)
      if (object === undefined) continue
      const all = work.of === 'affected'
      if (!all && !this.#derive(object, { key: object.key, observedAt: work.observedAt, catchUp: true }, false)) continue
      const own = keyText(object.key)
      const others = this.affected(object, { references: all }).filter((key) => keyText(key) !== own)
      this.mark(others, work.observedAt, true)
    }
    this.#settle(false)
  }

  /**
   * What the end of a kind's first listing leaves to do: the objects of other kinds that depend on it, as a whole where
   * they are few beside the listed ones, else those that these affect and those that were unknown until now.
   */
  following(listed: KindKey, ids: readonly number[], observedAt: number): DeriveWork[] {
    const { scope } = listed
    const kinds = this.#projector.awaiting(listed.group, listed.kind).map(({ group, kind }) => ({ scope, group, kind }))
    const count = kinds.reduce((sum, { group, kind }) => sum + this.#objects.countOfKind(scope, group, kind), 0)
    const bulk = count <= BULK_FLOOR + BULK_RATIO * ids.length
    const work: DeriveWork[] = kinds.map((key) => ({
      key,
      ids: bulk ? this.#objects.idsOfKind(scope, key.group, key.kind) : this.#objects.unknownOfKind(scope, key.group, key.kind),
      observedAt,
      of: 'these',
    }))
    if (!bulk) work.push({ key: listed, ids, observedAt, of: 'affected' })
    const left = work.filter((each) => each.ids.length > 0)
    return left.map((each, index) => (index === left.length - 1 ? { ...each, ends: listed } : each))
  }

  /** What a restart may find undone: objects without a status, or with one that waited for a listing which ended since. */
  leftOver(): DeriveWork[] {
    const underived = this.#objects
      .underived()
      .filter(({ grp, kind }) => this.#projector.derives(grp, kind))
      .map(({ scope, grp, kind }) => ({
        key: { scope, group: grp, kind },
        ids: this.#objects.idsOfKind(scope, grp, kind),
        observedAt: 0,
        of: 'these' as const,
      }))
    const unknown = this.#objects.unknownKinds().map(({ scope, grp, kind }) => ({
      key: { scope, group: grp, kind },
      ids: this.#objects.unknownOfKind(scope, grp, kind),
      observedAt: 0,
      of: 'these' as const,
    }))
    const following = this.#listings
      .following()
      .flatMap((key) => this.following(key, this.#objects.idsOfKind(key.scope, key.group, key.kind), 0))
    return [...underived, ...following, ...unknown]
  }

  rolledBack(): void {
    this.#dirty = new Map()
  }

  #settle(telling: boolean): void {
    for (let round = 0; round < ROUNDS && this.#dirty.size > 0; round += 1) {
      const dirty = this.#dirty
      this.#dirty = new Map()
      for (const each of dirty.values()) {
        const object = this.#objects.byKey(each.key)
        if (object === undefined || (!telling && object.derived === null)) continue
        if (!this.#derive(object, each, telling)) continue
        const others = this.affected(object, { references: false }).filter((key) => keyText(key) !== keyText(each.key))
        this.mark(others, each.observedAt, each.catchUp)
      }
    }
    this.#dirty = new Map()
  }

  /** Whether the status is another one now. */
  #derive(object: KeptObject, { observedAt, catchUp }: Dirty, telling: boolean): boolean {
    if (!this.#projector.derives(object.key.group, object.key.kind)) return false
    const after = this.#judge(object)
    const text = after === null ? null : JSON.stringify(after)
    if (object.derivedText === text) return false
    const before = object.derived
    // The status that an object gets when it appears is part of its appearing, not a change.
    const events =
      telling && before !== null && this.#listings.wasListed(object.key) ? this.#tell(object, before, after, observedAt, catchUp) : []
    const told = events.length > 0
    this.#objects.setDerived(
      object.id,
      after,
      text,
      told ? this.#log.nextSeq : object.changedSeq,
      told ? Math.trunc(observedAt) : object.changedAt,
    )
    for (const event of events) this.#log.append(event)
    return true
  }

  #judge(object: StoredObject): DerivedStatus | null {
    try {
      return this.#projector.derive(object, this.#reader)
    } catch {
      // One object that cannot be judged must not stop the transaction; "unknown" is shown, never "fine".
      return UNDERIVABLE
    }
  }

  #tell(object: KeptObject, before: DerivedStatus, after: DerivedStatus | null, observedAt: number, catchUp: boolean): readonly NewEvent[] {
    try {
      return this.#projector.statusChanged(object, before, after, observedAt, catchUp)
    } catch {
      // The row still says the new status; what cannot be said is its event.
      return []
    }
  }
}
