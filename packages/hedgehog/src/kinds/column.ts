import { booleanAt, listAt, numberAt, stringAt, valueAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'

/** What a column holds before it is flattened into a row. */
export type ColumnValue = string | number | boolean | readonly (string | number)[] | undefined

/** A list column of a kind. `from` never throws, whatever the document looks like. */
export interface Column {
  /** Name in rows, sort keys and URLs: lower case with underscores. */
  readonly id: string
  readonly title: string
  /** A `list` is a string in the row, its items joined by ", "; a `time` is an RFC 3339 string. */
  readonly type: 'string' | 'number' | 'boolean' | 'list' | 'time'
  readonly sortable: boolean
  readonly filterable: boolean
  readonly description: string
  readonly from: (document: ResourceDocument) => ColumnValue
}

type From = Column['from']
type Path = readonly string[]

function column(type: Column['type'], id: string, title: string, from: From, description: string): Column {
  return { id, title, type, sortable: true, filterable: type !== 'time', description, from }
}

/** A text column computed by a function. */
export const text = (id: string, title: string, from: From, description: string) => column('string', id, title, from, description)
/** A number column computed by a function. */
export const count = (id: string, title: string, from: From, description: string) => column('number', id, title, from, description)
/** A list column computed by a function. */
export const items = (id: string, title: string, from: From, description: string) => column('list', id, title, from, description)
/** A yes/no column computed by a function. */
export const flag = (id: string, title: string, from: From, description: string) => column('boolean', id, title, from, description)

/** A text column read from a path of the document. */
export const textAt = (id: string, title: string, path: Path, description: string) =>
  text(id, title, (document) => stringAt(document, ...path), description)
/** A number column read from a path of the document. */
export const numberColumnAt = (id: string, title: string, path: Path, description: string) =>
  count(id, title, (document) => numberAt(document, ...path), description)
/** A yes/no column read from a path of the document; absent counts as no, as the server drops false. */
export const flagAt = (id: string, title: string, path: Path, description: string) =>
  flag(id, title, (document) => booleanAt(document, ...path) ?? false, description)
/** A list column read from a path of the document; items that are not text or numbers are left out. */
export const itemsAt = (id: string, title: string, path: Path, description: string) =>
  items(id, title, (document) => scalars(listAt(document, ...path)), description)
/** A time column read from a path of the document. */
export const timeAt = (id: string, title: string, path: Path, description: string) =>
  column('time', id, title, (document) => stringAt(document, ...path), description)

/** The items of a list that are text or finite numbers. */
function scalars(list: readonly unknown[]): readonly (string | number)[] {
  return list.filter(
    (item): item is string | number => (typeof item === 'string' && item !== '') || (typeof item === 'number' && Number.isFinite(item)),
  )
}

/** The status of a condition type: True, False or Unknown. */
export function conditionStatus(document: ResourceDocument, type: string): string | undefined {
  const found = listAt(document, 'status', 'conditions').find((condition) => valueAt(condition, 'type') === type)
  return stringAt(found, 'status')
}

/** The last column of every kind. */
export const CREATED: Column = timeAt(
  'created',
  'Created',
  ['metadata', 'creationTimestamp'],
  'When the object was created in the cluster.',
)
