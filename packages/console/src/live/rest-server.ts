import { noContent } from '@binnacle/client'
import type { Api } from '@binnacle/client'
import {
  connectionListSchema,
  connectionTestReportSchema,
  eventPageSchema,
  fabricDetailSchema,
  fabricListSchema,
  fabricViewSchema,
  resourceDetailSchema,
  resourceHistorySchema,
  resourceListSchema,
  syncReportSchema,
  topologyViewSchema,
  watchListSchema,
} from '@binnacle/protocol'
import type { ObjectAddress } from './queries.ts'
import type { Server } from './server.ts'

/** A complete listing or a connection test may take a while; milliseconds. */
const SLOW_MS = 120_000

const objectPath = (address: ObjectAddress): string =>
  `fabrics/${address.fabric}/resources/${encodeURIComponent(address.plural)}/${encodeURIComponent(address.name)}`

const abort = (signal: AbortSignal | undefined) => (signal === undefined ? {} : { signal })

/** The REST interface of a Binnacle server, each answer checked by its schema. */
export function createRestServer(api: Api): Server {
  return {
    fabrics: (signal) => api.get('fabrics', fabricListSchema, abort(signal)),
    fabric: (id, signal) => api.get(`fabrics/${id}`, fabricDetailSchema, abort(signal)),
    watches: (id, signal) => api.get(`fabrics/${id}/watches`, watchListSchema, abort(signal)),
    topology: (id, signal) => api.get(`fabrics/${id}/topology`, topologyViewSchema, abort(signal)),
    createFabric: (input) => api.post('fabrics', input, fabricViewSchema),
    updateFabric: (id, input) => api.put(`fabrics/${id}`, input, fabricViewSchema),
    removeFabric: (id) => api.delete(`fabrics/${id}`, noContent),
    testConnection: (connection) =>
      api.post('fabrics/test-connection', { connection }, connectionTestReportSchema, { deadlineMs: SLOW_MS }),
    testFabric: (id) => api.post(`fabrics/${id}/test-connection`, {}, connectionTestReportSchema, { deadlineMs: SLOW_MS }),
    syncCluster: (id) => api.post(`fabrics/${id}/sync/cluster`, {}, syncReportSchema, { deadlineMs: SLOW_MS }),
    resources: ({ plural, ...question }, page, signal) =>
      api.get(`resources/${encodeURIComponent(plural)}`, resourceListSchema, { query: { ...question, ...page }, ...abort(signal) }),
    object: (address, signal) =>
      api.get(objectPath(address), resourceDetailSchema, { query: { namespace: address.namespace }, ...abort(signal) }),
    history: (address, signal) =>
      api.get(`${objectPath(address)}/history`, resourceHistorySchema, { query: { namespace: address.namespace }, ...abort(signal) }),
    latestEvents: ({ minPriority, ...question }, page, signal) =>
      api.get('events', eventPageSchema, { query: { ...question, min_priority: minPriority, order: 'newest', ...page }, ...abort(signal) }),
    connections: (signal) => api.get('connections', connectionListSchema, abort(signal)),
  }
}
