import { BinnacleError, type ListQuery, type ObjectRow } from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'
import { OBJECT_COLUMNS, rowOf, type ObjectRecord } from './object-row.ts'
import { COLUMN_NAME, hasColumn, kindCondition, sortExpression, sortIndexes } from './sort-index.ts'

type SortValue = string | number | null

/** Where a list goes on: the sort value, name and id of the last row. */
interface Cursor {
  readonly v: SortValue
  readonly n: string
  readonly i: number
}

/** A condition with its values. */
interface Condition {
  readonly sql: string
  readonly values: readonly unknown[]
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

/** A text as an FTS5 phrase: whatever stands in it is literal. */
const phrase = (text: string): string => `"${text.replaceAll('"', '""')}"`

/**
 * What comes after a cursor, as steps to be read one after another: each is a range of the sort index. Empty values
 * sort before all others, so ascending they come first and descending they come last.
 */
function stepsAfter(by: string, descending: boolean, cursor: Cursor | undefined, byName: boolean): readonly Condition[] {
  const all = [{ sql: 'TRUE', values: [] }]
  if (cursor === undefined) return all
  const { v, n, i } = cursor
  const after = descending ? '<' : '>'
  if (byName) return [{ sql: `name ${after}= ? AND (name, id) ${after} (?, ?)`, values: [n, n, i] }]
  const empty = { sql: `${by} IS NULL`, values: [] }
  const emptyAfter = { sql: `${by} IS NULL AND (name, id) ${after} (?, ?)`, values: [n, i] }
  if (v === null) return descending ? [emptyAfter] : [emptyAfter, { sql: `${by} IS NOT NULL`, values: [] }]
  const rest = { sql: `${by} ${after}= ? AND (${by}, name, id) ${after} (?, ?, ?)`, values: [v, v, n, i] }
  return descending ? [rest, empty] : [rest]
}

/** Answers list questions. */
export function listQuery(
  database: Database,
): (query: ListQuery) => { readonly rows: readonly ObjectRow[]; readonly total: number; readonly cursor: string | null } {
  const anyOfKind = database.prepare('SELECT columns FROM objects WHERE scope = ? AND grp = ? AND kind = ? LIMIT 1').pluck()
  const indexes = sortIndexes(database)
  return (query) => {
    const sort = query.sort ?? { column: 'name', descending: false }
    const byName = sort.column === 'name'
    const cursor = query.cursor === undefined ? undefined : readCursor(query.cursor)
    const columnOf = (scope: string): boolean => {
      const sample = anyOfKind.get(scope, query.group, query.kind) as string | undefined
      return sample === undefined || hasColumn(sample, sort.column)
    }
    if (!byName && !(COLUMN_NAME.test(sort.column) && query.scopes.every(columnOf)))
      throw new BinnacleError('BAD_REQUEST', `${query.kind} has no column '${sort.column}'`, { places: [{ field: 'sort' }] })
    const [scope] = query.scopes
    const where = ['grp = ? AND kind = ?', query.scopes.length === 1 ? 'scope = ?' : `scope IN (${query.scopes.map(() => '?').join(', ')})`]
    const values: unknown[] = [query.group, query.kind, ...query.scopes]
    if (query.status !== undefined) {
      where.push('(health = ? OR status = ?)')
      values.push(query.status, query.status)
    }
    const q = query.q ?? ''
    // The trigram index needs three characters; shorter questions look at names alone.
    const searched = Array.from(q).length >= 3
    if (searched) where.unshift('objects_search MATCH ?')
    else if (q !== '') where.push('instr(lower(name), lower(?)) > 0')
    if (searched) values.unshift(phrase(q))
    else if (q !== '') values.push(q)
    const by = byName ? 'NULL' : sortExpression(sort.column)
    const index =
      byName || searched || query.scopes.length !== 1 || scope === undefined
        ? undefined
        : indexes.find(query.group, query.kind, sort.column)
    // CROSS JOIN keeps the order: first what the search found, then its rows.
    const from = searched ? 'objects_search CROSS JOIN objects ON objects.id = objects_search.rowid' : 'objects'
    const total = (database.prepare(`SELECT count(*) AS n FROM ${from} WHERE ${where.join(' AND ')}`).get(...values) as { n: number }).n
    const direction = sort.descending ? 'DESC' : 'ASC'
    const order = `${byName ? '' : `${by} ${direction}, `}name ${direction}, id ${direction}`
    const records: (ObjectRecord & { sort_value: SortValue })[] = []
    for (const step of stepsAfter(by, sort.descending, cursor, byName)) {
      const sql = `SELECT ${OBJECT_COLUMNS}, ${by} AS sort_value FROM ${from}${index === undefined ? '' : ` INDEXED BY ${index}`} WHERE ${index === undefined ? '' : `${kindCondition(query.group, query.kind)} AND `}${where.join(' AND ')} AND ${step.sql} ORDER BY ${order} LIMIT ?`
      records.push(...(database.prepare(sql).all(...values, ...step.values, query.limit + 1 - records.length) as typeof records))
      if (records.length > query.limit) break
    }
    const shown = records.slice(0, query.limit)
    const last = shown.at(-1)
    return {
      rows: shown.map(rowOf),
      total,
      cursor: records.length > query.limit && last !== undefined ? writeCursor({ v: last.sort_value, n: last.name, i: last.id }) : null,
    }
  }
}
