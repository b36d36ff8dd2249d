import {
  BinnacleError,
  type Health,
  type KindCount,
  type ListQuery,
  type ObjectDetail,
  type ObjectKey,
  type ObjectRow,
  type Position,
  type ReferenceEdge,
} from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { keyOf, objectOf, type ObjectRecord } from './object-row.ts'
import { COLUMN_NAME, kindCondition, sortExpression } from './sort-index.ts'

const COLUMNS =
  'id, scope, grp, kind, namespace, name, uid, version, hash, doc, columns, labels, derived, signals, created_at, changed_seq, changed_at'
const LIST_COLUMNS = COLUMNS.replace('doc,', "'' AS doc,")

type SortValue = string | number | null

/** Where a list goes on: the sort value, name and id of the last row. */
interface Cursor {
  readonly v: SortValue
  readonly n: string
  readonly i: number
}

function readCursor(text: string): Cursor {
  try {
    const value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as Record<string, unknown>
    const { v, n, i } = value
    if (
      (v === null || typeof v === 'string' || typeof v === 'number') &&
      typeof n === 'string' &&
      typeof i === 'number' &&
      Object.keys(value).length === 3
    )
      return { v, n, i }
  } catch {
    // Not JSON: refused below like any other cursor that is not ours.
  }
  throw new BinnacleError('BAD_CURSOR', 'the cursor was not made by this list', { places: [{ field: 'cursor' }] })
}

const writeCursor = (cursor: Cursor): string => Buffer.from(JSON.stringify(cursor)).toString('base64url')

const rowOf = (record: ObjectRecord): ObjectRow => {
  const { key, uid, version, createdAt, row, derived, changedSeq, changedAt } = objectOf(record)
  return { key, uid, version, createdAt, row, derived, changedSeq, changedAt }
}

const detailOf = (record: ObjectRecord): ObjectDetail => ({
  ...rowOf(record),
  document: record.doc,
  hash: record.hash,
  signals: objectOf(record).signals,
})

/** A text as an FTS5 phrase: whatever stands in it is literal. */
const phrase = (text: string): string => `"${text.replaceAll('"', '""')}"`

