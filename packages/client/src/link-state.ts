import { comeBackAfter } from '@binnacle/protocol'

/**
 * The state of a live connection as a value.
 *
 *     connecting ─opened→ authenticating ─welcomed→ live ⇄ stale
 *         ↑                                   │       │
 *         └────────── due / wake ── waiting ←─┴───────┘      any ─stop / never→ ended
 *
 * All times are milliseconds since 1970. `live` is claimed only while something was heard within 2.5 heartbeats.
 * docs/spec/client.md has the whole table of states × inputs.
 */
export type LinkState =
  /** A socket is being opened. `staleSince`: since when nothing arrives; null = never was live. */
  | { readonly step: 'connecting'; readonly since: number; readonly attempt: number; readonly staleSince: number | null }
  /** The socket is open; `hello` was sent or waits for its token. */
  | { readonly step: 'authenticating'; readonly since: number; readonly attempt: number; readonly staleSince: number | null }
  | { readonly step: 'live'; readonly since: number; readonly heardAt: number; readonly heartbeatMs: number }
  /** The socket looks open but nothing was heard: what is on screen may be old since `heardAt`. */
  | { readonly step: 'stale'; readonly since: number; readonly heardAt: number; readonly heartbeatMs: number }
  /** Between two attempts. */
  | {
      readonly step: 'waiting'
      readonly since: number
      readonly attempt: number
      readonly staleSince: number | null
      readonly retryAt: number
      readonly reason: string
    }
  /** It will not come back by itself. `code` is the close code that ended it; null = ended by us. */
  | {
      readonly step: 'ended'
      readonly since: number
      readonly staleSince: number | null
      readonly reason: string
      readonly code: number | null
    }

/** The name of a state. */
export type LinkStep = LinkState['step']

/** What can happen to a link. `at`: milliseconds since 1970. `jitter`: a random number in [0, 1). */
export type LinkInput =
  | { readonly type: 'opened'; readonly at: number }
  | { readonly type: 'welcomed'; readonly at: number; readonly heartbeatMs: number }
  | { readonly type: 'heard'; readonly at: number }
  /** The deadline of the present state passed without a word. */
  | { readonly type: 'silent'; readonly at: number; readonly jitter: number }
  | { readonly type: 'closed'; readonly at: number; readonly code: number; readonly reason: string; readonly jitter: number }
  /** The wait is over. */
  | { readonly type: 'due'; readonly at: number }
  /** The page became visible, or the network came back. */
  | { readonly type: 'wake'; readonly at: number }
  | { readonly type: 'stop'; readonly at: number; readonly reason: string; readonly code: number | null }

/** The name of an input. */
export type LinkInputType = LinkInput['type']

/** How a link comes back. Times in milliseconds. */
export interface BackoffOptions {
  /** The first wait is at most this long; each further one at most twice the one before. */
  readonly baseMs: number
  readonly capMs: number
  /** Failed attempts in a row after which the link ends. */
  readonly attempts: number
}

/** Base 250 ms and cap 10 s: a restarted server is found again within seconds, a dead one is asked six times a minute. */
export const DEFAULT_BACKOFF: BackoffOptions = { baseMs: 250, capMs: 10_000, attempts: Number.POSITIVE_INFINITY }

/** Heartbeats of silence after which `live` is no longer believed. */
export const STALE_BEATS = 2.5

/** After a restart everybody comes back at once: spread over this many milliseconds. */
export const AT_ONCE_MS = 500

/** Full jitter: anything between nothing and the bound, so that clients cut together do not return together. */
export const backoffMs = (attempt: number, jitter: number, options: BackoffOptions): number =>
  Math.floor(jitter * Math.min(options.capMs, options.baseMs * 2 ** Math.min(attempt, 30)))

/** Since when nothing arrives in this state; null while live, or when nothing ever arrived. */
export const staleSinceOf = (state: LinkState): number | null =>
  state.step === 'live' ? null : state.step === 'stale' ? state.heardAt : state.staleSince

const attemptOf = (state: LinkState): number => ('attempt' in state ? state.attempt : 0)

/** Since when the picture is old once the present connection is over. */
const oldSince = (state: LinkState): number | null => (state.step === 'live' ? state.heardAt : staleSinceOf(state))

