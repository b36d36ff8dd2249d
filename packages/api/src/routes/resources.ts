import {
  BinnacleError,
  fabricIdOf,
  fabricScope,
  formatPosition,
  holds,
  parseEntry,
  resourceDetailSchema,
  resourceHistorySchema,
  resourceListSchema,
  resourceQuerySchema,
  eventPageSchema,
  type DerivedStatus,
  type ObjectKey,
  type ObjectRow,
  type ReferenceEdge,
  type ResourceDetail,
  type ResourceList,
  type ResourceRow,
} from '@binnacle/protocol'
import { z } from 'zod'
import type { ApiKind, ApiPorts } from '../ports.ts'
import { route, type Route } from '../route.ts'

const plural = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[a-z0-9.-]+$/, 'a plural, or plural.group')
const objectName = z.string().min(1).max(1_024)
const byKind = z.strictObject({ plural })
const byObject = z.strictObject({ id: z.coerce.number().int().positive().max(999_999_999), plural, name: objectName })
const inNamespace = z.strictObject({ namespace: z.string().max(253).default('default') })
/** Versions shown of one object. */
const VERSIONS = 50
/** Events shown of one object. */
const EVENTS = 100

const status = (derived: DerivedStatus | null): ResourceRow['status'] =>
  derived === null ? null : { status: derived.status, health: derived.health, text: derived.text, from: [...derived.from] }

function rowOf({ key, uid, version, createdAt, row, derived, changedSeq, changedAt }: ObjectRow, epoch: string): ResourceRow {
  return {
    fabric_id: fabricIdOf(key.scope) ?? 0,
    kind: key.kind,
    group: key.group,
    namespace: key.namespace,
    name: key.name,
    uid,
    resource_version: version,
    created_at: createdAt,
    changed_at: new Date(changedAt).toISOString(),
    changed_at_position: formatPosition({ epoch, seq: changedSeq }),
    row: { ...row },
    status: status(derived),
  }
}

const edgeOf = ({ role, key, exists, derived }: ReferenceEdge): ResourceDetail['references']['outgoing'][number] => ({
  role,
  kind: key.kind,
  group: key.group,
  namespace: key.namespace,
  name: key.name,
  exists,
  status: status(derived),
})

