import type { Database } from 'better-sqlite3'

/** Column names that may appear in SQL; they come from the kinds' column tables, never from a request alone. */
export const COLUMN_NAME = /^[a-z][a-z0-9_]{0,40}$/

const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** The expression by which a list column sorts; text of the index and of the queries that use it must be equal. */
export const sortExpression = (column: string): string => `json_extract(columns, '$.${column}')`

/**
 * Makes the index for sorting a kind by a column, on first use: only the columns that people sort by cost anything.
 * `column` has passed {@link COLUMN_NAME}.
 */
export function ensureSortIndex(database: Database, group: string, kind: string, column: string): null {
  if (!COLUMN_NAME.test(column)) return null
  const name = `sort ${group} ${kind} ${column}`.replaceAll('"', '')
  database.exec(
    `CREATE INDEX IF NOT EXISTS "${name}" ON objects (${sortExpression(column)}, name, id) WHERE grp = ${quoted(group)} AND kind = ${quoted(kind)}`,
  )
  return null
}

/** The condition that lets SQLite use such an index. */
export const kindCondition = (group: string, kind: string): string => `grp = ${quoted(group)} AND kind = ${quoted(kind)}`
