import { HEALTHS } from '@binnacle/protocol'
import type { Health } from '@binnacle/protocol'

/** Health, best to worst. "unknown" is the worst: it is never fine. */
export const HEALTH = HEALTHS

/** The worse of two. */
export function worse(one: Health, other: Health): Health {
  return HEALTH.indexOf(one) > HEALTH.indexOf(other) ? one : other
}

/** The worst of several; "unknown" of none at all, because nothing proves anything. */
export function worst(healths: Iterable<Health>): Health {
  let found: Health | undefined
  for (const health of healths) found = found === undefined ? health : worse(found, health)
  return found ?? 'unknown'
}
