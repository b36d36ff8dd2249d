import {
  BinnacleError,
  connectionInputSchema,
  connectionTestReportSchema,
  fabricDetailSchema,
  fabricInputSchema,
  fabricListSchema,
  fabricScope,
  fabricViewSchema,
  formatPosition,
  gaugeSchema,
  holds,
  syncReportSchema,
  topologyViewSchema,
  watchListSchema,
  type FabricDetail,
  type FabricList,
  type FabricView,
  type KindCount,
  type WatchStatus,
} from '@binnacle/protocol'
import { z } from 'zod'
import type { ApiPorts } from '../ports.ts'
import { route, type Route } from '../route.ts'

const byId = z.strictObject({ id: z.coerce.number().int().positive().max(999_999_999) })

/** How many objects of a kind there are; null while no complete list was taken, because that is not zero. */
const objectsOf = (count: KindCount | undefined): number | null => (count?.listed === true ? count.objects : null)

/** Fabrics: what is there, how it is watched, and adding, changing, testing, removing. */
export function fabricRoutes({ fabrics, live, inventory, log, kinds, topology }: ApiPorts): Route[] {
  const at = (): string => formatPosition({ epoch: log.state().epoch, seq: log.state().head })
  const found = async (id: number): Promise<FabricView> => {
    const view = await fabrics.get(id)
    if (view === undefined) throw new BinnacleError('NOT_FOUND')
    return view
  }
  const kindRows = (counts: readonly KindCount[], watches: readonly WatchStatus[]): FabricDetail['kinds'] => {
    const known = kinds.map((kind) => ({ kind: kind.kind, group: kind.group, plural: kind.plural, expected: kind.expected }))
    const extra = watches
      .filter((watch) => !kinds.some(({ kind, group }) => kind === watch.kind && group === watch.group))
      .map(({ kind, group, plural }) => ({ kind, group, plural, expected: false }))
    return [...known, ...extra].map((kind) => {
      const count = counts.find((each) => each.kind === kind.kind && each.group === kind.group)
      return { ...kind, objects: objectsOf(count), by_health: { ...count?.byHealth } }
    })
  }
  return [
    route({
      method: 'GET',
      path: '/fabrics',
      about: 'The fabrics one may view, with status and counts',
      right: { who: 'signed_in' },
      answer: fabricListSchema,
      handle: async ({ caller }): Promise<FabricList> => {
        const visible = (await fabrics.list()).filter(({ id }) => holds(caller.who.rights, 'viewer', fabricScope(id)))
        const position = at()
        const rows = await Promise.all(
          visible.map(async (view) => {
            const { kinds: counts } = await inventory.counts(fabricScope(view.id))
            const watches = live.watches(view.id)
            const wanted = watches.filter(({ state, expected }) => state !== 'disabled' && (expected || state !== 'not_served'))
            return {
              ...view,
              kinds: kindRows(counts, watches).map(({ kind, group, objects }) => ({ kind, group, objects })),
              watches: { live: wanted.filter(({ state }) => state === 'live').length, wanted: wanted.length },
            }
          }),
        )
        return { at: position, fabrics: rows }
      },
    }),
    route({
      method: 'POST',
      path: '/fabrics',
      about: 'Adds a fabric',
      right: { who: 'all_fabrics', role: 'admin' },
      body: fabricInputSchema,
      answer: fabricViewSchema,
      status: 201,
      handle: ({ body, caller }) => fabrics.create(body, caller.who.userName),
    }),
    route({
      method: 'POST',
      path: '/fabrics/test-connection',
      about: 'Proves a connection before it is saved: per kind list, watch and latency',
      right: { who: 'all_fabrics', role: 'admin' },
      body: z.strictObject({ connection: connectionInputSchema }),
      answer: connectionTestReportSchema,
      handle: ({ body }) => fabrics.test({ connection: body.connection }),
    }),
    route({
      method: 'GET',
      path: '/fabrics/:id',
      about: 'A fabric: status, watches per kind, counts per kind',
      right: { who: 'fabric', role: 'viewer' },
      params: byId,
      answer: fabricDetailSchema,
      handle: async ({ params }): Promise<FabricDetail> => {
        const view = await found(params.id)
        const { at: position, kinds: counts } = await inventory.counts(fabricScope(params.id))
        const watches = live.watches(params.id)
        return { at: formatPosition(position), fabric: view, watches: [...watches], kinds: kindRows(counts, watches) }
      },
    }),
    route({
      method: 'PUT',
      path: '/fabrics/:id',
      about: 'Changes a fabric',
      right: { who: 'fabric', role: 'admin' },
      params: byId,
      body: fabricInputSchema,
      answer: fabricViewSchema,
      handle: ({ params, body, caller }) => fabrics.update(params.id, body, caller.who.userName),
    }),
    route({
      method: 'DELETE',
      path: '/fabrics/:id',
      about: 'Removes a fabric and what is kept of it',
      right: { who: 'fabric', role: 'admin' },
      params: byId,
      answer: null,
      handle: ({ params, caller }) => fabrics.remove(params.id, caller.who.userName),
    }),
    route({
      method: 'POST',
      path: '/fabrics/:id/test-connection',
      about: 'Proves the stored connection',
      right: { who: 'fabric', role: 'operator' },
      params: byId,
      body: z.strictObject({}),
      answer: connectionTestReportSchema,
      handle: async ({ params }) => {
        await found(params.id)
        return fabrics.test({ id: params.id })
      },
    }),
    route({
      method: 'POST',
      path: '/fabrics/:id/sync/cluster',
      about: 'Sync from cluster: a fresh list of each kind; differences become events; deploys nothing',
      right: { who: 'fabric', role: 'operator' },
      params: byId,
      body: z.strictObject({}),
      answer: syncReportSchema,
      handle: async ({ params, caller }) => {
        await found(params.id)
        return live.syncCluster(params.id, caller.who.userName)
      },
    }),
    route({
      method: 'GET',
      path: '/fabrics/:id/watches',
      about: 'The watch of each kind: state, objects, resourceVersion, seconds since proof',
      right: { who: 'fabric', role: 'viewer' },
      params: byId,
      answer: watchListSchema,
      handle: async ({ params }) => {
        const view = await found(params.id)
        return { at: at(), status: view.status, watches: [...live.watches(params.id)] }
      },
    }),
    route({
      method: 'GET',
      path: '/fabrics/:id/topology',
      about: 'Devices and connections, with derived status',
      right: { who: 'fabric', role: 'viewer' },
      params: byId,
      answer: topologyViewSchema,
      handle: async ({ params }) => {
        await found(params.id)
        return topology(params.id)
      },
    }),
    route({
      method: 'GET',
      path: '/fabrics/:id/gauges',
      about: 'Volatile readings with their age',
      right: { who: 'fabric', role: 'viewer' },
      params: byId,
      answer: z.object({ at: z.string(), gauges: z.array(gaugeSchema) }),
      handle: async ({ params }) => {
        await found(params.id)
        return { at: at(), gauges: [...live.gauges(fabricScope(params.id))] }
      },
    }),
  ]
}
