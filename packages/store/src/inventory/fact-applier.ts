import {
  causeOf,
  BinnacleError,
  type EndedListing,
  type Fact,
  type GoneFact,
  type ListingFact,
  type ObjectKey,
  type Projection,
  type Projector,
  type PutFact,
  type SignalFact,
} from '@binnacle/protocol'
import type { Database, Statement } from 'better-sqlite3'
import { hash as digest } from 'node:crypto'
import type { LogWriter } from '../log/log-writer.ts'
import { ListingBook, type OpenListing } from './listing-book.ts'
import type { KeptObject } from './object-row.ts'
import type { ObjectTable } from './object-table.ts'
import { Quarantine, nameText } from './quarantine.ts'
import { StatusDeriver, type DeriveWork } from './status-deriver.ts'

const contentHash = (document: string): string => digest('sha256', document, 'base64url')

/**
 * Turns facts into rows and events inside the writer's transaction. It decides equality (uid, version, content hash)
 * and marks and sweeps listings. The projector decides what rows and events look like.
 */
export class FactApplier {
  readonly #objects: ObjectTable
  readonly #log: LogWriter
  readonly #projector: Projector
  readonly #listings: ListingBook
  readonly #quarantine: Quarantine
  readonly #forgetVersions: Statement
  readonly #forgetIds: Statement
  readonly #forgetIdsOfKind: Statement
  #deriveWork: DeriveWork[] = []
  #ended: EndedListing[] = []
  /** Statuses that follow from the facts. */
  readonly status: StatusDeriver

  constructor(database: Database, objects: ObjectTable, log: LogWriter, projector: Projector) {
    this.#objects = objects
    this.#log = log
    this.#projector = projector
    this.#listings = new ListingBook(database)
    this.#quarantine = new Quarantine(database)
    this.status = new StatusDeriver(objects, this.#listings, log, projector)
    this.#forgetVersions = database.prepare('DELETE FROM object_versions WHERE scope = ? AND (? IS NULL OR (grp = ? AND kind = ?))')
    this.#forgetIds = database.prepare('SELECT id FROM objects WHERE scope = ?').pluck()
    this.#forgetIdsOfKind = database.prepare('SELECT id FROM objects WHERE scope = ? AND grp = ? AND kind = ?').pluck()
  }

  /**
   * Applies facts in order; the statuses that they touch are derived by `status.settle()` before commit. Returns the
   * listings that ended.
   */
  apply(facts: readonly Fact[]): readonly EndedListing[] {
    this.#ended = []
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
    return this.#ended
  }

  /** Derivation work that the committed transaction left behind, once. */
  takeDeriveWork(): DeriveWork[] {
    const work = this.#deriveWork
    this.#deriveWork = []
    return work
  }

  /** A step of that work is done. */
  derived({ ends }: DeriveWork): void {
    if (ends !== undefined) this.#listings.followed(ends)
  }

  committed(): void {
    this.#listings.committed()
  }

  /** What the transaction changed in memory is undone; listings that were under way before it still are. */
  rolledBack(): void {
    this.#deriveWork = []
    this.#listings.rolledBack()
    this.#quarantine.rolledBack()
    this.status.rolledBack()
  }

  #put(fact: PutFact): void {
    const { key } = fact
    const listing = fact.listing === undefined ? undefined : this.#listings.open(key, fact.listing)
    const catchUp = fact.listing !== undefined
    const first = !this.#listings.wasListed(key)
    const hash = contentHash(fact.document)
    const identity = this.#objects.identity(key)
    if (identity !== undefined && identity.uid === fact.uid && identity.hash === hash) {
      if (listing !== undefined) this.#listings.touch(listing, identity.id)
      if (identity.version === fact.version || fact.quiet === true) return
    }
    if (this.#quarantine.holds(fact, hash)) {
      if (listing !== undefined) this.#listings.setAside(listing, nameText(key), identity?.uid === fact.uid ? identity.id : undefined)
      return
    }
    if (listing !== undefined) this.#listings.differed(listing)
    const stored = identity === undefined ? undefined : this.#objects.byKey(key)
    const same = stored !== undefined && stored.uid === fact.uid ? stored : undefined
    if (stored !== undefined && same === undefined) this.#delete(stored, undefined, fact.observedAt, catchUp, first)
    let projection: Projection
    try {
      projection = this.#projector.put(fact, same, catchUp)
    } catch (error) {
      this.#setAside(fact, hash, same, listing, error)
      return
    }
    this.#quarantine.remove(key)
    const seq = first ? this.#log.head.seq : this.#log.nextSeq
    let id: number
    let references = true
    if (same === undefined) {
      const judged = first ? this.status.judge({ ...fact, hash, row: projection.row, derived: null, signals: {} }) : undefined
      id = this.#objects.insert(fact, hash, projection, seq, judged)
    } else {
      id = same.id
      references = this.#objects.update(same, fact, hash, projection, seq)
    }
    if (listing !== undefined) this.#listings.touch(listing, id)
    if (first) {
      if (same !== undefined) this.status.mark([key], fact.observedAt, catchUp)
      return
    }
    for (const event of projection.events) this.#log.append(event)
    if (same !== undefined && references) this.#touch(same, { references }, fact.observedAt, catchUp)
    const after = this.#objects.byId(id)
    if (after !== undefined) this.#touch(after, { references }, fact.observedAt, catchUp)
  }