/** Questions about objects; each function runs inside one read transaction. */
export function inventoryQueries(database: Database): Record<string, (...args: never[]) => unknown> {
  const readHead = database.prepare('SELECT epoch, seq FROM log_head')
  const at = (): Position => readHead.get() as Position
  const byKey = database.prepare(`SELECT ${COLUMNS} FROM objects WHERE scope = ? AND grp = ? AND kind = ? AND name = ? AND namespace = ?`)
  const anyOfKind = database.prepare('SELECT columns FROM objects WHERE grp = ? AND kind = ? LIMIT 1').pluck()
  const counted = database.prepare('SELECT grp, kind, health, count(*) AS n FROM objects WHERE scope = ? GROUP BY grp, kind, health')
  const listed = database.prepare('SELECT grp, kind, listed_at FROM kinds WHERE scope = ?')
  const outgoing = database.prepare(
    `SELECT r.role, r.to_grp, r.to_kind, r.to_name, t.namespace, t.derived, t.id FROM object_refs r LEFT JOIN objects t ON t.scope = r.scope AND t.grp = r.to_grp AND t.kind = r.to_kind AND t.name = r.to_name WHERE r.id = ?`,
  )
  const incoming = database.prepare(
    'SELECT r.role, o.grp, o.kind, o.name, o.namespace, o.derived FROM object_refs r JOIN objects o ON o.id = r.id WHERE r.scope = ? AND r.to_grp = ? AND r.to_kind = ? AND r.to_name = ? ORDER BY o.kind, o.name LIMIT 2000',
  )
  const versions = database.prepare(
    'SELECT seq, at, version, doc FROM object_versions WHERE scope = ? AND grp = ? AND kind = ? AND name = ? AND namespace = ? ORDER BY seq DESC LIMIT ?',
  )
  const documents = database.prepare(`SELECT ${COLUMNS} FROM objects WHERE scope = ? AND grp = ? AND kind = ? ORDER BY name LIMIT ?`)
  const hashes = database.prepare('SELECT namespace, name, uid, hash FROM objects WHERE scope = ? AND grp = ? AND kind = ?')

  const list = (query: ListQuery): unknown => {
    const sort = query.sort ?? { column: 'name', descending: false }
    const where = [kindCondition(query.group, query.kind), `scope IN (${query.scopes.map(() => '?').join(', ')})`]
    const values: unknown[] = [...query.scopes]
    if (sort.column !== 'name') {
      const sample = anyOfKind.get(query.group, query.kind) as string | undefined
      const known =
        sort.column === 'changed_at' ||
        (COLUMN_NAME.test(sort.column) && (sample === undefined || Object.hasOwn(JSON.parse(sample) as object, sort.column)))
      if (!known) throw new BinnacleError('BAD_REQUEST', `${query.kind} has no column '${sort.column}'`, { places: [{ field: 'sort' }] })
    }
    if (query.status !== undefined) {
      where.push('(health = ? OR status = ?)')
      values.push(query.status, query.status)
    }
    if (query.q !== undefined && query.q !== '') {
      // The trigram index needs three letters; shorter questions look at names alone.
      where.push(
        [...query.q].length >= 3
          ? 'id IN (SELECT rowid FROM objects_search WHERE objects_search MATCH ?)'
          : 'instr(lower(name), lower(?)) > 0',
      )
      values.push([...query.q].length >= 3 ? phrase(query.q) : query.q)
    }
    const total = (database.prepare(`SELECT count(*) AS n FROM objects WHERE ${where.join(' AND ')}`).get(...values) as { n: number }).n
    const by = sort.column === 'name' ? 'NULL' : sort.column === 'changed_at' ? 'changed_at' : sortExpression(sort.column)
    const direction = sort.descending ? 'DESC' : 'ASC'
    if (query.cursor !== undefined) {
      const { v, n, i } = readCursor(query.cursor)
      const after = sort.descending ? '<' : '>'
      if (sort.column === 'name') {
        where.push(`(name, id) ${after} (?, ?)`)
        values.push(n, i)
      } else if (v === null) {
        // NULL sorts before everything: ascending it is followed by its like and by all values, descending it is the end.
        where.push(
          sort.descending
            ? `(${by} IS NULL AND (name, id) ${after} (?, ?))`
            : `((${by} IS NULL AND (name, id) ${after} (?, ?)) OR ${by} IS NOT NULL)`,
        )
        values.push(n, i)
      } else {
        where.push(sort.descending ? `((${by}, name, id) ${after} (?, ?, ?) OR ${by} IS NULL)` : `(${by}, name, id) ${after} (?, ?, ?)`)
        values.push(v, n, i)
      }
    }
    const order = sort.column === 'name' ? `name ${direction}, id ${direction}` : `${by} ${direction}, name ${direction}, id ${direction}`
    const records = database
      .prepare(`SELECT ${LIST_COLUMNS}, ${by} AS sort_value FROM objects WHERE ${where.join(' AND ')} ORDER BY ${order} LIMIT ?`)
      .all(...values, query.limit + 1) as (ObjectRecord & { sort_value: SortValue })[]
    const shown = records.slice(0, query.limit)
    const last = shown.at(-1)
    return {
      at: at(),
      rows: shown.map(rowOf),
      total,
      cursor: records.length > query.limit && last !== undefined ? writeCursor({ v: last.sort_value, n: last.name, i: last.id }) : null,
    }
  }

  const counts = (scope: string): unknown => {
    const kinds = new Map<
      string,
      { group: string; kind: string; objects: number; listedAt: number | null; byHealth: Partial<Record<Health, number>> }
    >()
    const entry = (group: string, kind: string) => {
      const id = `${kind}.${group}`
      const found = kinds.get(id) ?? { group, kind, objects: 0, listedAt: null, byHealth: {} }
      kinds.set(id, found)
      return found
    }
    for (const { grp, kind, health, n } of counted.all(scope) as { grp: string; kind: string; health: Health | null; n: number }[]) {
      const found = entry(grp, kind)
      found.objects += n
      if (health !== null) found.byHealth[health] = (found.byHealth[health] ?? 0) + n
    }
    for (const { grp, kind, listed_at } of listed.all(scope) as { grp: string; kind: string; listed_at: number | null }[])
      entry(grp, kind).listedAt = listed_at
    return { at: at(), kinds: [...kinds.values()].map((each): KindCount => ({ ...each, listed: each.listedAt !== null })) }
  }

  const references = (key: ObjectKey): unknown => {
    const record = byKey.get(key.scope, key.group, key.kind, key.name, key.namespace) as ObjectRecord | undefined
    const out =
      record === undefined
        ? []
        : (
            outgoing.all(record.id) as {
              role: string
              to_grp: string
              to_kind: string
              to_name: string
              namespace: string | null
              derived: string | null
              id: number | null
            }[]
          ).map((edge): ReferenceEdge => ({
            role: edge.role,
            key: {
              scope: key.scope,
              group: edge.to_grp,
              kind: edge.to_kind,
              namespace: edge.namespace ?? key.namespace,
              name: edge.to_name,
            },
            exists: edge.id !== null,
            derived: edge.derived === null ? null : (JSON.parse(edge.derived) as ReferenceEdge['derived']),
          }))
    const into = (
      incoming.all(key.scope, key.group, key.kind, key.name) as {
        role: string
        grp: string
        kind: string
        name: string
        namespace: string
        derived: string | null
      }[]
    ).map((edge): ReferenceEdge => ({
      role: edge.role,
      key: keyOf({ ...edge, scope: key.scope }),
      exists: true,
      derived: edge.derived === null ? null : (JSON.parse(edge.derived) as ReferenceEdge['derived']),
    }))
    return { at: at(), outgoing: out, incoming: into }
  }

  return {
    list,
    counts,
    references,
    get: (key: ObjectKey) => {
      const record = byKey.get(key.scope, key.group, key.kind, key.name, key.namespace) as ObjectRecord | undefined
      return { at: at(), object: record === undefined ? null : detailOf(record) }
    },
    versions: (key: ObjectKey, limit: number) => {
      const now = byKey.get(key.scope, key.group, key.kind, key.name, key.namespace) as ObjectRecord | undefined
      const old = (
        versions.all(key.scope, key.group, key.kind, key.name, key.namespace, limit) as {
          seq: number
          at: number
          version: string
          doc: string | null
        }[]
      ).map((each) => ({ seq: each.seq, at: each.at, version: each.version, document: each.doc }))
      const current = now === undefined ? [] : [{ seq: now.changed_seq, at: now.changed_at, version: now.version, document: now.doc }]
      return { at: at(), versions: [...current, ...old].slice(0, limit) }
    },
    documents: (scope: string, kinds: readonly { group: string; kind: string }[], limit: number) => ({
      at: at(),
      objects: kinds.flatMap(({ group, kind }) => (documents.all(scope, group, kind, limit) as ObjectRecord[]).map(detailOf)),
    }),
    digest: (scope: string, group: string, kind: string) => {
      const lines = (hashes.all(scope, group, kind) as { namespace: string; name: string; uid: string; hash: string }[])
        .map((each) => `${each.namespace}/${each.name} ${each.uid} ${each.hash}`)
        .sort()
      return { at: at(), objects: lines.length, digest: createHash('sha256').update(lines.join('\n')).digest('hex') }
    },
  }
}
