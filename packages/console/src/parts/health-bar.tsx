import type { Health } from '@binnacle/protocol'
import { HEALTHS } from '@binnacle/protocol'
import { Sign } from './sign.tsx'
import { toneOfHealth } from './tones.ts'

/** How many objects are in which health: a bar, and the numbers that are not "healthy" in words. */
export function HealthBar({ counts, total }: { readonly counts: Partial<Record<Health, number>>; readonly total: number }) {
  const present = HEALTHS.filter((health) => (counts[health] ?? 0) > 0)
  const judged = present.reduce((sum, health) => sum + (counts[health] ?? 0), 0)
  if (total === 0) return <div className="health-bar health-bar-empty" />
  const label = judged === 0 ? 'no status is derived for this kind' : present.map((health) => `${counts[health]} ${health}`).join(', ')
  return (
    <div className="health" title={label}>
      <span className="hidden-visually">{label}</span>
      <div className="health-bar" aria-hidden="true">
        {present.map((health) => (
          <span key={health} className={`health-part fill-${toneOfHealth(health)}`} style={{ flexGrow: counts[health] ?? 0 }} />
        ))}
        {judged < total && <span className="health-part fill-none" style={{ flexGrow: total - judged }} />}
      </div>
      <div className="health-words">
        {present
          .filter((health) => health !== 'healthy')
          .map((health) => (
            <span key={health} className="health-word">
              <Sign tone={toneOfHealth(health)} size={9} /> {counts[health]} {health}
            </span>
          ))}
        {present.length === 1 && present[0] === 'healthy' && judged === total && <span className="dim">all healthy</span>}
        {judged === 0 && <span className="dim">no derived status</span>}
      </div>
    </div>
  )
}
