import { useMemo, useState } from 'react'
import { useElementSize } from '@mantine/hooks'
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { kindOf } from '@binnacle/hedgehog'
import type { TopologyView } from '@binnacle/protocol'
import { useServer } from '../../app-context.tsx'
import { topologyQuery } from '../../live/queries.ts'
import { DataText, StatusText } from '../../parts/data-text.tsx'
import { Sign, SignShape } from '../../parts/sign.tsx'
import { TONE_ORDER, toneOfHealth, wordOf } from '../../parts/tones.ts'
import type { Tone } from '../../parts/tones.ts'
import { visibleText } from '../../parts/visible-text.ts'
import { Empty, FailedView, LoadingView } from '../../parts/view-state.tsx'
import { commonStart, deviceWidth, lettersIn, shortName, startless } from './short-name.ts'
import { edgePath, layOut } from './topology-layout.ts'
import type { PlacedEdge, PlacedNode, TopologyPicture } from './topology-layout.ts'

type Looked = { readonly node: string } | { readonly edge: string } | undefined

const toneOf = (thing: { readonly status: TopologyView['nodes'][number]['status'] }): Tone =>
  thing.status === null ? 'off' : toneOfHealth(thing.status.health)

function NodeShape({
  placed,
  fabric,
  common,
  faded,
  onLook,
}: {
  readonly placed: PlacedNode
  readonly fabric: number
  /** What the names of all devices begin with and no device shows; empty where all names fit. */
  readonly common: string
  readonly faded: boolean
  readonly onLook: (looked: Looked) => void
}) {
  const { node, x, y, compact } = placed
  const size = { width: placed.width, height: placed.height }
  const tone = node.declared ? toneOf(node) : 'unknown'
  const slug = node.declared ? kindOf(node.kind)?.slug : undefined
  const words = `${node.name}, ${node.role === '' ? node.type : node.role}, ${node.declared ? wordOf(node.status?.status ?? 'no status') : 'not declared'}`
  const shape = (
    <>
      <rect
        x={x - size.width / 2}
        y={y - size.height / 2}
        width={size.width}
        height={size.height}
        rx="5"
        className={`device device-${tone}${node.declared ? '' : ' device-undeclared'}`}
      />
      <SignShape tone={tone} x={compact ? x : x - size.width / 2 + 14} y={y} size={compact ? 11 : 12} />
      {!compact && (
        <text x={x - size.width / 2 + 25} y={y + 4} className="device-name">
          {shortName(startless(visibleText(node.name), common), lettersIn(size.width))}
        </text>
      )}
    </>
  )
  const looking = {
    onMouseEnter: () => onLook({ node: node.id }),
    onMouseLeave: () => onLook(undefined),
    onFocus: () => onLook({ node: node.id }),
    onBlur: () => onLook(undefined),
  }
  return (
    <g className={faded ? 'faded' : undefined} {...looking}>
      {slug === undefined ? (
        shape
      ) : (
        <Link
          to="/fabrics/$fabric/$slug/$name"
          params={{ fabric: String(fabric), slug, name: node.name }}
          search={{ namespace: undefined }}
          aria-label={visibleText(words)}
          className="device-link"
        >
          {shape}
        </Link>
      )}
    </g>
  )
}

function Caption({
  looked,
  topology,
  edges,
}: {
  readonly looked: Looked
  readonly topology: TopologyView
  readonly edges: readonly PlacedEdge[]
}) {
  if (looked !== undefined && 'edge' in looked) {
    const edge = topology.edges.find((each) => each.id === looked.edge)
    if (edge === undefined) return null
    return (
      <>
        <Sign tone={toneOf(edge)} />{' '}
        <strong>
          <DataText text={edge.connection} />
        </strong>{' '}
        <span className="dim">{wordOf(edge.type)}</span>{' '}
        <DataText text={edge.ports.map((port) => `${port.from}–${port.to === '' ? 'outside' : port.to}`).join(', ')} />
        {edge.status !== null && (
          <>
            {' · '}
            <StatusText text={edge.status.text} />
          </>
        )}
      </>
    )
  }
  if (looked !== undefined) {
    const node = topology.nodes.find((each) => each.id === looked.node)
    if (node === undefined) return null
    const own = edges.filter(({ edge }) => edge.from === node.id || edge.to === node.id)
    const bad = own.filter(({ edge }) => edge.status !== null && edge.status.health !== 'healthy')
    return (
      <>
        <Sign tone={node.declared ? toneOf(node) : 'unknown'} />{' '}
        <strong>
          <DataText text={node.name} />
        </strong>{' '}
        <span className="dim">{node.role === '' ? node.type : node.role}</span>{' '}
        {node.declared ? node.status !== null && <StatusText text={node.status.text} /> : 'is named by connections but declared nowhere'}
        <span className="dim">
          {' · '}
          {own.length} {own.length === 1 ? 'link' : 'links'}
          {bad.length > 0 && `, ${bad.length} not healthy`}
        </span>
      </>
    )
  }
  const counts = new Map<string, number>()
  for (const node of topology.nodes) counts.set(node.type, (counts.get(node.type) ?? 0) + 1)
  return (
    <span className="dim">
      {[...counts]
        .map(([type, count]) =>
          `${count} ${type}${count === 1 ? '' : type === 'leaf' ? '' : 's'}`.replace('leaf', count === 1 ? 'leaf' : 'leaves'),
        )
        .join(' · ')}
      {` · ${topology.edges.length} links. Point at a device or link, or move with Tab.`}
    </span>
  )
}

