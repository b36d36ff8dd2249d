import { z } from 'zod'
import { EVENT_TYPES, PRIORITIES, isEventType, type EventType } from './event-types.ts'
import { scopeText, fabricIdOf, type Scope } from './scope.ts'

/** Which object an event speaks of. `uid` tells a deleted and re-created object from the same one. */
export const subjectSchema = z.object({
  group: z.string().max(253).optional(),
  kind: z.string().max(128),
  namespace: z.string().max(253).optional(),
  name: z.string().max(1024),
  uid: z.string().max(128).optional(),
})
/** See {@link subjectSchema}. */
export type Subject = z.infer<typeof subjectSchema>

/**
 * The envelope of every event. The first five fields are the users' own schema and keep their names; the others were
 * added by Binnacle. `timestamp` is when the thing happened as far as known, `metadata.observed_at` when we saw it
 * (both RFC 3339, UTC, milliseconds); `id` is a ULID.
 */
export const eventSchema = z.object({
  event_type: z.string().refine(isEventType, 'unknown event type'),
  timestamp: z.iso.datetime(),
  fabric_id: z.int().positive().nullable(),
  data: z.record(z.string(), z.unknown()),
  metadata: z.object({
    source: z.string().max(64),
    priority: z.enum(PRIORITIES),
    actor: z.string().max(256).nullable(),
    correlation_id: z.string().max(128).nullable(),
    observed_at: z.iso.datetime(),
    catch_up: z.boolean().optional(),
  }),
  id: z.string().max(64),
  epoch: z.string().max(32),
  seq: z.int().positive(),
  scope: scopeText,
  subject: subjectSchema.nullable(),
})
/** See {@link eventSchema}. */
export type BinnacleEvent = z.infer<typeof eventSchema>

/** An event before the log gave it `id`, `epoch` and `seq`. */
export interface NewEvent {
  readonly event_type: EventType
  readonly scope: Scope
  readonly subject: Subject | null
  readonly data: Record<string, unknown>
  /** Milliseconds since 1970, UTC: when it happened; absent = when it was observed. */
  readonly happenedAt?: number
  /** Milliseconds since 1970, UTC. */
  readonly observedAt: number
  readonly source: string
  readonly actor?: string
  readonly correlationId?: string
  readonly catchUp?: boolean
}

/** Puts the envelope around a new event; pure. */
export function toEvent(event: NewEvent, id: string, epoch: string, seq: number): BinnacleEvent {
  const observed = new Date(event.observedAt).toISOString()
  return {
    event_type: event.event_type,
    timestamp: event.happenedAt === undefined ? observed : new Date(event.happenedAt).toISOString(),
    fabric_id: fabricIdOf(event.scope),
    data: event.data,
    metadata: {
      source: event.source,
      priority: EVENT_TYPES[event.event_type].priority,
      actor: event.actor ?? null,
      correlation_id: event.correlationId ?? null,
      observed_at: observed,
      ...(event.catchUp === true ? { catch_up: true } : {}),
    },
    id,
    epoch,
    seq,
    scope: event.scope,
    subject: event.subject,
  }
}
