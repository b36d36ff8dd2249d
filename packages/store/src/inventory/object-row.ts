import type { DerivedStatus, ObjectKey, ObjectRow, Row, Scope, Signal, StoredObject } from '@binnacle/protocol'

/** The columns of {@link ObjectRecord}. */
export const OBJECT_COLUMNS =
  'id, scope, grp, kind, namespace, name, uid, version, hash, columns, labels, derived, signals, created_at, changed_seq, changed_at'

/** A row of the table `objects` as SQLite gives it; the document has a table of its own, so that these rows stay short. */
export interface ObjectRecord {
  readonly id: number
  readonly scope: string
  readonly grp: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly version: string
  readonly hash: string
  readonly columns: string
  readonly labels: string
  readonly derived: string | null
  readonly signals: string
  readonly created_at: string | null
  readonly changed_seq: number
  readonly changed_at: number
}

/** A stored object together with what only the store needs. */
export type KeptObject = StoredObject & {
  readonly id: number
  readonly changedSeq: number
  readonly changedAt: number
  readonly createdAt: string | null
  /** `derived` as JSON. */
  readonly derivedText: string | null
}

/** A key as one text, for maps. */
export const keyText = (key: ObjectKey): string => `${key.scope} ${key.group} ${key.kind} ${key.namespace} ${key.name}`

/** The key of a record. */
export const keyOf = (record: Pick<ObjectRecord, 'scope' | 'grp' | 'kind' | 'namespace' | 'name'>): ObjectKey => ({
  scope: record.scope as Scope,
  group: record.grp,
  kind: record.kind,
  namespace: record.namespace,
  name: record.name,
})

/**
 * A record as the projector and the ports know it. Texts are parsed, and the document is read, when somebody asks for
 * them first: most of the objects that a change touches are only looked at in part.
 */
export function objectOf(record: ObjectRecord, readDocument: (id: number) => string): KeptObject {
  let document: string | undefined
  let row: Row | undefined
  let derived: DerivedStatus | null | undefined
  return {
    id: record.id,
    key: keyOf(record),
    uid: record.uid,
    version: record.version,
    hash: record.hash,
    get document() {
      return (document ??= readDocument(record.id))
    },
    get row() {
      return (row ??= JSON.parse(record.columns) as Row)
    },
    get derived() {
      if (derived === undefined) derived = record.derived === null ? null : (JSON.parse(record.derived) as DerivedStatus)
      return derived
    },
    signals: record.signals === '{}' ? {} : (JSON.parse(record.signals) as Record<string, Signal>),
    changedSeq: record.changed_seq,
    changedAt: record.changed_at,
    createdAt: record.created_at,
    derivedText: record.derived,
  }
}

/** A record as lists show it. */
export const rowOf = (record: ObjectRecord): ObjectRow => ({
  key: keyOf(record),
  uid: record.uid,
  version: record.version,
  createdAt: record.created_at,
  row: JSON.parse(record.columns) as Row,
  derived: record.derived === null ? null : (JSON.parse(record.derived) as DerivedStatus),
  changedSeq: record.changed_seq,
  changedAt: record.changed_at,
})