/** The picture with all names whole if they fit, else with what they have in common left out of all of them. */
function draw(topology: TopologyView, width: number): { readonly picture: TopologyPicture; readonly common: string } {
  const wide = (common: string) => {
    const letters = Math.max(0, ...topology.nodes.map((node) => startless(visibleText(node.name), common).length))
    const picture = layOut(topology, width, deviceWidth(letters))
    const fits = picture.nodes.every(
      (placed) => placed.compact || deviceWidth(startless(visibleText(placed.node.name), common).length) <= placed.width,
    )
    return { picture, common, fits }
  }
  const whole = wide('')
  return whole.fits
    ? whole
    : wide(commonStart(topology.nodes.filter((node) => node.type !== 'external').map((node) => visibleText(node.name))))
}

/** The fabric as a picture: rows of devices, the connections between them, health as colour and shape. */
export function TopologyPanel({ fabric }: { readonly fabric: number }) {
  const query = useQuery(topologyQuery(useServer(), fabric))
  const { ref, width } = useElementSize()
  const [looked, setLooked] = useState<Looked>()
  const topology = query.data
  const { picture, common } = useMemo(
    () => (topology === undefined || width === 0 ? { picture: undefined, common: '' } : draw(topology, width)),
    [topology, width],
  )
  const near = new Set<string>()
  const isNear = ({ edge }: PlacedEdge): boolean =>
    looked !== undefined && ('edge' in looked ? edge.id === looked.edge : edge.from === looked.node || edge.to === looked.node)
  for (const placed of picture?.edges ?? []) {
    if (!isNear(placed)) continue
    near.add(placed.edge.from)
    near.add(placed.edge.to)
  }
  if (looked !== undefined && 'node' in looked) near.add(looked.node)
  // Bad links are drawn last, so that no healthy one covers them.
  const edges = picture?.edges.toSorted((a, b) => TONE_ORDER.indexOf(toneOf(a.edge)) - TONE_ORDER.indexOf(toneOf(b.edge))) ?? []
  return (
    <section className="panel" aria-label="Topology">
      <div className="panel-head">
        <h2>Topology</h2>
        {topology !== undefined && topology.nodes.length > 0 && (
          <output className="panel-note caption">
            <Caption looked={looked} topology={topology} edges={edges} />
          </output>
        )}
      </div>
      <div ref={ref} className={(topology?.edges.length ?? 0) > 150 ? 'topology topology-dense' : 'topology'}>
        {topology === undefined ? (
          query.isError ? (
            <FailedView what="the topology" error={query.error} retry={() => void query.refetch()} />
          ) : (
            <LoadingView what="topology" />
          )
        ) : topology.nodes.length === 0 ? (
          <Empty title="No device is known yet">Switches and servers appear here as soon as they are listed.</Empty>
        ) : (
          picture !== undefined && (
            <svg width={picture.width} height={picture.height} aria-label={`Topology with ${topology.nodes.length} devices`}>
              {edges.map((placed) => {
                const tone = toneOf(placed.edge)
                const path = edgePath(placed)
                const slug = kindOf('Connection')?.slug ?? 'connections'
                return (
                  <Link
                    key={placed.edge.id}
                    to="/fabrics/$fabric/$slug/$name"
                    params={{ fabric: String(fabric), slug, name: placed.edge.connection }}
                    search={{ namespace: undefined }}
                    tabIndex={-1}
                    aria-label={visibleText(`connection ${placed.edge.connection}`)}
                    onMouseEnter={() => setLooked({ edge: placed.edge.id })}
                    onMouseLeave={() => setLooked(undefined)}
                  >
                    <path d={path} className={`wire wire-${tone}${looked === undefined ? '' : isNear(placed) ? ' wire-near' : ' faded'}`} />
                    <path d={path} className="wire-touch" />
                  </Link>
                )
              })}
              {picture.nodes.map((placed) => (
                <NodeShape
                  key={placed.node.id}
                  placed={placed}
                  fabric={fabric}
                  common={common}
                  faded={looked !== undefined && !near.has(placed.node.id)}
                  onLook={setLooked}
                />
              ))}
            </svg>
          )
        )}
      </div>
    </section>
  )
}
