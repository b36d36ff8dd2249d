import {
  BinnacleError,
  PRIORITIES,
  eventPageSchema,
  filterSchema,
  formatPosition,
  parseEntry,
  parsePosition,
  positionText,
  type EventPage,
  type Filter,
} from '@binnacle/protocol'
import { z } from 'zod'
import { parseInput } from '../input.ts'
import type { ApiPorts } from '../ports.ts'
import { route, type Route } from '../route.ts'

const words = z
  .string()
  .max(4_000)
  .transform((text) => text.split(',').filter((word) => word !== ''))
const querySchema = z.strictObject({
  after: z.union([positionText, z.literal('oldest')]).optional(),
  before: positionText.optional(),
  time: z.iso.datetime().optional(),
  order: z.enum(['oldest', 'newest']).optional(),
  scopes: words.optional(),
  types: words.optional(),
  kinds: words.optional(),
  names: words.optional(),
  min_priority: z.enum(PRIORITIES).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

/** The log: forward from a position, or the newest first. Rights count as they are today. */
export function eventRoutes({ log }: ApiPorts): Route[] {
  return [
    route({
      method: 'GET',
      path: '/events',
      about: 'Events that one may see: after a position (oldest first), or the newest first',
      right: { who: 'signed_in' },
      query: querySchema,
      answer: eventPageSchema,
      handle: async ({ query, caller }): Promise<EventPage> => {
        const { after, before, time, order, limit, ...rest } = query
        const filter: Filter = parseInput(
          filterSchema,
          Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)),
          'query',
        )
        const effective = { filter, rights: caller.who.rights }
        if (order === 'newest' || (after === undefined && time === undefined)) {
          const bound = before === undefined ? undefined : parsePosition(before)
          if (bound !== undefined && bound.epoch !== log.state().epoch) throw new BinnacleError('LOG_EPOCH_CHANGED')
          const { at, entries, more } = await log.latest(effective, { limit, ...(bound === undefined ? {} : { before: bound.seq }) })
          return {
            at: formatPosition(at),
            from: null,
            next: formatPosition({ epoch: at.epoch, seq: entries.at(-1)?.seq ?? at.seq }),
            more,
            events: entries.map(parseEntry),
          }
        }
        const start = await log.resolve(time === undefined ? after : { time })
        if ('lost' in start) throw lost(start.lost)
        const page = await log.read(start, effective, { limit })
        if (page.lost !== undefined) throw lost(page.lost)
        const { epoch } = start
        return {
          at: formatPosition({ epoch, seq: page.head }),
          from: formatPosition({ epoch, seq: page.from }),
          next: formatPosition({ epoch, seq: page.next }),
          more: page.next < page.head,
          events: page.entries.map(parseEntry),
        }
      },
    }),
  ]
}

const lost = (reason: string): BinnacleError =>
  reason === 'epoch'
    ? new BinnacleError('LOG_EPOCH_CHANGED')
    : new BinnacleError('GONE', `the position is not kept (${reason}); read a new snapshot and go on from its position`)
