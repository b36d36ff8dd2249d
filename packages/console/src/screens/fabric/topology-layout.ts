import type { TopologyView } from '@binnacle/protocol'

type Node = TopologyView['nodes'][number]
type Edge = TopologyView['edges'][number]

/** A device with its place; `x`, `y` are its middle. Compact ones show no name until they are looked at. */
export interface PlacedNode {
  readonly node: Node
  readonly x: number
  readonly y: number
  readonly compact: boolean
  readonly width: number
  readonly height: number
}

/** A connection with the places of its ends. */
export interface PlacedEdge {
  readonly edge: Edge
  readonly from: PlacedNode
  readonly to: PlacedNode
}

/** A picture of a fabric; all lengths in pixels. */
export interface TopologyPicture {
  readonly width: number
  readonly height: number
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly PlacedEdge[]
}

/** Size of a device with its name (usual and at its widest), and of one without. */
export const NODE = { width: 116, widest: 190, height: 30 } as const
export const COMPACT = { width: 22, height: 22 } as const

/** Narrowest device that still shows a useful part of its name. */
const NARROW = 84
const GAP = 10
const ROW_GAP = 10
const RANK_GAP = 62
const MARGIN = 22

const byName = (a: Node, b: Node): number => a.name.localeCompare(b.name, 'en', { numeric: true })

/**
 * Places devices in rows by rank, the names in order. A row that is too long becomes several, and above two rows its
 * devices become compact, so that 7 and 300 devices both fit. Connections to unknown devices are left out. `wanted`: how
 * wide a device should be for its name, where there is room.
 */
export function layOut(topology: Pick<TopologyView, 'nodes' | 'edges'>, width: number, wanted: number = NODE.width): TopologyPicture {
  const ranks = [...new Set(topology.nodes.map((node) => node.rank))].sort((a, b) => a - b)
  const placed = new Map<string, PlacedNode>()
  const widest = Math.max(NODE.width, Math.min(NODE.widest, wanted))
  const inner = Math.max(NODE.width, width - 2 * MARGIN)
  let y = MARGIN
  for (const rank of ranks) {
    const nodes = topology.nodes.filter((node) => node.rank === rank).sort(byName)
    // One row as long as the names can be read; a link then never runs behind a device of its own rank.
    const fitting = Math.floor((inner + GAP) / nodes.length - GAP)
    const compact = fitting < NARROW && nodes.length > 2 * Math.floor((inner + GAP) / (NARROW + GAP))
    const size = compact ? COMPACT : { width: Math.max(NARROW, Math.min(widest, inner, fitting)), height: NODE.height }
    const perRow = Math.max(1, Math.floor((inner + GAP) / (size.width + GAP)))
    const rows = Math.ceil(nodes.length / perRow)
    for (let row = 0; row < rows; row += 1) {
      // Evenly filled rows look calmer than a full one and a rest.
      const start = Math.round((row * nodes.length) / rows)
      const end = Math.round(((row + 1) * nodes.length) / rows)
      const count = end - start
      const step = Math.min(size.width + (compact ? GAP : 3 * GAP), count > 1 ? (inner - size.width) / (count - 1) : 0)
      const left = width / 2 - ((count - 1) * step) / 2
      for (let index = start; index < end; index += 1) {
        const node = nodes[index]
        if (node !== undefined) placed.set(node.id, { node, x: left + (index - start) * step, y: y + size.height / 2, compact, ...size })
      }
      y += size.height + ROW_GAP
    }
    y += RANK_GAP - ROW_GAP
  }
  const edges = topology.edges.flatMap((edge) => {
    const from = placed.get(edge.from)
    const to = placed.get(edge.to)
    return from === undefined || to === undefined ? [] : [{ edge, from, to }]
  })
  return { width, height: ranks.length === 0 ? 0 : y - RANK_GAP + MARGIN, nodes: [...placed.values()], edges }
}

/** The line of a connection: straight down between rows, an arc between devices of one row. */
export function edgePath({ from, to }: PlacedEdge): string {
  const round = (value: number) => Math.round(value * 10) / 10
  if (Math.abs(from.y - to.y) < NODE.height) {
    const lift = Math.min(46, 18 + Math.abs(from.x - to.x) / 12)
    const y = from.y + from.height / 2
    return `M${round(from.x)} ${round(y)} Q${round((from.x + to.x) / 2)} ${round(y + lift)} ${round(to.x)} ${round(y)}`
  }
  const [upper, lower] = from.y < to.y ? [from, to] : [to, from]
  const y1 = upper.y + upper.height / 2
  const y2 = lower.y - lower.height / 2
  const middle = (y1 + y2) / 2
  return `M${round(upper.x)} ${round(y1)} C${round(upper.x)} ${round(middle)} ${round(lower.x)} ${round(middle)} ${round(lower.x)} ${round(y2)}`
}
