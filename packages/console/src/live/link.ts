import { STALE_BEATS, staleSinceOf } from '@binnacle/client'
import type { ClientStats, LinkState, SubscriptionMessage } from '@binnacle/client'
import { ERRORS } from '@binnacle/protocol'
import type { ErrorCode, Filter } from '@binnacle/protocol'
import { ageText, clockText } from '../parts/time.ts'
import type { Tone } from '../parts/tones.ts'

/** What the indicator shows. `staleSince` (milliseconds since 1970) is set when what is on screen may be old. */
export interface LinkView {
  readonly tone: Tone
  readonly text: string
  readonly staleSince: number | null
}

/** The words for a connection at a moment (milliseconds since 1970). "Live" is only said while the last frame is younger than 2.5 heartbeats. */
export function linkView(state: LinkState, now: number): LinkView {
  const staleSince = staleSinceOf(state)
  switch (state.step) {
    case 'live': {
      const silent = now - state.heardAt
      // A timer may be late, in a tab that sleeps above all; the clock is not.
      if (silent > STALE_BEATS * state.heartbeatMs)
        return { tone: 'stale', text: `stale since ${clockText(state.heardAt)}`, staleSince: state.heardAt }
      return { tone: 'healthy', text: `live · ${ageText(silent)}`, staleSince: null }
    }
    case 'stale':
      return { tone: 'stale', text: `stale since ${clockText(state.heardAt)}`, staleSince }
    case 'connecting':
    case 'authenticating': {
      const attempt = state.attempt > 0 ? ` (attempt ${state.attempt})` : ''
      return staleSince === null
        ? { tone: 'changing', text: `connecting${attempt}`, staleSince }
        : { tone: 'stale', text: `reconnecting${attempt}`, staleSince }
    }
    case 'waiting': {
      const wait = Math.max(1, Math.ceil((state.retryAt - now) / 1_000))
      return {
        tone: staleSince === null ? 'degraded' : 'stale',
        text: `${staleSince === null ? 'connecting' : 'reconnecting'} in ${wait} s (attempt ${state.attempt})`,
        staleSince,
      }
    }
    case 'ended':
      return { tone: 'failed', text: `not connected: ${state.reason}`, staleSince }
  }
}

/** The live connection as the screens use it. Its state has one object per state, so it can be compared. */
export interface Link {
  readonly state: () => LinkState
  readonly onState: (reader: () => void) => () => void
  /** Figures since the connection was opened; undefined while there is none. */
  stats(): ClientStats | undefined
  /** Starts at a position (`epoch:seq`), or live from now. Survives reconnects. Returns the way to end it. */
  subscribe(filter: Filter, from: string | undefined, listener: (message: SubscriptionMessage) => void): () => void
}

/** A refused subscription as a problem, in the same words as a refused request. */
export function refusal(message: { readonly code: string; readonly message: string }): {
  readonly code: string
  readonly title: string
  readonly detail: string
  readonly remedy: string
} {
  const known = Object.hasOwn(ERRORS, message.code) ? ERRORS[message.code as ErrorCode] : ERRORS.INTERNAL
  return { code: message.code, title: known.title, detail: message.message, remedy: known.remedy }
}