function end(state: LinkState, at: number, reason: string, code: number | null): LinkState {
  return { step: 'ended', since: at, staleSince: oldSince(state), reason, code }
}

function wait(state: LinkState, at: number, waitMs: number, reason: string, options: BackoffOptions): LinkState {
  const attempt = attemptOf(state) + 1
  if (attempt > options.attempts) return end(state, at, `gave up after ${options.attempts} attempts: ${reason}`, null)
  return { step: 'waiting', since: at, attempt, staleSince: oldSince(state), retryAt: at + waitMs, reason }
}

function connect(state: LinkState, at: number): LinkState {
  return { step: 'connecting', since: at, attempt: attemptOf(state), staleSince: oldSince(state) }
}

function afterClose(state: LinkState, input: Extract<LinkInput, { type: 'closed' }>, options: BackoffOptions): LinkState {
  const reason = input.reason === '' ? `closed with ${input.code}` : input.reason
  const attempt = attemptOf(state)
  switch (comeBackAfter(input.code)) {
    case 'never':
      return end(state, input.at, reason, input.code)
    case 'at_once':
      return wait(
        state,
        input.at,
        attempt === 0 ? Math.floor(input.jitter * AT_ONCE_MS) : backoffMs(attempt, input.jitter, options),
        reason,
        options,
      )
    case 'new_token':
    case 'backoff':
      return wait(state, input.at, backoffMs(attempt, input.jitter, options), reason, options)
  }
}

const same = (state: LinkState): LinkState => state

type Row = Record<LinkInputType, (state: LinkState, input: never, options: BackoffOptions) => LinkState>
type Given<T extends LinkInputType> = Extract<LinkInput, { type: T }>

const stop = (state: LinkState, input: Given<'stop'>): LinkState => end(state, input.at, input.reason, input.code)
const noAnswer = (state: LinkState, input: Given<'silent'>, options: BackoffOptions): LinkState =>
  wait(state, input.at, backoffMs(attemptOf(state), input.jitter, options), 'no answer in time', options)
const due = (state: LinkState, input: Given<'due' | 'wake'>): LinkState => connect(state, input.at)

/** Every cell of states × inputs; the types forbid a missing one. */
export const LINK_TABLE: Readonly<Record<LinkStep, Row>> = {
  connecting: {
    opened: (state, input: Given<'opened'>) => ({
      step: 'authenticating',
      since: input.at,
      attempt: attemptOf(state),
      staleSince: staleSinceOf(state),
    }),
    welcomed: same,
    heard: same,
    silent: noAnswer,
    closed: afterClose,
    due: same,
    wake: same,
    stop,
  },
  authenticating: {
    opened: same,
    welcomed: (_state, input: Given<'welcomed'>) => ({
      step: 'live',
      since: input.at,
      heardAt: input.at,
      heartbeatMs: input.heartbeatMs,
    }),
    heard: same,
    silent: noAnswer,
    closed: afterClose,
    due: same,
    wake: same,
    stop,
  },
  live: {
    opened: same,
    welcomed: same,
    heard: (state, input: Given<'heard'>) => (state.step === 'live' ? { ...state, heardAt: input.at } : state),
    silent: (state, input: Given<'silent'>) =>
      state.step === 'live' ? { step: 'stale', since: input.at, heardAt: state.heardAt, heartbeatMs: state.heartbeatMs } : state,
    closed: afterClose,
    due: same,
    wake: same,
    stop,
  },
  stale: {
    opened: same,
    welcomed: same,
    heard: (state, input: Given<'heard'>) =>
      state.step === 'stale' ? { step: 'live', since: input.at, heardAt: input.at, heartbeatMs: state.heartbeatMs } : state,
    silent: noAnswer,
    closed: afterClose,
    due: same,
    wake: same,
    stop,
  },
  waiting: { opened: same, welcomed: same, heard: same, silent: same, closed: same, due, wake: due, stop },
  ended: { opened: same, welcomed: same, heard: same, silent: same, closed: same, due: same, wake: same, stop: same },
}

/** The state after an input; pure. The same object comes back when nothing changes. */
export function nextLink(state: LinkState, input: LinkInput, options: BackoffOptions = DEFAULT_BACKOFF): LinkState {
  return LINK_TABLE[state.step][input.type](state, input as never, options)
}
