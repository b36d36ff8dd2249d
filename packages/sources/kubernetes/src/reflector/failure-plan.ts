import { errorCodeOf, type BinnacleError, type ErrorCode, type WatchState } from '@binnacle/protocol'

/** Where a reflector was when something failed: on its way to an answer, or reading one that had begun. */
export type Phase = 'opening' | 'reading'

/** What follows from a failure. Pure data, so that every failure can be written down in one table and tested. */
export interface FailurePlan {
  readonly state: WatchState
  /** The place in the history is lost (or worth nothing): only a complete listing proves the truth again. */
  readonly losesPlace: boolean
  /** Milliseconds: a random pause up to this bound; `backoff` = growing with each failure. */
  readonly pause: 'backoff' | { readonly upTo: number; readonly atLeast: number }
  readonly retryAfterSeconds: number | undefined
}

/** Refused credentials and rights are tried again at this pace: they do not heal by themselves. */
const REFUSED = { atLeast: 2_500, upTo: 5_000 }
/** A kind that is not served is looked for at this pace. */
const NOT_SERVED = { atLeast: 5_000, upTo: 10_000 }
/** An expired place is a normal thing: list at once, but not all kinds in the same instant. */
const EXPIRED = { atLeast: 0, upTo: 100 }
const STALLED = { atLeast: 0, upTo: 250 }

type Row = Pick<FailurePlan, 'state' | 'losesPlace' | 'pause'>

const row = (state: WatchState, losesPlace: boolean, pause: FailurePlan['pause'] = 'backoff'): Row => ({ state, losesPlace, pause })

const PLANS: Partial<Record<ErrorCode, Row>> = {
  CLUSTER_UNREACHABLE: row('unreachable', false),
  CLUSTER_TLS: row('unreachable', false),
  DESTINATION_DENIED: row('unreachable', false, REFUSED),
  KUBECONFIG_UNREADABLE: row('unreachable', false, REFUSED),
  KUBECONFIG_FORBIDDEN: row('unreachable', false, REFUSED),
  CREDENTIAL_UNREADABLE: row('unauthorized', false, REFUSED),
  CLUSTER_UNAUTHORIZED: row('unauthorized', false, REFUSED),
  CLUSTER_FORBIDDEN: row('forbidden', true, REFUSED),
  KIND_NOT_SERVED: row('not_served', true, NOT_SERVED),
  KIND_OTHER_VERSION: row('not_served', true, NOT_SERVED),
  CLUSTER_BUSY: row('retrying', false),
  CLUSTER_PROTOCOL: row('retrying', false),
  WATCH_EXPIRED: row('retrying', true, EXPIRED),
  WATCH_STALLED: row('stale', true, STALLED),
}

/** Anything else (a write that failed, a fault of our own): what was seen may not be what is kept. */
const OTHERWISE = row('retrying', true)

/**
 * What to do after a failure: the state that is shown, whether the place is lost, and how long to wait. A stream that
 * breaks is `retrying`: whether the server can be reached is known only when it was tried again.
 */
export function planAfter(error: unknown, phase: Phase): FailurePlan {
  const code = errorCodeOf(error)
  const plan = (code === undefined ? undefined : PLANS[code]) ?? OTHERWISE
  return {
    ...plan,
    ...(phase === 'reading' && plan.state === 'unreachable' ? { state: 'retrying' } : {}),
    retryAfterSeconds: code === undefined ? undefined : (error as BinnacleError).retryAfterSeconds,
  }
}
