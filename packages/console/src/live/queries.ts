import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import type { Server } from './server.ts'

/** GET fabrics: the list, counts per kind, watches. */
export const fabricsQuery = (server: Server) => queryOptions({ queryKey: ['fabrics'], queryFn: ({ signal }) => server.fabrics(signal) })

/** GET fabrics/:id. */
export const fabricQuery = (server: Server, id: number) =>
  queryOptions({
    queryKey: ['fabric', id, 'detail'],
    queryFn: ({ signal }) => server.fabric(id, signal),
    placeholderData: keepPreviousData,
  })

/** GET fabrics/:id/watches; asked again every 5 s, because ages move without an event. */
export const watchesQuery = (server: Server, id: number) =>
  queryOptions({ queryKey: ['fabric', id, 'watches'], queryFn: ({ signal }) => server.watches(id, signal), refetchInterval: 5_000 })

/** GET fabrics/:id/topology. */
export const topologyQuery = (server: Server, id: number) =>
  queryOptions({ queryKey: ['fabric', id, 'topology'], queryFn: ({ signal }) => server.topology(id, signal) })

/** What names an object on screen. */
export interface ObjectAddress {
  readonly fabric: number
  readonly plural: string
  readonly namespace: string
  readonly name: string
}

/** GET fabrics/:id/resources/:plural/:name. */
export const objectQuery = (server: Server, address: ObjectAddress) =>
  queryOptions({
    queryKey: ['object', address],
    queryFn: ({ signal }) => server.object(address, signal),
  })

/** GET fabrics/:id/resources/:plural/:name/history. */
export const historyQuery = (server: Server, address: ObjectAddress) =>
  queryOptions({ queryKey: ['object', address, 'history'], queryFn: ({ signal }) => server.history(address, signal) })

/** GET connections. */
export const connectionsQuery = (server: Server) =>
  queryOptions({ queryKey: ['connections'], queryFn: ({ signal }) => server.connections(signal), refetchInterval: 5_000 })
