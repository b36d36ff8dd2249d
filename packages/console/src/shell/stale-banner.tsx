import { useLinkState } from '../app-context.tsx'
import { linkView } from '../live/link.ts'
import { useNow } from '../live/now.ts'
import { Moment } from '../parts/age.tsx'
import { Sign } from '../parts/sign.tsx'

/** Since when what is on screen may be old, in milliseconds since 1970; null while it is live. */
export const useStaleSince = (): number | null => linkView(useLinkState(), useNow()).staleSince

/** Says above every page that what is shown is old, and what happens about it. */
export function StaleBanner() {
  const state = useLinkState()
  const view = linkView(state, useNow())
  if (view.staleSince === null) return null
  return (
    <output className="stale-banner">
      <Sign tone="stale" />
      <span>
        <strong>
          Stale since <Moment at={view.staleSince} />.
        </strong>{' '}
        What you see is as it was then.{' '}
        {state.step === 'ended'
          ? `Not connected: ${state.reason}.`
          : 'No event is lost: what was missed follows when the connection is back.'}
        {(state.step === 'waiting' || state.step === 'connecting' || state.step === 'authenticating') && ` Now ${view.text}.`}
      </span>
    </output>
  )
}
