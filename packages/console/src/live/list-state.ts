import { derivedStatusSchema, parsePosition } from '@binnacle/protocol'
import type { BinnacleEvent, ResourceList, ResourceRow } from '@binnacle/protocol'

/** What a list shows, apart from its rows. `sort` is a column id, `-` in front for descending. */
export interface ListView {
  readonly fabric: number | undefined
  readonly q: string | undefined
  readonly status: string | undefined
  readonly sort: string | undefined
}

/** A list as it stands: a snapshot and all events since. */
export interface ListState {
  readonly kind: string
  readonly group: string
  /** The position of the first page: where the events begin. */
  readonly at: string
  readonly rows: readonly ResourceRow[]
  readonly total: number
  readonly cursor: string | null
  readonly fabrics: ResourceList['fabrics']
  /** Up to where the total is counted. */
  readonly countedTo: number
  /** Rows that events changed, by key: which change and when (the caller's clock). For the flash. */
  readonly touched: ReadonlyMap<string, { readonly seq: number; readonly at: number }>
  /** True when an event may have changed what the list holds in a way that only the server can tell; ask again soon. */
  readonly unsure: boolean
}

/** The identity of a row on screen. */
export const rowKey = (row: { readonly fabric_id: number; readonly namespace: string; readonly name: string }): string =>
  `${row.fabric_id}/${row.namespace}/${row.name}`

const seqOf = (position: string): number => parsePosition(position)?.seq ?? 0

/** The first page. */
export const startList = (page: ResourceList): ListState => ({
  kind: page.kind,
  group: page.group,
  at: page.at,
  rows: page.rows,
  total: page.total,
  cursor: page.cursor,
  fabrics: page.fabrics,
  countedTo: seqOf(page.at),
  touched: new Map(),
  unsure: false,
})

/** A further page. Rows that are there already keep the newer of both versions. */
export function addPage(state: ListState, page: ResourceList): ListState {
  const known = new Map(state.rows.map((row, index) => [rowKey(row), index]))
  const rows = [...state.rows]
  for (const row of page.rows) {
    const index = known.get(rowKey(row))
    if (index === undefined) rows.push(row)
    else if (seqOf(rows[index]?.changed_at_position ?? '') < seqOf(row.changed_at_position)) rows[index] = row
  }
  return { ...state, rows, cursor: page.cursor, total: page.total, countedTo: Math.max(state.countedTo, seqOf(page.at)) }
}

type Value = string | number | boolean | null

function valueOf(row: ResourceRow, column: string): Value {
  if (column === 'name') return row.name
  if (column === 'namespace') return row.namespace
  if (column === 'changed_at') return row.changed_at
  if (column === 'created') return row.row['created'] ?? row.created_at
  return row.row[column] ?? null
}

const plain = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Order of two rows as the server sorts: by the column, then by name; no value first; descending turns all of it. */
export function compareRows(a: ResourceRow, b: ResourceRow, sort: string | undefined): number {
  const descending = sort?.startsWith('-') === true
  const column = (descending ? sort?.slice(1) : sort) ?? 'name'
  const left = valueOf(a, column)
  const right = valueOf(b, column)
  let order = 0
  if (left === null || right === null) order = left === right ? 0 : left === null ? -1 : 1
  else if (typeof left === 'number' && typeof right === 'number') order = left - right
  else order = plain(String(left), String(right))
  order ||= plain(a.name, b.name) || a.fabric_id - b.fabric_id
  return descending ? -order : order
}

/** The derived status inside event data, if there is one. */
function statusIn(data: Readonly<Record<string, unknown>>): ResourceRow['status'] | undefined {
  for (const name of ['derived', 'status', 'after']) {
    const value = data[name]
    if (value === null) return null
    const parsed = derivedStatusSchema.safeParse(value)
    if (parsed.success) return parsed.data
  }
  return undefined
}

