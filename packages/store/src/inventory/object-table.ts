import type { ObjectKey, Projection, ProjectorReader, PutFact, Reference, Row, Signal, StoredObject } from '@binnacle/protocol'
import type { Database, Statement } from 'better-sqlite3'
import { OBJECT_COLUMNS, objectOf, type KeptObject, type ObjectRecord } from './object-row.ts'

/** How many referrers the projector is shown at most. */
const REFERRERS = 10_000
/** Longer texts add cost to the trigram index and little to a search for names. */
const SEARCH_LENGTH = 160

const searchText = (name: string, row: Row): string => {
  const words = Object.values(row).filter((value) => typeof value === 'string' && value !== '')
  return [name, ...words].join('\n').slice(0, SEARCH_LENGTH)
}

/** References as one text, to compare them. */
const referenceText = (references: readonly Reference[]): string =>
  [...new Set(references.map(({ role, group, kind, name }) => JSON.stringify([role, group, kind, name])))].sort().join('')

const createdAt = (document: string): string | null => /"creationTimestamp":"([^"\\]{1,40})"/.exec(document)?.[1] ?? null

/** What the writer knows of a stored object before it reads the whole of it. */
export interface Identity {
  readonly id: number
  readonly uid: string
  readonly version: string
  readonly hash: string
}

/** A derived status with its JSON. */
export interface Judged {
  readonly status: StoredObject['derived']
  readonly text: string | null
}

/** The tables of objects, references and versions, as the writer uses them inside its transaction. */
export class ObjectTable implements Omit<ProjectorReader, 'listed'> {
  readonly #identity: Statement
  readonly #byKey: Statement
  readonly #byName: Statement
  readonly #byId: Statement
  readonly #idsOfKind: Statement
  readonly #underived: Statement
  readonly #unknownOfKind: Statement
  readonly #unknownKinds: Statement
  readonly #insert: Statement
  readonly #update: Statement
  readonly #docRead: Statement
  readonly #docInsert: Statement
  readonly #docUpdate: Statement
  readonly #docRemove: Statement
  readonly #setDerived: Statement
  readonly #setSignals: Statement
  readonly #remove: Statement
  readonly #searchInsert: Statement
  readonly #searchRemove: Statement
  readonly #refInsert: Statement
  readonly #refsRemove: Statement
  readonly #keepVersion: Statement
  readonly #versionTooMany: Statement
  readonly #trimVersions: Statement
  readonly #referrers: Statement
  readonly #refsRead: Statement
  readonly #referrerCount: Statement
  readonly #countOfKind: Statement

