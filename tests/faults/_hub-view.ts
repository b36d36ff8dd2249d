import { createApi, createBinnacleClient, type Api, type BinnacleClient } from '@binnacle/client'
import {
  fabricDetailSchema,
  fabricListSchema,
  resourceListSchema,
  watchListSchema,
  type BinnacleEvent,
  type FabricDetail,
  type WatchList,
} from '@binnacle/protocol'
import { kindOf } from '@binnacle/hedgehog'
import { isDeepStrictEqual } from 'node:util'
import { newToken, type HubProcess } from '../system/_hub-process.ts'
import { TWELVE, type FaultFabric, type ListedObject } from './_fault-fabric.ts'
import { until } from './_until.ts'

/** What somebody outside sees of a hub: REST, and every event since the log began. */
export interface HubView {
  readonly token: string
  readonly api: Api
  readonly client: BinnacleClient
  /** Every event, in the order in which the client was given them. */
  readonly events: readonly BinnacleEvent[]
  /** Times the client said that events were lost. */
  readonly lost: readonly string[]
  id(fabric: string): Promise<number>
  detail(id: number): Promise<FabricDetail>
  watches(id: number): Promise<WatchList>
  /** Created, updated and deleted objects of a fabric, from a place in `events` on. */
  changes(id: number, from?: number): BinnacleEvent[]
  listed(id: number, kind: string): Promise<ListedObject[]>
  /** Resolves when all watches that are wanted are live. */
  live(id: number, withinMs?: number): Promise<void>
  /** Resolves when the inventory of these kinds is what the lab's server lists. */
  agrees(id: number, fabric: FaultFabric, kinds?: readonly string[], withinMs?: number): Promise<void>
  close(): void
}

/** Follows a hub from the first event on. The client comes back by itself when the hub does, on the same address. */
export async function viewHub(hub: HubProcess, given?: string): Promise<HubView> {
  const token = given ?? (await newToken(hub))
  const events: BinnacleEvent[] = []
  const lost: string[] = []
  const api = createApi({ base: `${hub.url}/api/v1`, token: () => token })
  const client = createBinnacleClient({
    url: `${hub.url.replace('http', 'ws')}/api/v1/ws`,
    token: () => Promise.resolve(token),
    name: 'fault tests',
  })
  client.subscribe({ filter: {}, from: 'oldest' }, (message) => {
    if (message.type === 'events') events.push(...message.events)
    if (message.type === 'lost' || message.type === 'refused') lost.push(JSON.stringify(message))
  })
  const listed = async (id: number, kind: string): Promise<ListedObject[]> => {
    const definition = kindOf(kind)
    const rows: ListedObject[] = []
    let cursor: string | undefined
    do {
      const page = await api.get(`resources/${definition?.plural}.${definition?.group}`, resourceListSchema, {
        query: { fabric: id, limit: 1_000, cursor },
      })
      rows.push(...page.rows.map(({ name, uid, resource_version }) => ({ kind, name, uid, version: resource_version })))
      cursor = page.cursor ?? undefined
    } while (cursor !== undefined)
    return rows.toSorted(byName)
  }
  return {
    token,
    api,
    client,
    events,
    lost,
    id: async (name) => {
      const { fabrics } = await api.get('fabrics', fabricListSchema)
      const found = fabrics.find((each) => each.name === name)
      if (found === undefined) throw new RangeError(`the hub has no fabric ${name}`)
      return found.id
    },
    detail: (id) => api.get(`fabrics/${id}`, fabricDetailSchema),
    watches: (id) => api.get(`fabrics/${id}/watches`, watchListSchema),
    changes: (id, from = 0) => events.slice(from).filter(({ fabric_id, event_type }) => fabric_id === id && CHANGES.has(event_type)),
    listed,
    live: async (id, withinMs = 30_000) => {
      await until(
        `all kinds of fabric ${id} are live`,
        async () => {
          const { watches } = await api.get(`fabrics/${id}/watches`, watchListSchema)
          const expected = watches.filter((watch) => watch.expected && watch.state !== 'disabled')
          return expected.length > 0 && expected.every(({ state }) => state === 'live')
        },
        withinMs,
      )
    },
    agrees: async (id, fabric, kinds = TWELVE, withinMs = 10_000) => {
      for (const kind of kinds) {
        await until(
          `the inventory of ${kind} in ${fabric.name} equals the server's list`,
          async () => isDeepStrictEqual(await listed(id, kind), fabric.objects(kind).toSorted(byName)),
          withinMs,
        )
      }
    },
    close: () => client.close(),
  }
}

const CHANGES = new Set<string>(['cr_created', 'cr_updated', 'cr_deleted'])
const byName = (one: ListedObject, other: ListedObject): number => (one.name < other.name ? -1 : 1)
