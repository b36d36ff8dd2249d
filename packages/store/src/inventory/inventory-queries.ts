import {
  type Health,
  type KindCount,
  type ListQuery,
  type ObjectDetail,
  type ObjectKey,
  type Position,
  type ReferenceEdge,
} from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'
import { createHash } from 'node:crypto'
import { listQuery } from './list-query.ts'
import { OBJECT_COLUMNS, keyOf, objectOf, rowOf, type ObjectRecord } from './object-row.ts'

type DetailRecord = ObjectRecord & { readonly doc: string }

const detailOf = (record: DetailRecord): ObjectDetail => ({
  ...rowOf(record),
  document: record.doc,
  hash: record.hash,
  signals: objectOf(record, () => record.doc).signals,
})

/** Questions about objects; each function runs inside one read transaction. */
export function inventoryQueries(database: Database): Record<string, (...args: never[]) => unknown> {
  const readHead = database.prepare('SELECT epoch, seq FROM log_head')
  const at = (): Position => readHead.get() as Position
  const detailed = `SELECT ${OBJECT_COLUMNS}, (SELECT doc FROM object_docs d WHERE d.id = objects.id) AS doc FROM objects`
  const byKey = database.prepare(`${detailed} WHERE scope = ? AND grp = ? AND kind = ? AND name = ? AND namespace = ?`)
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
  const documents = database.prepare(`${detailed} WHERE scope = ? AND grp = ? AND kind = ? ORDER BY name LIMIT ?`)
  const hashes = database.prepare('SELECT namespace, name, uid, hash FROM objects WHERE scope = ? AND grp = ? AND kind = ?')

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
    const record = byKey.get(key.scope, key.group, key.kind, key.name, key.namespace) as DetailRecord | undefined
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

  const list = listQuery(database)
  return {
    list: (query: ListQuery) => ({ at: at(), ...list(query) }),
    counts,
    references,
    get: (key: ObjectKey) => {
      const record = byKey.get(key.scope, key.group, key.kind, key.name, key.namespace) as DetailRecord | undefined
      return { at: at(), object: record === undefined ? null : detailOf(record) }
    },
    versions: (key: ObjectKey, limit: number) => {
      const now = byKey.get(key.scope, key.group, key.kind, key.name, key.namespace) as DetailRecord | undefined
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
      objects: kinds.flatMap(({ group, kind }) => (documents.all(scope, group, kind, limit) as DetailRecord[]).map(detailOf)),
    }),
    digest: (scope: string, group: string, kind: string) => {
      const lines = (hashes.all(scope, group, kind) as { namespace: string; name: string; uid: string; hash: string }[])
        .map((each) => `${each.namespace}/${each.name} ${each.uid} ${each.hash}`)
        .sort()
      return { at: at(), objects: lines.length, digest: createHash('sha256').update(lines.join('\n')).digest('hex') }
    },
  }
}
