import { Link, useLocation } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { KINDS } from '@binnacle/hedgehog'
import type { KindDefinition } from '@binnacle/hedgehog'
import type { FabricList } from '@binnacle/protocol'
import { useServer } from '../app-context.tsx'
import { fabricsQuery } from '../live/queries.ts'

/** Objects of a kind over all fabrics. `known` false: some fabric has not listed it yet, so the number is not the whole. */
export interface KindTotal {
  readonly objects: number
  readonly known: boolean
  /** Whether any fabric serves it. */
  readonly present: boolean
}

/** Sums a kind over fabrics; "not listed yet" is not zero. */
export function totalOf(fabrics: FabricList['fabrics'] | undefined, kind: string, group: string): KindTotal {
  let objects = 0
  let known = fabrics !== undefined
  let present = false
  for (const fabric of fabrics ?? []) {
    if (!fabric.enabled) continue
    const entry = fabric.kinds.find((each) => each.kind === kind && each.group === group)
    if (entry === undefined) continue
    present = true
    if (entry.objects === null) known = false
    else objects += entry.objects
  }
  return { objects, known, present }
}

const LAYERS: readonly { readonly title: string; readonly kinds: readonly KindDefinition[] }[] = [
  { title: 'VPC layer', kinds: KINDS.filter((kind) => kind.expected && kind.layer === 'vpc') },
  { title: 'Wiring layer', kinds: KINDS.filter((kind) => kind.expected && kind.layer === 'wiring') },
]
const OPTIONAL = KINDS.filter((kind) => !kind.expected)

/** Which entry of the navigation a page belongs to: an object belongs to its kind. */
export const placeOf = (path: string): string => /^\/fabrics\/[^/]+\/([^/]+)\//.exec(path)?.[1] ?? path.split('/')[1] ?? ''

function KindLink({
  kind,
  total,
  here,
  onGo,
}: {
  readonly kind: KindDefinition
  readonly total: KindTotal
  readonly here: boolean
  readonly onGo: () => void
}) {
  return (
    <li>
      <Link to="/$slug" params={{ slug: kind.slug }} activeOptions={{ includeSearch: false }} data-here={here} onClick={onGo}>
        <span className="nav-name">{kind.titlePlural}</span>
        {total.known ? (
          <span className="nav-count">{total.present ? total.objects : '–'}</span>
        ) : (
          <span className="nav-count nav-count-unknown" title="Not completely listed yet">
            {total.objects > 0 ? `${total.objects}+` : '◇'}
            <span className="hidden-visually">not completely listed yet</span>
          </span>
        )}
      </Link>
    </li>
  )
}

/** The way to everything: fabrics, the kinds by layer with their counts, events. */
export function Navigation({ onGo }: { readonly onGo: () => void }) {
  const fabrics = useQuery(fabricsQuery(useServer())).data?.fabrics
  const place = placeOf(useLocation().pathname)
  const optional = OPTIONAL.map((kind) => ({ kind, total: totalOf(fabrics, kind.kind, kind.group) })).filter(
    ({ total }) => total.present && (total.objects > 0 || !total.known),
  )
  return (
    <nav className="nav" id="navigation" aria-label="Main">
      <ul>
        <li>
          <Link to="/fabrics" data-here={place === 'fabrics'} onClick={onGo}>
            <span className="nav-name">Fabrics</span>
            <span className="nav-count">{fabrics?.length}</span>
          </Link>
        </li>
        <li>
          <Link to="/events" data-here={place === 'events'} onClick={onGo}>
            <span className="nav-name">Events</span>
          </Link>
        </li>
      </ul>
      {LAYERS.map((layer) => (
        <section key={layer.title} aria-label={layer.title}>
          <h2 className="nav-title">{layer.title}</h2>
          <ul>
            {layer.kinds.map((kind) => (
              <KindLink
                key={kind.slug}
                kind={kind}
                total={totalOf(fabrics, kind.kind, kind.group)}
                here={place === kind.slug}
                onGo={onGo}
              />
            ))}
          </ul>
        </section>
      ))}
      {optional.length > 0 && (
        <section aria-label="Other kinds">
          <h2 className="nav-title">Other kinds</h2>
          <ul>
            {optional.map(({ kind, total }) => (
              <KindLink key={kind.slug} kind={kind} total={total} here={place === kind.slug} onGo={onGo} />
            ))}
          </ul>
        </section>
      )}
      <section aria-label="Binnacle">
        <h2 className="nav-title">Binnacle</h2>
        <ul>
          <li>
            <Link to="/realtime" data-here={place === 'realtime'} onClick={onGo}>
              <span className="nav-name">Live connection</span>
            </Link>
          </li>
        </ul>
      </section>
    </nav>
  )
}
