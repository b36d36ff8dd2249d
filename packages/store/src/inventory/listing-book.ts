import type { ObjectKey } from '@binnacle/protocol'
import type { Database, Statement } from 'better-sqlite3'

/** The kind of a scope that is listed. */
export type KindKey = Pick<ObjectKey, 'scope' | 'group' | 'kind'>

/** A listing under way. */
export interface OpenListing {
  readonly id: string
  /** Rows that it named so far. */
  readonly touched: Set<number>
  /** Objects that it named and that could not be taken in, by namespace and name. */
  readonly quarantined: Set<string>
  /** Those of them that have no row. */
  readonly rowless: Set<string>
  /** Rows that it found different: changed, new, gone. */
  differences: number
}

/** None of the three holds a space. */
const text = ({ scope, group, kind }: KindKey): string => `${scope} ${group} ${kind}`

/**
 * Keeps which kinds were listed completely at least once, and the listings under way. Those are in memory (one that a
 * restart cut is begun again) but follow the writer's transactions: what a rolled-back one changed here is undone.
 */
export class ListingBook {
  readonly #open = new Map<string, OpenListing>()
  readonly #listed = new Set<string>()
  readonly #all: Statement
  readonly #write: Statement
  readonly #forgetScope: Statement
  readonly #forgetKind: Statement
  readonly #follow: Statement
  readonly #followed: Statement
  readonly #following: Statement
  #undo: (() => void)[] = []

  constructor(database: Database) {
    this.#all = database.prepare('SELECT scope, grp AS "group", kind FROM kinds WHERE listed_at IS NOT NULL')
    this.#write = database.prepare(
      'INSERT INTO kinds (scope, grp, kind, listed_at, version) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET listed_at = excluded.listed_at, version = excluded.version',
    )
    this.#forgetScope = database.prepare('DELETE FROM kinds WHERE scope = ?')
    this.#forgetKind = database.prepare('DELETE FROM kinds WHERE scope = ? AND grp = ? AND kind = ?')
    this.#follow = database.prepare('INSERT OR REPLACE INTO settings (name, value) VALUES (?, ?)')
    this.#followed = database.prepare('DELETE FROM settings WHERE name = ?')
    this.#following = database.prepare("SELECT name FROM settings WHERE name GLOB 'derive/*'").pluck()
    this.#reload()
  }

  begin(key: KindKey, id: string): void {
    this.#replace(text(key), { id, touched: new Set(), quarantined: new Set(), rowless: new Set(), differences: 0 })
  }

  /** The listing under way with this id; undefined when there is none. */
  open(key: KindKey, id: string): OpenListing | undefined {
    const listing = this.#open.get(text(key))
    return listing?.id === id ? listing : undefined
  }

  /** Notes that a listing named a row. */
  touch(listing: OpenListing, id: number): void {
    this.#add(listing.touched, id)
  }

  /** Notes that a listing named an object that could not be taken in; `id` is its last good row. */
  setAside(listing: OpenListing, name: string, id: number | undefined): void {
    this.#add(listing.quarantined, name)
    if (id === undefined) this.#add(listing.rowless, name)
    else this.touch(listing, id)
  }

  /** Notes that a listing found a row different. */
  differed(listing: OpenListing): void {
    listing.differences += 1
    this.#undo.push(() => {
      listing.differences -= 1
    })
  }

  /** Ends a listing; undefined when it is not the one under way. */
  close(key: KindKey, id: string): OpenListing | undefined {
    const listing = this.open(key, id)
    if (listing !== undefined) this.#replace(text(key), undefined)
    return listing
  }

  wasListed(key: KindKey): boolean {
    return this.#listed.has(text(key))
  }

  listed(key: KindKey, at: number, version: string): void {
    this.#write.run(key.scope, key.group, key.kind, Math.trunc(at), version)
    this.#listed.add(text(key))
    this.#undo.push(() => this.#reload())
  }

  /** Notes that what follows from the kind's first listing is still to be derived: a restart goes on with it. */
  follow(key: KindKey): void {
    this.#follow.run(`derive/${text(key)}`, '1')
  }

  /** What follows from the kind's first listing is derived. */
  followed(key: KindKey): void {
    this.#followed.run(`derive/${text(key)}`)
  }

  /** The kinds from whose first listing something is still to be derived. */
  following(): KindKey[] {
    return (this.#following.all() as string[]).map((name) => {
      const [scope = '', group = '', kind = ''] = name.slice('derive/'.length).split(' ')
      return { scope: scope as KindKey['scope'], group, kind }
    })
  }

  /** Forgets a scope, or one kind of it; its listings under way are void. */
  forget(scope: string, kind: { readonly group: string; readonly kind: string } | undefined): void {
    if (kind === undefined) this.#forgetScope.run(scope)
    else this.#forgetKind.run(scope, kind.group, kind.kind)
    for (const key of this.following()) {
      if (key.scope === scope && (kind === undefined || (kind.group === key.group && kind.kind === key.kind))) this.followed(key)
    }
    for (const key of this.#open.keys()) {
      const [openScope, group, name] = key.split(' ')
      if (openScope === scope && (kind === undefined || (kind.group === group && kind.kind === name))) this.#replace(key, undefined)
    }
    this.#reload()
    this.#undo.push(() => this.#reload())
  }

  committed(): void {
    this.#undo = []
  }

  rolledBack(): void {
    for (const undo of this.#undo.reverse()) undo()
    this.#undo = []
  }

  #add<T>(set: Set<T>, value: T): void {
    if (set.has(value)) return
    set.add(value)
    this.#undo.push(() => set.delete(value))
  }

  #replace(key: string, listing: OpenListing | undefined): void {
    const before = this.#open.get(key)
    const put = (value: OpenListing | undefined): void => {
      if (value === undefined) this.#open.delete(key)
      else this.#open.set(key, value)
    }
    put(listing)
    this.#undo.push(() => put(before))
  }

  /** What the database says counts. */
  #reload(): void {
    this.#listed.clear()
    for (const key of this.#all.all() as KindKey[]) this.#listed.add(text(key))
  }
}
