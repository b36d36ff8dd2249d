import type { DerivedStatus, ObjectKey, Row, Scope, Signal, StoredObject } from '@binnacle/protocol'

/** A row of the table `objects` as SQLite gives it. */
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
  readonly doc: string
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

/** A record as the projector and the ports know it. */
export const objectOf = (record: ObjectRecord): KeptObject => ({
  id: record.id,
  key: keyOf(record),
  uid: record.uid,
  version: record.version,
  hash: record.hash,
  document: record.doc,
  row: JSON.parse(record.columns) as Row,
  derived: record.derived === null ? null : (JSON.parse(record.derived) as DerivedStatus),
  signals: record.signals === '{}' ? {} : (JSON.parse(record.signals) as Record<string, Signal>),
  changedSeq: record.changed_seq,
  changedAt: record.changed_at,
  createdAt: record.created_at,
})
