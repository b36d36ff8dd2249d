import { z } from 'zod'
import { causeSchema } from './errors.ts'

/**
 * States of the watch of one kind. Only `live` is good, and only while its proof (a byte, an event or a bookmark of
 * the server) is younger than the stall deadline.
 */
export const WATCH_STATES = [
  'live',
  'listing',
  'connecting',
  'retrying',
  'stale',
  'not_served',
  'forbidden',
  'unauthorized',
  'unreachable',
  'disabled',
] as const
/** See {@link WATCH_STATES}. */
export type WatchState = (typeof WATCH_STATES)[number]

/** Status of a fabric: the worst of its watches. Best first. `unknown`: nothing is known yet. */
export const FABRIC_STATUSES = [
  'connected',
  'connecting',
  'degraded',
  'stale',
  'unauthorized',
  'unreachable',
  'unknown',
  'disabled',
] as const
/** See {@link FABRIC_STATUSES}. */
export type FabricStatus = (typeof FABRIC_STATUSES)[number]

/** The watch of one kind, as shown to everybody. Ages are in seconds, taken from the monotonic clock. */
export const watchStatusSchema = z.object({
  kind: z.string(),
  group: z.string(),
  version: z.string(),
  plural: z.string(),
  expected: z.boolean(),
  state: z.enum(WATCH_STATES),
  objects: z.int().nullable(),
  resource_version: z.string().nullable(),
  seconds_since_proof: z.number().nullable(),
  /** RFC 3339: since when it is in this state. */
  since: z.string(),
  method: z.enum(['watch_list', 'list']).nullable(),
  stall_deadline_seconds: z.number(),
  cause: causeSchema.nullable(),
  counters: z.object({
    events: z.int(),
    bookmarks: z.int(),
    listings: z.int(),
    reconnects: z.int(),
    expired: z.int(),
    handler_errors: z.int(),
    quarantined: z.int(),
  }),
})
/** See {@link watchStatusSchema}. */
export type WatchStatus = z.infer<typeof watchStatusSchema>

/** The fabric status that one watch state means. */
const MEANS: Record<WatchState, FabricStatus> = {
  live: 'connected',
  listing: 'connecting',
  connecting: 'connecting',
  retrying: 'degraded',
  stale: 'stale',
  not_served: 'degraded',
  forbidden: 'degraded',
  unauthorized: 'unauthorized',
  unreachable: 'unreachable',
  disabled: 'connected',
}

/**
 * The status of a fabric: the worst of its watches. An expected kind that is not served degrades it; an optional one
 * does not. No watches at all: unknown. All disabled: disabled.
 */
export function fabricStatusOf(watches: readonly Pick<WatchStatus, 'state' | 'expected'>[]): FabricStatus {
  if (watches.length === 0) return 'unknown'
  if (watches.every((watch) => watch.state === 'disabled')) return 'disabled'
  let worst: FabricStatus = 'connected'
  for (const watch of watches) {
    if (watch.state === 'not_served' && !watch.expected) continue
    const means = MEANS[watch.state]
    if (FABRIC_STATUSES.indexOf(means) > FABRIC_STATUSES.indexOf(worst)) worst = means
  }
  return worst
}
