import type { Database } from 'better-sqlite3'

/** Column names that may appear in SQL; besides, the kind must have the column. */
export const COLUMN_NAME = /^[a-z][a-z0-9_]{0,40}$/
/** Sort indexes at most: each costs a little with every write, and who may read lists may ask for them. */
const MAX_INDEXES = 100

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The expression by which a list sorts; text of the index and of the queries that use it must mean the same. */
export const sortExpression = (column: string): string => (column === 'changed_at' ? 'changed_at' : `json_extract(columns, '$.${column}')`)

/** The name of the index for sorting a kind by a column, quoted. */
const sortIndexName = (group: string, kind: string, column: string): string => `sort ${group} ${kind} ${column}`

/** Whether objects of the kind have this list column. `sample` is the columns of one of them, undefined when there is none. */
export const hasColumn = (sample: string | undefined, column: string): boolean =>
  column === 'changed_at' || (COLUMN_NAME.test(column) && sample !== undefined && Object.hasOwn(JSON.parse(sample) as object, column))

/** Finds out which sort index a query may use. */
export function sortIndexes(database: Database): {
  /** The quoted name, or undefined when there is no such index. */
  find(group: string, kind: string, column: string): string | undefined
} {
  const named = database.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'index' AND name = ?").pluck()
  return {
    find: (group, kind, column) => {
      const name = sortIndexName(group, kind, column)
      return named.get(name) === undefined ? undefined : `"${name.replaceAll('"', '""')}"`
    },
  }
}

/**
 * Makes the index for sorting a kind by a column, on first use: only the columns that people sort by cost anything.
 * False when the kind has no such column, or there are too many indexes already: lists are slower then, not wrong.
 */
export function ensureSortIndex(database: Database, scope: string, group: string, kind: string, column: string): boolean {
  const sample = database
    .prepare('SELECT columns FROM objects WHERE scope = ? AND grp = ? AND kind = ? LIMIT 1')
    .pluck()
    .get(scope, group, kind)
  if (sample === undefined || !hasColumn(sample as string, column)) return false
  const count = database.prepare("SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND name LIKE 'sort %'").pluck().get() as number
  if (count >= MAX_INDEXES) return false
  const name = `"${sortIndexName(group, kind, column).replaceAll('"', '""')}"`
  database.exec(
    `CREATE INDEX IF NOT EXISTS ${name} ON objects (scope, ${sortExpression(column)}, name, id) WHERE ${kindCondition(group, kind)}`,
  )
  return true
}

/**
 * The condition of such an index, to be repeated in queries that use it. It is an expression and not `grp = 'x' AND
 * kind = 'y'`, because SQLite would then prepare every statement with `grp = ?` again at each call, to see whether the
 * value of the moment fits the index: 14 instead of 2 microseconds for a point read.
 */
export const kindCondition = (group: string, kind: string): string => `grp || '/' || kind = ${quoted(`${group}/${kind}`)}`
