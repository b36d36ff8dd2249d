import {
  causeOf,
  BinnacleError,
  type Fact,
  type GoneFact,
  type ListingFact,
  type NewEvent,
  type ObjectKey,
  type Projection,
  type Projector,
  type PutFact,
  type SignalFact,
} from '@binnacle/protocol'
import type { Database, Statement } from 'better-sqlite3'
import { createHash } from 'node:crypto'
import type { LogWriter } from '../log/log-writer.ts'
import { ListingBook } from './listing-book.ts'
import type { KeptObject } from './object-row.ts'
import type { ObjectTable } from './object-table.ts'

const contentHash = (document: string): string => createHash('sha256').update(document).digest('base64url')
const keyText = (key: ObjectKey): string => JSON.stringify([key.scope, key.group, key.kind, key.namespace, key.name])

/** Objects whose status has to be derived again in this transaction. */
interface Dirty {
  readonly key: ObjectKey
  readonly observedAt: number
  readonly catchUp: boolean
}

/** Work that follows a first listing, done in bounded steps: the objects of a kind whose status must be derived. */
export interface DeriveWork {
  readonly key: { readonly scope: ObjectKey['scope']; readonly group: string; readonly kind: string }
  readonly ids: readonly number[]
  readonly observedAt: number
}

/**
 * Turns facts into rows and events inside the writer's transaction. It decides equality (uid, version, content hash),
 * marks and sweeps listings, and derives the status of everything a change can touch. The projector decides what rows
 * and events look like.
 */
export class FactApplier {
  readonly #objects: ObjectTable
  readonly #log: LogWriter
  readonly #projector: Projector
  readonly #listings: ListingBook
  readonly #forgetVersions: Statement
  readonly #forgetIds: Statement
  readonly #forgetIdsOfKind: Statement
  #dirty = new Map<string, Dirty>()
  #deriveWork: DeriveWork[] = []

  constructor(database: Database, objects: ObjectTable, log: LogWriter, projector: Projector) {
    this.#objects = objects
    this.#log = log
    this.#projector = projector
    this.#listings = new ListingBook(database)
    this.#forgetVersions = database.prepare('DELETE FROM object_versions WHERE scope = ? AND (? IS NULL OR (grp = ? AND kind = ?))')
    this.#forgetIds = database.prepare('SELECT id FROM objects WHERE scope = ?').pluck()
    this.#forgetIdsOfKind = database.prepare('SELECT id FROM objects WHERE scope = ? AND grp = ? AND kind = ?').pluck()
  }

  /** Applies facts in order; call {@link settle} before commit. */
  apply(facts: readonly Fact[]): void {
    for (const fact of facts) {
      switch (fact.fact) {
        case 'put':
          this.#put(fact)
          break
        case 'gone':
          this.#gone(fact)
          break
        case 'listing':
          this.#listing(fact)
          break
        case 'signal':
          this.#signal(fact)
          break
        case 'note':
          this.#log.append(fact.event)
          break
        case 'forget':
          this.#forget(fact.scope, fact.kind)
          break
      }
    }
  }

  /** Derives the status of everything the applied facts could touch; the last step of a transaction. */
  settle(): void {
    const dirty = this.#dirty
    this.#dirty = new Map()
    for (const { key, observedAt, catchUp } of dirty.values()) {
      const object = this.#objects.byKey(key)
      if (object !== undefined) this.#derive(object, observedAt, catchUp, true)
    }
  }

  /** Derivation work that the committed transaction left behind, once. */
  takeDeriveWork(): DeriveWork[] {
    const work = this.#deriveWork
    this.#deriveWork = []
    return work
  }

