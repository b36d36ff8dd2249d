import { eventSchema, parsePosition, serverFrameSchema, type BinnacleEvent, type ServerFrame } from '@binnacle/protocol'

/** A frame of events after the guard; `unreadable` counts events that this version does not understand. */
export interface EventsFrame {
  readonly type: 'events'
  readonly sub: number
  readonly from: string
  readonly to: string
  readonly events: readonly BinnacleEvent[]
  readonly unreadable: number
}

/** A frame from the server after the guard; `undefined` for what is not of the protocol. */
export type ReadFrame = Exclude<ServerFrame, { type: 'events' }> | EventsFrame | undefined

/**
 * Reads a frame. Events are checked one by one, so that one event of a newer server does not take its frame, and
 * with it the position, away.
 */
export function readServerFrame(text: string): ReadFrame {
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    // Not JSON: not of the protocol, which is what `undefined` says.
    return undefined
  }
  if (typeof raw !== 'object' || raw === null) return undefined
  if ((raw as { type?: unknown }).type === 'events') return readEvents(raw as Record<string, unknown>)
  const parsed = serverFrameSchema.safeParse(raw)
  return parsed.success && parsed.data.type !== 'events' ? parsed.data : undefined
}

function readEvents(raw: Record<string, unknown>): EventsFrame | undefined {
  const { sub, from, to, events } = raw
  if (typeof sub !== 'number' || typeof from !== 'string' || typeof to !== 'string' || !Array.isArray(events)) return undefined
  if (parsePosition(from) === undefined || parsePosition(to) === undefined) return undefined
  const read: BinnacleEvent[] = []
  for (const each of events as unknown[]) {
    const parsed = eventSchema.safeParse(each)
    if (parsed.success) read.push(parsed.data)
  }
  return { type: 'events', sub, from, to, events: read, unreadable: events.length - read.length }
}
