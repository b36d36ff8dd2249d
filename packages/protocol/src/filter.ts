import { z } from 'zod'
import { EVENT_TYPES, PRIORITIES, isEventType, type EventType, type Priority } from './event-types.ts'
import { scopeMatches, scopePattern } from './scope.ts'

/** What a filter looks at; the log keeps these beside each event's text so that filtering parses nothing. */
export interface EventHead {
  readonly seq: number
  readonly eventType: EventType
  readonly scope: string
  readonly kind: string | null
  readonly name: string | null
}

const typePattern = z
  .string()
  .max(64)
  .refine(
    (text) =>
      text === '*' ||
      isEventType(text) ||
      (text.endsWith('_*') && Object.keys(EVENT_TYPES).some((type) => type.startsWith(text.slice(0, -1)))),
    'an event type, a prefix like cr_*, or *',
  )

/**
 * A subscription's filter. Absent or empty lists mean "all". Scopes and types may end in `*`; kinds and names are
 * literals. Unknown fields are refused.
 */
export const filterSchema = z.strictObject({
  scopes: z.array(scopePattern).max(200).optional(),
  types: z.array(typePattern).max(100).optional(),
  kinds: z.array(z.string().min(1).max(128)).max(100).optional(),
  names: z.array(z.string().min(1).max(1024)).max(200).optional(),
  min_priority: z.enum(PRIORITIES).optional(),
})
/** See {@link filterSchema}. */
export type Filter = z.infer<typeof filterSchema>

const sorted = (list: readonly string[] | undefined): string[] | undefined =>
  list === undefined || list.length === 0 || list.includes('*') ? undefined : [...new Set(list)].sort()

/** The one form of a filter: equal filters become equal text (sorted, without duplicates, "all" left out). */
export function canonicalFilter(filter: Filter): Filter {
  const canonical: Filter = {}
  const scopes = sorted(filter.scopes)
  const types = sorted(filter.types)
  const kinds = filter.kinds?.length ? [...new Set(filter.kinds)].sort() : undefined
  const names = filter.names?.length ? [...new Set(filter.names)].sort() : undefined
  if (scopes) canonical.scopes = scopes
  if (types) canonical.types = types
  if (kinds) canonical.kinds = kinds
  if (names) canonical.names = names
  if (filter.min_priority && filter.min_priority !== 'low') canonical.min_priority = filter.min_priority
  return canonical
}

const typeMatches = (pattern: string, type: string): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('*') && type.startsWith(pattern.slice(0, -1)))

/** The event types that a list of type patterns covers. */
export const typesOf = (patterns: readonly string[] | undefined): EventType[] =>
  (Object.keys(EVENT_TYPES) as EventType[]).filter((type) => !patterns?.length || patterns.some((pattern) => typeMatches(pattern, type)))

const rank = (priority: Priority): number => PRIORITIES.indexOf(priority)

/** The plain evaluator: whether an event passes a filter. The meaning of every filter is this function. */
export function filterMatches(filter: Filter, event: EventHead): boolean {
  if (filter.scopes?.length && !filter.scopes.some((pattern) => scopeMatches(pattern, event.scope))) return false
  if (filter.types?.length && !filter.types.some((pattern) => typeMatches(pattern, event.eventType))) return false
  if (filter.kinds?.length && (event.kind === null || !filter.kinds.includes(event.kind))) return false
  if (filter.names?.length && (event.name === null || !filter.names.includes(event.name))) return false
  if (filter.min_priority && rank(EVENT_TYPES[event.eventType].priority) < rank(filter.min_priority)) return false
  return true
}
