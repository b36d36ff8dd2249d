import type { ObjectKey, PutFact } from '@binnacle/protocol'
import type { Database, Statement } from 'better-sqlite3'
import type { KindKey } from './listing-book.ts'
import { keyText } from './object-row.ts'

interface Entry {
  readonly uid: string
  readonly version: string
  readonly hash: string
}

interface Record extends Entry {
  readonly scope: ObjectKey['scope']
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** How an object is called inside its kind. */
export const nameText = ({ namespace, name }: Pick<ObjectKey, 'namespace' | 'name'>): string => `${namespace}/${name}`

/**
 * Objects that could not be taken in. They are kept by identity only, so that each is told once and not with every
 * listing. The table is mirrored in memory: it is nearly always empty, and every put asks it.
 */
export class Quarantine {
  readonly #entries = new Map<string, Record>()
  readonly #all: Statement
  readonly #put: Statement
  readonly #remove: Statement

  constructor(database: Database) {
    this.#all = database.prepare('SELECT scope, grp AS "group", kind, namespace, name, uid, version, hash FROM quarantined')
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO quarantined (scope, grp, kind, namespace, name, uid, version, hash, cause, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#remove = database.prepare('DELETE FROM quarantined WHERE scope = ? AND grp = ? AND kind = ? AND namespace = ? AND name = ?')
    this.rolledBack()
  }

  /** Whether exactly this version of the object is set aside already. */
  holds(fact: PutFact, hash: string): boolean {
    const entry = this.#entries.size === 0 ? undefined : this.#entries.get(keyText(fact.key))
    return entry !== undefined && entry.uid === fact.uid && entry.hash === hash && (entry.version === fact.version || fact.quiet === true)
  }

  add({ key, uid, version, observedAt }: PutFact, hash: string, cause: string): void {
    this.#put.run(key.scope, key.group, key.kind, key.namespace, key.name, uid, version, hash, cause, Math.trunc(observedAt))
    this.#entries.set(keyText(key), { ...key, uid, version, hash })
  }

  /** The object was taken in, or is gone. */
  remove(key: ObjectKey): void {
    if (this.#entries.size === 0 || !this.#entries.delete(keyText(key))) return
    this.#remove.run(key.scope, key.group, key.kind, key.namespace, key.name)
  }

  /** Removes what a complete listing did not name; `named` holds {@link nameText}. */
  sweep(kind: KindKey, named: ReadonlySet<string>): void {
    for (const entry of this.#entries.values()) {
      if (entry.scope === kind.scope && entry.group === kind.group && entry.kind === kind.kind && !named.has(nameText(entry)))
        this.remove(entry)
    }
  }

  forget(scope: string, kind: { readonly group: string; readonly kind: string } | undefined): void {
    for (const entry of this.#entries.values()) {
      if (entry.scope === scope && (kind === undefined || (kind.group === entry.group && kind.kind === entry.kind))) this.remove(entry)
    }
  }

  /** What the database says counts. */
  rolledBack(): void {
    this.#entries.clear()
    for (const entry of this.#all.all() as Record[]) this.#entries.set(keyText(entry), entry)
  }
}