  /** Derives a slice of a first listing's objects and of what refers to them; without events, because nothing changed. */
  deriveSlice(work: DeriveWork, ids: readonly number[]): void {
    const more = new Map<string, ObjectKey>()
    for (const id of ids) {
      const object = this.#objects.byId(id)
      if (object === undefined) continue
      this.#derive(object, work.observedAt, true, false)
      for (const key of this.#affected(object)) if (key.kind !== work.key.kind || key.group !== work.key.group) more.set(keyText(key), key)
    }
    for (const key of more.values()) {
      const object = this.#objects.byKey(key)
      if (object !== undefined && object.derived !== null) this.#derive(object, work.observedAt, true, false)
    }
  }

  /** What a restart finds undone: objects of listed kinds that have no derived status yet. */
  leftOver(): DeriveWork[] {
    return this.#objects
      .underived()
      .filter(({ grp, kind }) => this.#projector.derives(grp, kind))
      .map(({ scope, grp, kind }) => ({ key: { scope, group: grp, kind }, ids: this.#objects.idsOfKind(scope, grp, kind), observedAt: 0 }))
  }

  /** After a rollback: listings under way are void (their source lists again), nothing is dirty. */
  reset(): void {
    this.#dirty = new Map()
    this.#deriveWork = []
    this.#listings.reset()
  }

  #put(fact: PutFact): void {
    const { key } = fact
    const listing = fact.listing === undefined ? undefined : this.#listings.open(key, fact.listing)
    const catchUp = fact.listing !== undefined
    const first = !this.#listings.wasListed(key)
    const hash = contentHash(fact.document)
    const identity = this.#objects.identity(key)
    if (identity !== undefined && identity.uid === fact.uid && identity.hash === hash) {
      listing?.touched.add(identity.id)
      if (identity.version === fact.version || fact.quiet === true) return
    }
    const stored = identity === undefined ? undefined : this.#objects.byKey(key)
    const same = stored !== undefined && stored.uid === fact.uid ? stored : undefined
    let projection: Projection
    try {
      projection = this.#projector.put(fact, same, catchUp)
    } catch (error) {
      // A poison object must stop neither its neighbours nor the next start: it is set aside, visibly.
      this.#quarantine(fact, error)
      if (identity !== undefined) listing?.touched.add(identity.id)
      return
    }
    if (stored !== undefined && same === undefined) this.#delete(stored, undefined, fact.observedAt, catchUp, first)
    const seq = first ? this.#log.head.seq : this.#log.nextSeq
    let id: number
    if (same === undefined) id = this.#objects.insert(fact, hash, projection, seq)
    else {
      id = same.id
      this.#objects.update(same, fact, hash, projection, seq)
    }
    listing?.touched.add(id)
    if (first) return
    this.#append(projection.events)
    if (same !== undefined) this.#touch(same, fact.observedAt, catchUp)
    const after = this.#objects.byId(id)
    if (after !== undefined) this.#touch(after, fact.observedAt, catchUp)
  }

  #gone(fact: GoneFact): void {
    const stored = this.#objects.byKey(fact.key)
    if (stored === undefined || (fact.uid !== undefined && fact.uid !== stored.uid)) return
    this.#delete(stored, fact, fact.observedAt, false, !this.#listings.wasListed(fact.key))
  }

  #delete(stored: KeptObject, fact: GoneFact | undefined, observedAt: number, catchUp: boolean, silent: boolean): void {
    const touched = silent ? [] : this.#affected(stored)
    const seq = silent ? this.#log.head.seq : this.#log.nextSeq
    this.#objects.remove(stored, seq, observedAt)
    if (silent) return
    this.#append(this.#guarded(() => this.#projector.gone(stored, fact, observedAt, catchUp), []))
    for (const key of touched) this.#dirty.set(keyText(key), { key, observedAt, catchUp })
  }

  #listing(fact: ListingFact): void {
    const key = { scope: fact.scope, group: fact.group, kind: fact.kind }
    if (fact.phase === 'begin') return this.#listings.begin(key, fact.listing)
    const listing = this.#listings.close(key, fact.listing)
    if (fact.phase === 'abort') return
    if (listing === undefined) throw new BinnacleError('CONFLICT', `listing ${fact.listing} of ${fact.kind} is not open`)
    if (fact.count !== undefined && fact.count !== listing.touched.size + listing.setAside) {
      throw new BinnacleError(
        'CONFLICT',
        `listing of ${fact.kind} announced ${fact.count} objects, ${listing.touched.size + listing.setAside} arrived; nothing was swept`,
      )
    }
    const first = !this.#listings.wasListed(key)
    for (const id of this.#objects.idsOfKind(fact.scope, fact.group, fact.kind)) {
      if (listing.touched.has(id)) continue
      const stored = this.#objects.byId(id)
      if (stored !== undefined) this.#delete(stored, undefined, fact.observedAt, true, first)
    }
    this.#listings.listed(key, fact.observedAt, fact.version ?? '')
    if (first && this.#projector.derives(fact.group, fact.kind))
      this.#deriveWork.push({ key, ids: [...listing.touched], observedAt: fact.observedAt })
    else if (first) this.#deriveWork.push({ key, ids: [...listing.touched], observedAt: fact.observedAt })
  }

  #signal(fact: SignalFact): void {
    const stored = this.#objects.byKey(fact.key)
    if (stored === undefined || stored.signals[fact.name]?.value === fact.value) return
    this.#objects.setSignals(stored.id, { ...stored.signals, [fact.name]: { value: fact.value, since: fact.since } })
    const after = this.#objects.byId(stored.id)
    if (after !== undefined) this.#touch(after, fact.observedAt, false)
  }

  #forget(scope: ObjectKey['scope'], kind: { readonly group: string; readonly kind: string } | undefined): void {
    const ids = (kind === undefined ? this.#forgetIds.all(scope) : this.#forgetIdsOfKind.all(scope, kind.group, kind.kind)) as number[]
    for (const id of ids) this.#objects.forget(id)
    this.#forgetVersions.run(scope, kind === undefined ? null : 1, kind?.group ?? null, kind?.kind ?? null)
    this.#listings.forget(scope, kind)
  }

  #touch(object: KeptObject, observedAt: number, catchUp: boolean): void {
    for (const key of this.#affected(object)) this.#dirty.set(keyText(key), { key, observedAt, catchUp })
  }

  #affected(object: KeptObject): readonly ObjectKey[] {
    return this.#guarded(() => this.#projector.affected(object, this.#objects), [object.key])
  }

