import type { BinnacleEvent, Filter, Gauge, LostReason } from '@binnacle/protocol'
import { ageText, clockText } from '../parts/time.ts'
import type { Tone } from '../parts/tones.ts'

/** The live connection as the console shows it. All times in milliseconds since 1970. */
export type LinkState =
  /** Never connected since this page was opened. */
  | { readonly step: 'connecting'; readonly since: number; readonly attempt: number }
  | { readonly step: 'live'; readonly since: number; readonly heardAt: number; readonly transport: string; readonly heartbeatMs: number }
  | {
      readonly step: 'reconnecting'
      /** Since when nothing arrives. */
      readonly since: number
      readonly attempt: number
      /** When the next attempt starts; null while it runs. */
      readonly retryAt: number | null
      readonly reason: string
    }
  /** It will not come back by itself. */
  | { readonly step: 'ended'; readonly since: number; readonly reason: string }

/** What the indicator shows. `staleSince` is set when what is on screen may be old. */
export interface LinkView {
  readonly tone: Tone
  readonly text: string
  readonly staleSince: number | null
}

/** Beats of silence after which "live" is no longer believed. */
export const SILENT_BEATS = 2.5

/** The words for a connection at a moment. "Live" is only said while the last frame is younger than 2.5 heartbeats. */
export function linkView(state: LinkState, now: number): LinkView {
  switch (state.step) {
    case 'connecting':
      return { tone: 'changing', text: state.attempt > 1 ? `connecting (attempt ${state.attempt})` : 'connecting', staleSince: null }
    case 'live': {
      const silent = now - state.heardAt
      if (silent > SILENT_BEATS * state.heartbeatMs)
        return { tone: 'stale', text: `stale since ${clockText(state.heardAt)}`, staleSince: state.heardAt }
      return { tone: 'healthy', text: `live · ${ageText(silent)}`, staleSince: null }
    }
    case 'reconnecting': {
      const wait = state.retryAt === null ? 0 : Math.ceil((state.retryAt - now) / 1_000)
      const what = wait > 0 ? `reconnecting in ${wait} s` : 'reconnecting'
      return { tone: 'stale', text: `${what} (attempt ${state.attempt})`, staleSince: state.since }
    }
    case 'ended':
      return { tone: 'failed', text: `not connected: ${state.reason}`, staleSince: state.since }
  }
}

/** What a subscription tells. */
export interface LinkListener {
  /** Events in order, without gap; at most once per frame. */
  events?(events: readonly BinnacleEvent[]): void
  gauges?(values: readonly Gauge[]): void
  /** History up to now was delivered; from here on it is live. */
  caughtUp?(): void
  /** Events were missed and cannot be had any more: drop the state and read a new snapshot. The subscription is over. */
  lost?(reason: LostReason): void
}

/** The live connection: its state, and subscriptions that survive reconnects. */
export interface Link {
  readonly state: () => LinkState
  readonly onState: (reader: () => void) => () => void
  /** Starts at a position (`epoch:seq`), or live from now. Returns the way to end it. */
  subscribe(filter: Filter, from: string | undefined, listener: LinkListener): () => void
}
