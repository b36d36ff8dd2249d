import { expect, test } from 'vitest'
import { CHANNELS, channelFilter, isChannel } from './channels.ts'
import { AUDIENCES, EVENT_TYPES, PRIORITIES, isEventType } from './event-types.ts'
import { eventSchema, toEvent } from './event.ts'
import { filterSchema, typesOf } from './filter.ts'

test('[PR2] every event type has one audience and one priority of the closed lists', () => {
  const types = Object.entries(EVENT_TYPES)
  expect(types.length).toBeGreaterThan(60)
  for (const [name, { audience, priority, meaning }] of types) {
    expect(AUDIENCES, name).toContain(audience)
    expect(PRIORITIES, name).toContain(priority)
    expect(meaning.length, name).toBeGreaterThan(5)
  }
})

test('[PR2] names that objects inherit are not event types or channels', () => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    expect(isEventType(name)).toBe(false)
    expect(isChannel(name)).toBe(false)
  }
})

test('[PR3] every channel is an acceptable filter that lets something through', () => {
  for (const name of Object.keys(CHANNELS)) {
    if (!isChannel(name)) throw new Error(name)
    const filter = filterSchema.parse(channelFilter(name))
    expect(typesOf(filter.types).length, name).toBeGreaterThan(0)
  }
})

test('[PR4] the envelope has the users’ five fields first, and passes its own guard', () => {
  const event = toEvent(
    {
      event_type: 'cr_created',
      scope: 'fabric/11',
      subject: { kind: 'VPC', name: 'vpc-1' },
      data: { row: {} },
      observedAt: 1_790_000_000_000,
      source: 'kubernetes_watch',
    },
    '01J0000000000000000000000A',
    '9f3a',
    7,
  )
  expect(Object.keys(event).slice(0, 5)).toEqual(['event_type', 'timestamp', 'fabric_id', 'data', 'metadata'])
  expect(event.fabric_id).toBe(11)
  expect(event.metadata.priority).toBe('normal')
  expect(eventSchema.parse(JSON.parse(JSON.stringify(event)))).toEqual(event)
})

test('[PR4] outside fabrics fabric_id is null', () => {
  const event = toEvent(
    { event_type: 'user_login', scope: 'system', subject: null, data: {}, observedAt: 0, source: 'identity', actor: 'ada', catchUp: true },
    'x',
    'e',
    1,
  )
  expect(event.fabric_id).toBeNull()
  expect(event.metadata).toMatchObject({ actor: 'ada', catch_up: true, source: 'identity' })
})
