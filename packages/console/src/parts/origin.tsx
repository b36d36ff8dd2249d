import { useLinkState } from '../app-context.tsx'
import { linkView } from '../live/link.ts'
import { useNow } from '../live/now.ts'
import { Age, Moment } from './age.tsx'
import { timeText } from './time.ts'
import { Sign } from './sign.tsx'
import { failureOf } from './failure.ts'

/** What {@link Origin} needs to know of a query. */
interface Asked {
  readonly dataUpdatedAt: number
  readonly isError: boolean
  readonly error: unknown
}

/**
 * Where the data of a view comes from and how old it is: live, or stale since when and why. Every view has one.
 */
export function Origin({ query, what, at }: { readonly query: Asked; readonly what: string; readonly at: string | undefined }) {
  const state = useLinkState()
  const now = useNow()
  const link = linkView(state, now)
  if (query.dataUpdatedAt === 0) return null
  if (query.isError)
    return (
      <output className="origin tone-stale">
        <Sign tone="stale" />
        <span>
          Stale since <Moment at={query.dataUpdatedAt} />: {failureOf(query.error).title}
        </span>
      </output>
    )
  if (link.staleSince !== null)
    return (
      <output className="origin tone-stale">
        <Sign tone="stale" />
        <span>
          Stale since <Moment at={link.staleSince} />: no live connection
        </span>
      </output>
    )
  // While the connection is live and beats, what is shown is true as of the last frame, not only as of the snapshot.
  const asOf = state.step === 'live' ? Math.max(state.heardAt, query.dataUpdatedAt) : query.dataUpdatedAt
  const title = `${what}: snapshot of ${timeText(query.dataUpdatedAt, now)}${at === undefined ? '' : ` at position ${at}`}, followed since`
  return (
    <span className="origin" title={title}>
      as of <Age of={asOf} ago />
      {at !== undefined && <span className="wide-only mono">{at}</span>}
    </span>
  )
}
