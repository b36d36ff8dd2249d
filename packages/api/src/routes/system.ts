import { BinnacleError, causeSchema } from '@binnacle/protocol'
import { z } from 'zod'
import type { ApiPorts } from '../ports.ts'
import { route, type Route } from '../route.ts'

const healthSchema = z.object({
  store: z.object({
    ok: z.boolean(),
    cause: causeSchema.nullable(),
    head: z.int(),
    oldest: z.int(),
    database_bytes: z.number(),
    pending_facts: z.int(),
    commit_ms_p99: z.number(),
    commits: z.int(),
  }),
  connections: z.int(),
  fabrics: z.array(z.object({ id: z.int(), name: z.string(), status: z.string(), live: z.int(), wanted: z.int() })),
})

/** Figures of the hub itself. */
export function systemRoutes({ store, connections, fabrics, live }: ApiPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/system/health',
      about: 'The hub itself: store, connections, fabrics',
      right: { who: 'system', role: 'viewer' },
      answer: healthSchema,
      handle: async (): Promise<z.infer<typeof healthSchema>> => {
        const health = await store.health().catch((error: unknown) => {
          throw new BinnacleError('STORE_UNAVAILABLE', undefined, { cause: error })
        })
        return {
          store: {
            ok: health.ok,
            cause: health.cause,
            head: health.head,
            oldest: health.oldest,
            database_bytes: health.databaseBytes,
            pending_facts: health.pendingFacts,
            commit_ms_p99: health.commitMsP99,
            commits: health.commits,
          },
          connections: connections.connections().length,
          fabrics: (await fabrics.list()).map(({ id, name, status }) => {
            const watches = live.watches(id).filter(({ state, expected }) => state !== 'disabled' && (expected || state !== 'not_served'))
            return { id, name, status, live: watches.filter(({ state }) => state === 'live').length, wanted: watches.length }
          }),
        }
      },
    }),
  ]
}
