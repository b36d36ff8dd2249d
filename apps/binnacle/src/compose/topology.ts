import { KINDS, kindId, topologyOf, type ResourceDocument, type TopologyEdge, type TopologyNode } from '@binnacle/hedgehog'
import { fabricScope, formatPosition, type Inventory, type ObjectDetail, type TopologyView } from '@binnacle/protocol'

const TOPOLOGY_KINDS = ['Switch', 'Server', 'Connection', 'ExternalAttachment', 'Gateway']
/** Devices and connections of one kind that are drawn at most; a reference fabric has some 26 connections. */
const LIMIT = 5_000

/** The topology of a fabric with the derived status of each part, as of one position. */
export async function topologyOfFabric(inventory: Inventory, fabricId: number): Promise<TopologyView> {
  const kinds = KINDS.filter(({ kind }) => TOPOLOGY_KINDS.includes(kind)).map(({ group, kind }) => ({ group, kind }))
  const { at, objects } = await inventory.documents(fabricScope(fabricId), kinds, LIMIT)
  const of = (kind: string): ObjectDetail[] => objects.filter(({ key }) => key.kind === kind)
  const documents = (kind: string): ResourceDocument[] => of(kind).map(({ document }) => JSON.parse(document) as ResourceDocument)
  const graph = topologyOf({
    switches: documents('Switch'),
    servers: documents('Server'),
    connections: documents('Connection'),
    externalAttachments: documents('ExternalAttachment'),
    gateways: documents('Gateway'),
  })
  const statuses = new Map(objects.map(({ key, derived }) => [kindId(key.kind, key.name), derived]))
  const statusOf = (kind: string, name: string): TopologyView['nodes'][number]['status'] => {
    const derived = statuses.get(kindId(kind, name)) ?? null
    return derived === null ? null : { ...derived, from: [...derived.from] }
  }
  return {
    at: formatPosition(at),
    nodes: graph.nodes.map((node: TopologyNode) => ({ ...node, status: statusOf(node.kind, node.name) })),
    edges: graph.edges.map((edge: TopologyEdge) => ({
      ...edge,
      ports: edge.ports.map((pair) => ({ ...pair })),
      status: statusOf('Connection', edge.connection),
    })),
  }
}