  constructor(database: Database, versionsPerObject: number) {
    const key = 'scope = ? AND grp = ? AND kind = ? AND name = ? AND namespace = ?'
    this.#identity = database.prepare(`SELECT id, uid, version, hash FROM objects WHERE ${key}`)
    this.#byKey = database.prepare(`SELECT ${OBJECT_COLUMNS} FROM objects WHERE ${key}`)
    this.#byName = database.prepare(`SELECT ${OBJECT_COLUMNS} FROM objects WHERE scope = ? AND grp = ? AND kind = ? AND name = ? LIMIT 1`)
    this.#byId = database.prepare(`SELECT ${OBJECT_COLUMNS} FROM objects WHERE id = ?`)
    this.#idsOfKind = database.prepare('SELECT id FROM objects WHERE scope = ? AND grp = ? AND kind = ?').pluck()
    this.#underived = database.prepare('SELECT DISTINCT scope, grp, kind FROM objects WHERE derived IS NULL')
    this.#unknownOfKind = database.prepare("SELECT id FROM objects WHERE scope = ? AND grp = ? AND kind = ? AND health = 'unknown'").pluck()
    this.#unknownKinds = database.prepare("SELECT DISTINCT scope, grp, kind FROM objects WHERE health = 'unknown'")
    this.#insert = database.prepare(
      `INSERT INTO objects (scope, grp, kind, namespace, name, uid, version, hash, columns, labels, derived, status, health, signals, created_at, changed_seq, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}', ?, ?, ?)`,
    )
    this.#update = database.prepare(
      'UPDATE objects SET version = ?, hash = ?, columns = ?, labels = ?, changed_seq = ?, changed_at = ? WHERE id = ?',
    )
    this.#docRead = database.prepare('SELECT doc FROM object_docs WHERE id = ?').pluck()
    this.#docInsert = database.prepare('INSERT INTO object_docs (id, doc) VALUES (?, ?)')
    this.#docUpdate = database.prepare('UPDATE object_docs SET doc = ? WHERE id = ?')
    this.#docRemove = database.prepare('DELETE FROM object_docs WHERE id = ?')
    this.#setDerived = database.prepare(
      'UPDATE objects SET derived = ?, status = ?, health = ?, changed_seq = ?, changed_at = ? WHERE id = ?',
    )
    this.#setSignals = database.prepare('UPDATE objects SET signals = ? WHERE id = ?')
    this.#remove = database.prepare('DELETE FROM objects WHERE id = ?')
    this.#searchInsert = database.prepare('INSERT INTO objects_search (rowid, text) VALUES (?, ?)')
    this.#searchRemove = database.prepare('DELETE FROM objects_search WHERE rowid = ?')
    this.#refInsert = database.prepare(
      'INSERT OR IGNORE INTO object_refs (id, role, scope, to_grp, to_kind, to_name) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#refsRemove = database.prepare('DELETE FROM object_refs WHERE id = ?')
    this.#keepVersion = database.prepare(
      'INSERT INTO object_versions (scope, grp, kind, namespace, name, seq, at, version, doc) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#versionTooMany = database
      .prepare(`SELECT seq FROM object_versions WHERE ${key} ORDER BY seq DESC LIMIT 1 OFFSET ${versionsPerObject}`)
      .pluck()
    this.#trimVersions = database.prepare(`DELETE FROM object_versions WHERE ${key} AND seq <= ?`)
    this.#referrers = database.prepare('SELECT id FROM object_refs WHERE scope = ? AND to_grp = ? AND to_kind = ? AND to_name = ?').pluck()
    this.#referrerCount = database
      .prepare(
        'SELECT count(DISTINCT r.id) FROM object_refs r JOIN objects o ON o.id = r.id WHERE r.scope = ? AND r.to_grp = ? AND r.to_kind = ? AND r.to_name = ? AND o.grp = ? AND o.kind = ?',
      )
      .pluck()
    this.#countOfKind = database.prepare('SELECT count(*) FROM objects WHERE scope = ? AND grp = ? AND kind = ?').pluck()
    this.#refsRead = database.prepare('SELECT role, to_grp AS "group", to_kind AS kind, to_name AS name FROM object_refs WHERE id = ?')
  }

  get(scope: ObjectKey['scope'], group: string, kind: string, name: string): StoredObject | undefined {
    const record = this.#byName.get(scope, group, kind, name) as ObjectRecord | undefined
    return record === undefined ? undefined : this.#object(record)
  }

  referrers(
    scope: ObjectKey['scope'],
    target: { group: string; kind: string; name: string },
    by?: { group: string; kind: string },
    limit = REFERRERS,
  ): readonly StoredObject[] {
    // Identities first, from the index alone: most objects have no referrers. One that refers in two roles stands there twice.
    const found: StoredObject[] = []
    for (const id of new Set(this.#referrers.all(scope, target.group, target.kind, target.name) as number[])) {
      const object = found.length < limit ? this.byId(id) : undefined
      if (object !== undefined && (by === undefined || (object.key.kind === by.kind && object.key.group === by.group))) found.push(object)
    }
    return found
  }

  countReferrers(scope: string, target: { group: string; kind: string; name: string }, by: { group: string; kind: string }): number {
    return this.#referrerCount.get(scope, target.group, target.kind, target.name, by.group, by.kind) as number
  }

  /** How many objects of a kind there are. */
  countOfKind(scope: string, group: string, kind: string): number {
    return this.#countOfKind.get(scope, group, kind) as number
  }

  identity(key: ObjectKey): Identity | undefined {
    return this.#identity.get(key.scope, key.group, key.kind, key.name, key.namespace) as Identity | undefined
  }

  byKey(key: ObjectKey): KeptObject | undefined {
    const record = this.#byKey.get(key.scope, key.group, key.kind, key.name, key.namespace) as ObjectRecord | undefined
    return record === undefined ? undefined : this.#object(record)
  }

  byId(id: number): KeptObject | undefined {
    const record = this.#byId.get(id) as ObjectRecord | undefined
    return record === undefined ? undefined : this.#object(record)
  }

  idsOfKind(scope: string, group: string, kind: string): readonly number[] {
    return this.#idsOfKind.all(scope, group, kind) as number[]
  }

  /** Kinds that have objects whose status was never derived: the rest of a first listing that was cut short. */
  underived(): readonly { readonly scope: ObjectKey['scope']; readonly grp: string; readonly kind: string }[] {
    return this.#underived.all() as { scope: ObjectKey['scope']; grp: string; kind: string }[]
  }

  /** The objects of a kind whose status is unknown. */
  unknownOfKind(scope: string, group: string, kind: string): readonly number[] {
    return this.#unknownOfKind.all(scope, group, kind) as number[]
  }

  /** Which kinds have objects whose status is unknown. */
  unknownKinds(): readonly { readonly scope: ObjectKey['scope']; readonly grp: string; readonly kind: string }[] {
    return this.#unknownKinds.all() as { scope: ObjectKey['scope']; grp: string; kind: string }[]
  }

  insert(fact: PutFact, hash: string, projection: Projection, seq: number, judged?: Judged): number {
    const { key } = fact
    const { lastInsertRowid } = this.#insert.run(
      key.scope,
      key.group,
      key.kind,
      key.namespace,
      key.name,
      fact.uid,
      fact.version,
      hash,
      JSON.stringify(projection.row),
      JSON.stringify(projection.labels),
      judged?.text ?? null,
      judged?.status?.status ?? null,
      judged?.status?.health ?? null,
      createdAt(fact.document),
      seq,
      Math.trunc(fact.observedAt),
    )
    const id = Number(lastInsertRowid)
    this.#docInsert.run(id, fact.document)
    this.#searchInsert.run(id, searchText(key.name, projection.row))
    this.#putReferences(id, key, projection)
    return id
  }

  /** Replaces the object and keeps what it was. Tells whether its references changed. */
  update(stored: KeptObject, fact: PutFact, hash: string, projection: Projection, seq: number): boolean {
    this.#keep(stored, stored.document)
    this.#update.run(
      fact.version,
      hash,
      JSON.stringify(projection.row),
      JSON.stringify(projection.labels),
      seq,
      Math.trunc(fact.observedAt),
      stored.id,
    )
    if (hash !== stored.hash) this.#docUpdate.run(fact.document, stored.id)
    const searched = searchText(fact.key.name, projection.row)
    if (searched !== searchText(fact.key.name, stored.row)) {
      this.#searchRemove.run(stored.id)
      this.#searchInsert.run(stored.id, searched)
    }
    if (referenceText(this.#refsRead.all(stored.id) as Reference[]) === referenceText(projection.references)) return false
    this.#refsRemove.run(stored.id)
    this.#putReferences(stored.id, fact.key, projection)
    return true
  }

  /** `text` is `derived` as JSON. */
  setDerived(id: number, derived: StoredObject['derived'], text: string | null, seq: number, at: number): void {
    this.#setDerived.run(text, derived?.status ?? null, derived?.health ?? null, seq, at, id)
  }

  setSignals(id: number, signals: Readonly<Record<string, Signal>>): void {
    this.#setSignals.run(JSON.stringify(signals), id)
  }

  /** Removes the object; what it was stays as a version, followed by its end (`doc` null). */
  remove(stored: KeptObject, seq: number, at: number): void {
    this.#keep(stored, stored.document)
    this.#keepVersion.run(
      stored.key.scope,
      stored.key.group,
      stored.key.kind,
      stored.key.namespace,
      stored.key.name,
      seq,
      Math.trunc(at),
      stored.version,
      null,
    )
    this.forget(stored.id)
  }

  /** Removes the object and leaves nothing behind. */
  forget(id: number): void {
    this.#refsRemove.run(id)
    this.#searchRemove.run(id)
    this.#docRemove.run(id)
    this.#remove.run(id)
  }

  #object(record: ObjectRecord): KeptObject {
    return objectOf(record, (id) => this.#docRead.get(id) as string)
  }

  #putReferences(id: number, key: ObjectKey, projection: Projection): void {
    for (const reference of projection.references)
      this.#refInsert.run(id, reference.role, key.scope, reference.group, reference.kind, reference.name)
  }

  #keep({ key, changedSeq, changedAt, version }: KeptObject, document: string): void {
    this.#keepVersion.run(key.scope, key.group, key.kind, key.namespace, key.name, changedSeq, changedAt, version, document)
    const tooMany = this.#versionTooMany.get(key.scope, key.group, key.kind, key.name, key.namespace) as number | undefined
    if (tooMany !== undefined) this.#trimVersions.run(key.scope, key.group, key.kind, key.name, key.namespace, tooMany)
  }
}
