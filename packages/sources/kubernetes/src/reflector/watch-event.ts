import { BinnacleError } from '@binnacle/protocol'
import { answerError, cleaned, statusObject } from '../connection/classify.ts'

/** The resourceVersion of an object; undefined when it has none. */
export function versionIn(object: unknown): string | undefined {
  const version = (object as { metadata?: { resourceVersion?: unknown } } | null | undefined)?.metadata?.resourceVersion
  return typeof version === 'string' && version !== '' ? version : undefined
}

/** The resourceVersion of a bookmark. Throws CLUSTER_PROTOCOL when it has none. */
export function versionOf(object: unknown): string {
  const version = versionIn(object)
  if (version === undefined) throw new BinnacleError('CLUSTER_PROTOCOL', 'a bookmark has no resourceVersion')
  return version
}

/** Which object is gone cannot be told: only a complete listing finds out, or it would be shown for ever. */
export const unreadDeletion = (): BinnacleError =>
  new BinnacleError('WATCH_EXPIRED', 'an object that cannot be read was deleted; a complete listing follows')

/** The error of an event of a type that nobody knows. */
export const unknownEvent = (type: string): BinnacleError =>
  new BinnacleError('CLUSTER_PROTOCOL', `unknown watch event ${cleaned(type).slice(0, 40)}`)

/** Whether a bookmark says that the initial events are over. */
export const isInitialEnd = (object: unknown): boolean =>
  (object as { metadata?: { annotations?: Record<string, string> } } | null)?.metadata?.annotations?.['k8s.io/initial-events-end'] ===
  'true'

/** What an ERROR event means: its status as it would mean as an answer. */
export function watchError(object: unknown, where: string): BinnacleError {
  const status = statusObject(object)
  if (status === undefined) return new BinnacleError('CLUSTER_PROTOCOL', `${where} sent an ERROR event without a status`)
  return answerError(status.code === 0 ? 500 : status.code, undefined, JSON.stringify(object), where)
}
