import {
  parsePosition,
  passes,
  filterMatches,
  typesOf,
  type EffectiveFilter,
  type EventType,
  type LogEntry,
  type LogPage,
  type Position,
  type Start,
} from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'

interface LogRecord {
  readonly seq: number
  readonly event_type: EventType
  readonly scope: string
  readonly kind: string | null
  readonly name: string | null
  readonly at: number
  readonly text: string
}

interface Head {
  readonly epoch: string
  readonly seq: number
  readonly oldest: number
}

/** Rows looked at in one page when the caller sets no bound. */
const SCAN = 10_000
/** More literals than this are left to the plain evaluator. */
const IN_LIMIT = 50

const entryOf = (record: LogRecord): LogEntry => ({
  seq: record.seq,
  eventType: record.event_type,
  scope: record.scope,
  kind: record.kind,
  name: record.name,
  text: record.text,
  at: record.at,
})

/** Whether an event passes; the SQL below only narrows what this is asked. */
const lets = (effective: EffectiveFilter, entry: LogEntry): boolean =>
  effective.rights === undefined ? filterMatches(effective.filter, entry) : passes(effective.rights, effective.filter, entry)

/** Conditions that are cheap by index: everything else is decided by the plain evaluator. */
function narrowing({ filter }: EffectiveFilter): { readonly sql: string; readonly values: string[] } {
  const parts: string[] = []
  const values: string[] = []
  const among = (column: string, list: readonly string[] | undefined): void => {
    if (list === undefined || list.length === 0 || list.length > IN_LIMIT) return
    parts.push(`l.${column} IN (${list.map(() => '?').join(', ')})`)
    values.push(...list)
  }
  if (filter.scopes?.every((scope) => !scope.endsWith('*'))) among('scope', filter.scopes)
  if (filter.types !== undefined && filter.types.length > 0) among('event_type', typesOf(filter.types))
  among('kind', filter.kinds)
  among('name', filter.names)
  return { sql: parts.map((part) => ` AND ${part}`).join(''), values }
}

/** Reading the log; each function runs inside one read transaction. */
export function logQueries(database: Database): Record<string, (...args: never[]) => unknown> {
  const readHead = database.prepare('SELECT epoch, seq, oldest FROM log_head')
  const head = (): Head => readHead.get() as Head
  const atTime = database.prepare('SELECT min(seq) AS seq FROM log WHERE at >= ?')
  const select =
    'SELECT l.seq, l.event_type, l.scope, l.kind, l.name, l.at, coalesce(l.text, b.text) AS text FROM log l LEFT JOIN log_bodies b ON b.seq = l.seq AND l.text IS NULL'
  return {
    read: (from: Position, effective: EffectiveFilter, options: { limit: number; scan?: number }): LogPage => {
      const { epoch, seq, oldest } = head()
      if (from.epoch !== epoch) return { lost: 'epoch', oldest, head: seq }
      if (from.seq > seq) return { lost: 'ahead', oldest, head: seq }
      if (from.seq < oldest) return { lost: 'retention', oldest, head: seq }
      const until = Math.min(seq, from.seq + (options.scan ?? SCAN))
      const { sql, values } = narrowing(effective)
      const entries: LogEntry[] = []
      for (const record of database
        .prepare(`${select} WHERE l.seq > ? AND l.seq <= ?${sql} ORDER BY l.seq`)
        .iterate(from.seq, until, ...values) as IterableIterator<LogRecord>) {
        const entry = entryOf(record)
        if (!lets(effective, entry)) continue
        entries.push(entry)
        if (entries.length >= options.limit) return { from: from.seq, next: entry.seq, head: seq, entries }
      }
      return { from: from.seq, next: until, head: seq, entries }
    },
    latest: (effective: EffectiveFilter, options: { limit: number; before?: number }) => {
      const { epoch, seq } = head()
      const { sql, values } = narrowing(effective)
      const entries: LogEntry[] = []
      for (const record of database
        .prepare(`${select} WHERE l.seq < ?${sql} ORDER BY l.seq DESC`)
        .iterate(options.before ?? seq + 1, ...values) as IterableIterator<LogRecord>) {
        const entry = entryOf(record)
        if (!lets(effective, entry)) continue
        if (entries.length >= options.limit) return { at: { epoch, seq }, entries, more: true }
        entries.push(entry)
      }
      return { at: { epoch, seq }, entries, more: false }
    },
    resolve: (start: Start | undefined) => {
      const { epoch, seq, oldest } = head()
      if (start === undefined) return { epoch, seq }
      if (start === 'oldest') return { epoch, seq: oldest }
      if (typeof start === 'object') {
        const found = (atTime.get(Date.parse(start.time)) as { seq: number | null }).seq
        return { epoch, seq: found === null ? seq : found - 1 }
      }
      const position = parsePosition(start)
      if (position === undefined || position.epoch !== epoch) return { lost: 'epoch', oldest, head: seq }
      if (position.seq > seq) return { lost: 'ahead', oldest, head: seq }
      if (position.seq < oldest) return { lost: 'retention', oldest, head: seq }
      return position
    },
  }
}