  #derive(object: KeptObject, observedAt: number, catchUp: boolean, telling: boolean): void {
    if (!this.#projector.derives(object.key.group, object.key.kind)) return
    const before = object.derived
    const after = this.#guarded(() => this.#projector.derive(object, this.#objects), {
      status: 'unknown',
      health: 'unknown' as const,
      text: 'its status could not be derived',
      from: [],
    })
    if (JSON.stringify(before) === JSON.stringify(after)) return
    const events =
      telling && before !== null ? this.#guarded(() => this.#projector.statusChanged(object, before, after, observedAt, catchUp), []) : []
    this.#objects.setDerived(
      object,
      after,
      events.length === 0 ? object.changedSeq : this.#log.nextSeq,
      events.length === 0 ? object.changedAt : Math.trunc(observedAt),
    )
    this.#append(events)
  }

  #append(events: readonly NewEvent[]): void {
    for (const event of events) this.#log.append(event)
  }

  #guarded<T>(run: () => T, otherwise: T): T {
    try {
      return run()
    } catch {
      // The projector could not judge this one object; `otherwise` is the answer that claims least.
      return otherwise
    }
  }

  #quarantine(fact: PutFact, error: unknown): void {
    this.#listings.setAside(fact.key, fact.listing)
    const { message } = causeOf(error)
    this.#log.append({
      event_type: 'cr_quarantined',
      scope: fact.key.scope,
      subject: { group: fact.key.group, kind: fact.key.kind, namespace: fact.key.namespace, name: fact.key.name, uid: fact.uid },
      data: { resource_version: fact.version, cause: { code: 'OBJECT_MALFORMED', message } },
      observedAt: fact.observedAt,
      source: 'projector',
    })
  }
}
