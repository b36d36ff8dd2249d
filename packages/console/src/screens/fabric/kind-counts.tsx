import { Link } from '@tanstack/react-router'
import { KINDS, kindOf } from '@binnacle/hedgehog'
import type { FabricDetail } from '@binnacle/protocol'
import { HealthBar } from '../../parts/health-bar.tsx'

type Count = FabricDetail['kinds'][number]

const order = (count: Count): number => {
  const index = KINDS.findIndex((kind) => kind.kind === count.kind && kind.group === count.group)
  if (index < 0) return 2 * KINDS.length
  // As in the navigation: the VPC layer, the wiring layer, the others.
  return KINDS[index]?.layer === 'vpc' ? index : index + KINDS.length / 2
}

/** How many objects of each kind there are and how they are; each leads to its list. */
export function KindCounts({ fabric, kinds }: { readonly fabric: number; readonly kinds: readonly Count[] }) {
  const shown = kinds.filter((kind) => kind.expected || (kind.objects ?? 0) > 0).toSorted((a, b) => order(a) - order(b))
  return (
    <ul className="kind-counts">
      {shown.map((count) => {
        const kind = kindOf(count.kind, count.group)
        const content = (
          <>
            <span className="kind-number">
              {count.objects ?? (
                <span className="never" title="Not completely listed yet; this is not zero">
                  ◇<span className="hidden-visually">not listed yet</span>
                </span>
              )}
            </span>
            <span className="kind-title">{kind?.titlePlural ?? count.kind}</span>
            {count.objects === null ? (
              <span className="health-words never">not listed yet</span>
            ) : (
              <HealthBar counts={count.by_health} total={count.objects} />
            )}
          </>
        )
        return (
          <li key={`${count.kind}.${count.group}`} data-kind={count.kind} data-objects={count.objects ?? 'unknown'}>
            {kind === undefined ? (
              <div className="kind-count">{content}</div>
            ) : (
              <Link to="/$slug" params={{ slug: kind.slug }} search={{ fabric }} className="kind-count">
                {content}
              </Link>
            )}
          </li>
        )
      })}
    </ul>
  )
}
