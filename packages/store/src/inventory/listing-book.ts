import type { ObjectKey } from '@binnacle/protocol'
import type { Database, Statement } from 'better-sqlite3'

/** The kind of a scope that is listed. */
export type KindKey = Pick<ObjectKey, 'scope' | 'group' | 'kind'>

/** A listing under way: which rows it named so far, and how many objects were set aside. */
export interface OpenListing {
  readonly id: string
  readonly touched: Set<number>
  setAside: number
}

const text = ({ scope, group, kind }: KindKey): string => JSON.stringify([scope, group, kind])

/** Keeps which kinds were listed completely at least once, and the listings under way (in memory: a listing that a restart cut is begun again). */
export class ListingBook {
  readonly #open = new Map<string, OpenListing>()
  readonly #listed = new Set<string>()
  readonly #all: Statement
  readonly #write: Statement
  readonly #forgetScope: Statement
  readonly #forgetKind: Statement

  constructor(database: Database) {
    this.#all = database.prepare('SELECT scope, grp AS "group", kind FROM kinds WHERE listed_at IS NOT NULL')
    this.#write = database.prepare(
      'INSERT INTO kinds (scope, grp, kind, listed_at, version) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET listed_at = excluded.listed_at, version = excluded.version',
    )
    this.#forgetScope = database.prepare('DELETE FROM kinds WHERE scope = ?')
    this.#forgetKind = database.prepare('DELETE FROM kinds WHERE scope = ? AND grp = ? AND kind = ?')
    this.reset()
  }

  begin(key: KindKey, id: string): void {
    this.#open.set(text(key), { id, touched: new Set(), setAside: 0 })
  }

  open(key: KindKey, id: string): OpenListing | undefined {
    const listing = this.#open.get(text(key))
    return listing?.id === id ? listing : undefined
  }

  /** Ends a listing; undefined when it is not the one under way. */
  close(key: KindKey, id: string): OpenListing | undefined {
    const listing = this.open(key, id)
    if (listing !== undefined) this.#open.delete(text(key))
    return listing
  }

  setAside(key: KindKey, id: string | undefined): void {
    const listing = id === undefined ? undefined : this.open(key, id)
    if (listing !== undefined) listing.setAside += 1
  }

  wasListed(key: KindKey): boolean {
    return this.#listed.has(text(key))
  }

  listed(key: KindKey, at: number, version: string): void {
    this.#write.run(key.scope, key.group, key.kind, Math.trunc(at), version)
    this.#listed.add(text(key))
  }

  forget(scope: string, kind: { readonly group: string; readonly kind: string } | undefined): void {
    if (kind === undefined) this.#forgetScope.run(scope)
    else this.#forgetKind.run(scope, kind.group, kind.kind)
    this.#reload()
  }

  /** What the database says counts; listings under way are void. */
  reset(): void {
    this.#open.clear()
    this.#reload()
  }

  #reload(): void {
    this.#listed.clear()
    for (const key of this.#all.all() as KindKey[]) this.#listed.add(text(key))
  }
}