const isRow = (value: unknown): value is ResourceRow['row'] => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether a row belongs to a list with this status filter. */
const fitsStatus = (row: ResourceRow, status: string | undefined): boolean =>
  status === undefined || row.status?.status === status || row.status?.health === status

/**
 * Applies events to a list. Events at or before what a row already shows change nothing, so the order of snapshot and
 * events does not matter. With a search text only the server knows whether a new or changed row belongs: then the list
 * becomes `unsure`.
 */
export function applyEvents(state: ListState, events: readonly BinnacleEvent[], view: ListView, now = 0): ListState {
  const rows = [...state.rows]
  const touched = new Map(state.touched)
  let { total, unsure } = state
  let changed = false
  const start = seqOf(state.at)
  for (const event of events) {
    const { subject, fabric_id: fabric } = event
    if (subject === null || fabric === null || subject.kind !== state.kind || (subject.group ?? state.group) !== state.group) continue
    if (view.fabric !== undefined && fabric !== view.fabric) continue
    if (event.seq <= start) continue
    const key = `${fabric}/${subject.namespace ?? ''}/${subject.name}`
    const index = rows.findIndex((row) => rowKey(row) === key)
    const before = index < 0 ? undefined : rows[index]
    // A later page may have been counted after this event.
    const counts = event.seq > state.countedTo ? 1 : 0
    if (before !== undefined && event.seq <= seqOf(before.changed_at_position)) continue

    if (event.event_type === 'cr_deleted') {
      if (before === undefined) {
        // Not loaded, or filtered out: only the server knows whether the total is one less.
        if (counts > 0 && (state.cursor !== null || view.q !== undefined || view.status !== undefined)) unsure = true
        continue
      }
      rows.splice(index, 1)
      total -= counts
      changed = true
      continue
    }
    const data = event.data
    const status = statusIn(data)
    const position = `${event.epoch}:${event.seq}`
    if (before === undefined) {
      if (event.event_type !== 'cr_created') {
        // A row beyond the loaded pages, or one that did not match and may do so now.
        if (view.status !== undefined || view.q !== undefined) unsure = true
        continue
      }
      const row: ResourceRow = {
        fabric_id: fabric,
        kind: state.kind,
        group: state.group,
        namespace: subject.namespace ?? '',
        name: subject.name,
        uid: subject.uid ?? '',
        resource_version: typeof data['resource_version'] === 'string' ? data['resource_version'] : '',
        created_at: event.timestamp,
        changed_at: event.metadata.observed_at,
        changed_at_position: position,
        row: isRow(data['row']) ? data['row'] : {},
        status: status ?? null,
      }
      if (view.q !== undefined) {
        unsure = true
        continue
      }
      // A creation does not tell the derived status; the next snapshot does.
      if (status === undefined) unsure = true
      if (!fitsStatus(row, view.status)) continue
      total += counts
      changed = true
      const place = rows.findIndex((other) => compareRows(row, other, view.sort) < 0)
      // Past the end of what is loaded it belongs to a later page.
      if (place < 0 && state.cursor !== null) continue
      rows.splice(place < 0 ? rows.length : place, 0, row)
      touched.set(key, { seq: event.seq, at: now })
      continue
    }
    const after: ResourceRow = {
      ...before,
      uid: subject.uid ?? before.uid,
      resource_version: typeof data['resource_version'] === 'string' ? data['resource_version'] : before.resource_version,
      changed_at: event.metadata.observed_at,
      changed_at_position: position,
      row: isRow(data['row']) ? data['row'] : before.row,
      status: status === undefined ? before.status : status,
    }
    changed = true
    if (!fitsStatus(after, view.status)) {
      rows.splice(index, 1)
      total -= counts
      continue
    }
    if (view.q !== undefined) unsure = true
    rows[index] = after
    touched.set(key, { seq: event.seq, at: now })
  }
  if (!changed && unsure === state.unsure) return state
  return { ...state, rows, total: Math.max(total, rows.length), touched, unsure }
}
