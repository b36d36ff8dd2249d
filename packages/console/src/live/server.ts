import type {
  ConnectionList,
  ConnectionTestReport,
  EventPage,
  FabricDetail,
  FabricInput,
  FabricList,
  FabricView,
  ResourceDetail,
  ResourceHistory,
  ResourceList,
  SyncReport,
  TopologyView,
  WatchList,
  ConnectionInput,
} from '@binnacle/protocol'
import type { ObjectAddress } from './queries.ts'

/** What a list asks for. `sort` is a column id, with `-` in front for descending. */
export interface ListQuestion {
  readonly plural: string
  readonly fabric?: number
  readonly q?: string
  readonly status?: string
  readonly sort?: string
}

/** What the event page asks for; lists are joined by commas on the way. */
export interface EventQuestion {
  readonly scopes?: readonly string[]
  readonly types?: readonly string[]
  readonly kinds?: readonly string[]
  readonly names?: readonly string[]
  readonly minPriority?: string
}

/** The REST interface as the screens use it. Every call rejects with an error that carries the problem details. */
export interface Server {
  fabrics(signal?: AbortSignal): Promise<FabricList>
  fabric(id: number, signal?: AbortSignal): Promise<FabricDetail>
  watches(id: number, signal?: AbortSignal): Promise<WatchList>
  topology(id: number, signal?: AbortSignal): Promise<TopologyView>
  createFabric(input: FabricInput): Promise<FabricView>
  updateFabric(id: number, input: FabricInput): Promise<FabricView>
  removeFabric(id: number): Promise<void>
  /** Proves a connection before it is saved. */
  testConnection(connection: ConnectionInput): Promise<ConnectionTestReport>
  /** Proves the stored connection of a fabric. */
  testFabric(id: number): Promise<ConnectionTestReport>
  syncCluster(id: number): Promise<SyncReport>
  resources(question: ListQuestion, page: { cursor?: string; limit: number }, signal?: AbortSignal): Promise<ResourceList>
  object(address: ObjectAddress, signal?: AbortSignal): Promise<ResourceDetail>
  history(address: ObjectAddress, signal?: AbortSignal): Promise<ResourceHistory>
  /** The newest events that pass, newest first; before a position when given. */
  latestEvents(question: EventQuestion, page: { before?: string; limit: number }, signal?: AbortSignal): Promise<EventPage>
  connections(signal?: AbortSignal): Promise<ConnectionList>
}