  #gone(fact: GoneFact): void {
    this.#quarantine.remove(fact.key)
    const stored = this.#objects.byKey(fact.key)
    if (stored === undefined || (fact.uid !== undefined && fact.uid !== stored.uid)) return
    this.#delete(stored, fact, fact.observedAt, false, !this.#listings.wasListed(fact.key))
  }

  #delete(stored: KeptObject, fact: GoneFact | undefined, observedAt: number, catchUp: boolean, silent: boolean): void {
    const touched = silent ? [] : this.status.affected(stored, { references: true })
    this.#objects.remove(stored, silent ? this.#log.head.seq : this.#log.nextSeq, observedAt)
    if (silent) return
    try {
      for (const event of this.#projector.gone(stored, fact, observedAt, catchUp)) this.#log.append(event)
    } catch (error) {
      this.#tellQuarantined(stored.key, stored.uid, fact?.version ?? stored.version, observedAt, error)
    }
    this.status.mark(touched, observedAt, catchUp)
  }

  #listing(fact: ListingFact): void {
    const key = { scope: fact.scope, group: fact.group, kind: fact.kind }
    if (fact.phase === 'begin') return this.#listings.begin(key, fact.listing)
    const listing = this.#listings.close(key, fact.listing)
    if (fact.phase === 'abort') return
    if (listing === undefined) throw new BinnacleError('CONFLICT', `listing ${fact.listing} of ${fact.kind} is not open`)
    const arrived = listing.touched.size + listing.rowless.size
    if (fact.count !== undefined && fact.count !== arrived)
      throw new BinnacleError('CONFLICT', `listing of ${fact.kind} announced ${fact.count} objects, ${arrived} arrived; nothing was swept`)
    const first = !this.#listings.wasListed(key)
    let { differences } = listing
    const kept = new Set(fact.keep?.map(({ namespace, name }) => `${namespace}/${name}`))
    for (const id of this.#objects.idsOfKind(fact.scope, fact.group, fact.kind)) {
      if (listing.touched.has(id)) continue
      const stored = this.#objects.byId(id)
      if (stored === undefined || kept.has(`${stored.key.namespace}/${stored.key.name}`)) continue
      differences += 1
      this.#delete(stored, undefined, fact.observedAt, true, first)
    }
    this.#quarantine.sweep(key, listing.quarantined)
    this.#listings.listed(key, fact.observedAt, fact.version ?? '')
    this.#ended.push({ listing: fact.listing, first, differences })
    if (!first) return
    const work = this.status.following(key, [...listing.touched], fact.observedAt)
    if (work.length > 0) this.#listings.follow(key)
    this.#deriveWork.push(...work)
  }

  #signal(fact: SignalFact): void {
    const stored = this.#objects.byKey(fact.key)
    if (stored === undefined || stored.signals[fact.name]?.value === fact.value) return
    this.#objects.setSignals(stored.id, { ...stored.signals, [fact.name]: { value: fact.value, since: fact.since } })
    const after = this.#objects.byId(stored.id)
    if (after !== undefined) this.#touch(after, { references: false }, fact.observedAt, false)
  }

  #forget(scope: ObjectKey['scope'], kind: { readonly group: string; readonly kind: string } | undefined): void {
    const ids = (kind === undefined ? this.#forgetIds.all(scope) : this.#forgetIdsOfKind.all(scope, kind.group, kind.kind)) as number[]
    for (const id of ids) this.#objects.forget(id)
    this.#forgetVersions.run(scope, kind === undefined ? null : 1, kind?.group ?? null, kind?.kind ?? null)
    this.#listings.forget(scope, kind)
    this.#quarantine.forget(scope, kind)
  }

  #touch(object: KeptObject, change: { readonly references: boolean }, observedAt: number, catchUp: boolean): void {
    this.status.mark(this.status.affected(object, change), observedAt, catchUp)
  }

  /** A poison object must stop neither its neighbours nor the next start: it is set aside, visibly; its last good row stays. */
  #setAside(fact: PutFact, hash: string, same: KeptObject | undefined, listing: OpenListing | undefined, error: unknown): void {
    if (listing !== undefined) this.#listings.setAside(listing, nameText(fact.key), same?.id)
    this.#quarantine.add(fact, hash, causeOf(error).message)
    this.#tellQuarantined(fact.key, fact.uid, fact.version, fact.observedAt, error)
  }

  #tellQuarantined(key: ObjectKey, uid: string, version: string, observedAt: number, error: unknown): void {
    this.#log.append({
      event_type: 'cr_quarantined',
      scope: key.scope,
      subject: { group: key.group, kind: key.kind, namespace: key.namespace, name: key.name, uid },
      data: { resource_version: version, cause: { code: 'OBJECT_MALFORMED', message: causeOf(error).message } },
      observedAt,
      source: 'projector',
    })
  }
}