/** Resources: lists over fabrics, one object with its references, its history and its events. */
export function resourceRoutes({ fabrics, live, inventory, log, kinds }: ApiPorts): Route[] {
  /** The kind behind a plural; kinds that configuration added are known from the watches of a fabric. */
  const kindOf = (text: string, fabricIds: readonly number[]): Pick<ApiKind, 'group' | 'kind' | 'plural'> => {
    const known = kinds.find((kind) => kind.plural === text || `${kind.plural}.${kind.group}` === text)
    if (known !== undefined) return known
    for (const id of fabricIds) {
      const watch = live.watches(id).find((each) => each.plural === text || `${each.plural}.${each.group}` === text)
      if (watch !== undefined) return watch
    }
    throw new BinnacleError('NOT_FOUND', `no kind has the plural '${text}'`)
  }
  const keyOf = (params: z.infer<typeof byObject>, namespace: string): ObjectKey => {
    const kind = kindOf(params.plural, [params.id])
    return { scope: fabricScope(params.id), group: kind.group, kind: kind.kind, namespace, name: params.name }
  }
  return [
    route({
      method: 'GET',
      path: '/resources/:plural',
      about: 'Objects of a kind, over one fabric or all that one may view',
      right: { who: 'signed_in' },
      params: byKind,
      query: resourceQuerySchema,
      answer: resourceListSchema,
      handle: async ({ params, query, caller }): Promise<ResourceList> => {
        const visible = (await fabrics.list()).filter(({ id }) => holds(caller.who.rights, 'viewer', fabricScope(id)))
        const chosen = query.fabric === undefined ? visible : visible.filter(({ id }) => id === query.fabric)
        if (query.fabric !== undefined && chosen.length === 0) throw new BinnacleError('NOT_FOUND')
        const kind = kindOf(
          params.plural,
          chosen.map(({ id }) => id),
        )
        const descending = query.sort?.startsWith('-') ?? false
        const column = query.sort?.replace(/^-/, '')
        const listed = await Promise.all(
          chosen.map(
            async ({ id }) =>
              (await inventory.counts(fabricScope(id))).kinds.find((each) => each.kind === kind.kind && each.group === kind.group)
                ?.listed === true,
          ),
        )
        const shown = chosen.map(({ id, name }, index) => ({
          id,
          name,
          listed: listed[index] ?? false,
          watch: live.watches(id).find((watch) => watch.kind === kind.kind && watch.group === kind.group) ?? null,
        }))
        const head = log.state()
        if (chosen.length === 0)
          return {
            at: formatPosition({ epoch: head.epoch, seq: head.head }),
            kind: kind.kind,
            group: kind.group,
            plural: kind.plural,
            total: 0,
            cursor: null,
            fabrics: [],
            rows: [],
          }
        const page = await inventory.list({
          scopes: chosen.map(({ id }) => fabricScope(id)),
          group: kind.group,
          kind: kind.kind,
          limit: query.limit,
          ...(query.q === undefined ? {} : { q: query.q }),
          ...(query.status === undefined ? {} : { status: query.status }),
          ...(column === undefined ? {} : { sort: { column, descending } }),
          ...(query.cursor === undefined ? {} : { cursor: query.cursor }),
        })
        return {
          at: formatPosition(page.at),
          kind: kind.kind,
          group: kind.group,
          plural: kind.plural,
          total: page.total,
          cursor: page.cursor,
          fabrics: shown,
          rows: page.rows.map((row) => rowOf(row, page.at.epoch)),
        }
      },
    }),
    route({
      method: 'GET',
      path: '/fabrics/:id/resources/:plural/:name',
      about: 'An object: columns, document, derived status with its evidence, references both ways',
      right: { who: 'fabric', role: 'viewer' },
      params: byObject,
      query: inNamespace,
      answer: resourceDetailSchema,
      handle: async ({ params, query }): Promise<ResourceDetail> => {
        const key = keyOf(params, query.namespace)
        const { at, object } = await inventory.get(key)
        if (object === null) throw new BinnacleError('NOT_FOUND')
        const references = await inventory.references(key)
        return {
          at: formatPosition(at),
          object: rowOf(object, at.epoch),
          actual: JSON.parse(object.document) as Record<string, unknown>,
          references: { outgoing: references.outgoing.map(edgeOf), incoming: references.incoming.map(edgeOf) },
          watch: live.watches(params.id).find((watch) => watch.kind === key.kind && watch.group === key.group) ?? null,
          signals: Object.fromEntries(
            Object.entries(object.signals).map(([name, { value, since }]) => [name, { value, since: new Date(since).toISOString() }]),
          ),
          gauges: live.gauges(key.scope).filter((gauge) => gauge.kind === key.kind && gauge.name === key.name),
        }
      },
    }),
    route({
      method: 'GET',
      path: '/fabrics/:id/resources/:plural/:name/history',
      about: 'What an object was at each change, newest first',
      right: { who: 'fabric', role: 'viewer' },
      params: byObject,
      query: inNamespace,
      answer: resourceHistorySchema,
      handle: async ({ params, query }) => {
        const { at, versions } = await inventory.versions(keyOf(params, query.namespace), VERSIONS)
        return {
          at: formatPosition(at),
          versions: versions.map((version) => ({
            position: formatPosition({ epoch: at.epoch, seq: version.seq }),
            at: new Date(version.at).toISOString(),
            resource_version: version.version,
            document: version.document === null ? null : (JSON.parse(version.document) as Record<string, unknown>),
          })),
        }
      },
    }),
    route({
      method: 'GET',
      path: '/fabrics/:id/resources/:plural/:name/events',
      about: 'The events of an object, newest first',
      right: { who: 'fabric', role: 'viewer' },
      params: byObject,
      query: inNamespace,
      answer: eventPageSchema,
      handle: async ({ params, query, caller }) => {
        const key = keyOf(params, query.namespace)
        const { at, entries, more } = await log.latest(
          { filter: { scopes: [key.scope], kinds: [key.kind], names: [key.name] }, rights: caller.who.rights },
          { limit: EVENTS },
        )
        return {
          at: formatPosition(at),
          from: null,
          next: formatPosition({ epoch: at.epoch, seq: entries.at(-1)?.seq ?? at.seq }),
          more,
          events: entries.map(parseEntry),
        }
      },
    }),
  ]
}
