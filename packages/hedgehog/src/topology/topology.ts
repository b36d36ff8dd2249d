import { connectionType, devicesOf, linksOf } from '../documents/connections.ts'
import type { ConnectionType } from '../documents/connections.ts'
import { nameOf, stringAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'

/** What a node stands for. `external` is the far side of connections that leave the fabric. */
export type TopologyNodeType = 'spine' | 'leaf' | 'gateway' | 'server' | 'external'

/** Row of a node in a drawing, top to bottom. */
export const RANKS: Readonly<Record<TopologyNodeType, number>> = { external: 0, spine: 1, gateway: 1, leaf: 2, server: 3 }

/** A device, or the far side of an external connection. */
export interface TopologyNode {
  /** `Kind/name`, unique in the graph. */
  readonly id: string
  readonly kind: 'Switch' | 'Server' | 'Gateway' | 'External'
  readonly name: string
  readonly type: TopologyNodeType
  readonly rank: number
  /** False when connections name the device but no object declares it. */
  readonly declared: boolean
  /** Role of a switch, else empty. */
  readonly role: string
}

/** Ports of one cable; an end without a device has no port. */
export interface PortPair {
  readonly from: string
  readonly to: string
}

/** All cables of one Connection between two nodes. A Connection to several switches makes one edge for each. */
export interface TopologyEdge {
  /** `connection>from>to`, unique in the graph. */
  readonly id: string
  readonly connection: string
  readonly type: ConnectionType
  /** Ids of nodes. */
  readonly from: string
  readonly to: string
  readonly ports: readonly PortPair[]
}

/** The fabric as a graph, nodes ordered by rank and name, edges by id. */
export interface Topology {
  readonly nodes: readonly TopologyNode[]
  readonly edges: readonly TopologyEdge[]
}

/** What a graph is drawn from: documents by kind; externals join Connections through their attachments. */
export interface TopologyInput {
  readonly switches: readonly ResourceDocument[]
  readonly servers: readonly ResourceDocument[]
  readonly connections: readonly ResourceDocument[]
  readonly externalAttachments?: readonly ResourceDocument[]
  readonly gateways?: readonly ResourceDocument[]
}

const KINDS = { switch: 'Switch', server: 'Server', gateway: 'Gateway' } as const

class Graph {
  readonly nodes = new Map<string, TopologyNode>()
  readonly edges = new Map<string, TopologyEdge & { readonly ports: PortPair[] }>()

  node(kind: TopologyNode['kind'], name: string, type: TopologyNodeType, declared: boolean, role = ''): string {
    const id = `${kind}/${name}`
    if (!this.nodes.has(id)) this.nodes.set(id, { id, kind, name, type, rank: RANKS[type], declared, role })
    return id
  }

  cable(connection: string, type: ConnectionType, from: string, to: string, ports: PortPair): void {
    const id = `${connection}>${from}>${to}`
    const edge = this.edges.get(id)
    if (edge === undefined) this.edges.set(id, { id, connection, type, from, to, ports: [ports] })
    else edge.ports.push(ports)
  }
}

function addDevices(graph: Graph, input: TopologyInput): void {
  for (const device of input.switches) {
    const role = stringAt(device, 'spec', 'role') ?? ''
    graph.node('Switch', nameOf(device), role === 'spine' ? 'spine' : 'leaf', true, role)
  }
  for (const device of input.servers) graph.node('Server', nameOf(device), 'server', true)
  for (const device of input.gateways ?? []) graph.node('Gateway', nameOf(device), 'gateway', true)
}

/** The nodes on the far side of a connection that leaves the fabric: its externals, else the connection itself. */
function farSides(graph: Graph, connection: string, attachments: readonly ResourceDocument[]): readonly string[] {
  const names = attachments
    .filter((attachment) => stringAt(attachment, 'spec', 'connection') === connection)
    .flatMap((attachment) => stringAt(attachment, 'spec', 'external') ?? [])
  if (names.length === 0) return [graph.node('External', connection, 'external', false)]
  return [...new Set(names)].map((name) => graph.node('External', name, 'external', true))
}

/** Draws the fabric from documents. Objects without a name and links without a readable port are left out. Never throws. */
export function topologyOf(input: TopologyInput): Topology {
  const graph = new Graph()
  addDevices(graph, input)
  for (const document of input.connections) {
    const type = connectionType(document)
    const name = nameOf(document)
    if (type === undefined || name === '') continue
    for (const spine of type === 'fabric' ? devicesOf(document, 'switch') : []) {
      const side = linksOf(document)
        .flatMap((link) => link.ends)
        .find((end) => end.device === spine)?.side
      graph.node('Switch', spine, side === 'spine' ? 'spine' : 'leaf', false)
    }
    for (const { ends } of linksOf(document)) {
      const ids = ends.map((end) => graph.node(KINDS[end.role], end.device, end.role === 'switch' ? 'leaf' : end.role, false))
      const [from, to] = ids
      if (from === undefined) continue
      if (to !== undefined) graph.cable(name, type, from, to, { from: ends[0]?.port ?? '', to: ends[1]?.port ?? '' })
      else if (type === 'external' || type === 'staticExternal') {
        for (const far of farSides(graph, name, input.externalAttachments ?? []))
          graph.cable(name, type, from, far, { from: ends[0]?.port ?? '', to: '' })
      }
    }
  }
  graph.nodes.delete('Switch/')
  graph.nodes.delete('Server/')
  graph.nodes.delete('Gateway/')
  const byId = (one: { readonly id: string }, other: { readonly id: string }) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0)
  return {
    nodes: [...graph.nodes.values()].sort((one, other) => one.rank - other.rank || byId(one, other)),
    edges: [...graph.edges.values()].sort(byId),
  }
}
