import { expect, test } from 'vitest'
import { EVENT_TYPES, type EventType } from './event-types.ts'
import type { EventHead } from './filter.ts'
import { holds, maySeeEvent, passes, visibleTypes, type Grant, type Rights } from './rights.ts'

const rights = (...grants: Grant[]): Rights => ({ user: 'u1', version: 1, grants })
const event = (eventType: EventType, scope: string): EventHead => ({ seq: 1, eventType, scope, kind: null, name: null })

test('[PR8] an event is seen only with a grant on its scope and its audience', () => {
  const viewer = rights({ role: 'viewer', scope: 'fabric/11' })
  expect(maySeeEvent(viewer, event('cr_updated', 'fabric/11'))).toBe(true)
  expect(maySeeEvent(viewer, event('cr_updated', 'fabric/12'))).toBe(false)
  expect(maySeeEvent(viewer, event('sync_failed', 'fabric/11'))).toBe(false)
  expect(maySeeEvent(rights({ role: 'operator', scope: 'fabric/11' }), event('sync_failed', 'fabric/11'))).toBe(true)
  expect(maySeeEvent(rights({ role: 'operator', scope: '*' }), event('user_login', 'system'))).toBe(false)
  expect(maySeeEvent(rights({ role: 'admin', scope: '*' }), event('user_login', 'system'))).toBe(true)
})

test('[PR8] a channel or filter never widens rights', () => {
  expect(passes(rights({ role: 'viewer', scope: 'fabric/11' }), { types: ['user_login'] }, event('user_login', 'system'))).toBe(false)
})

test('[PR9] a producer reads nothing, and no grants means nothing', () => {
  for (const type of Object.keys(EVENT_TYPES) as EventType[]) {
    expect(maySeeEvent(rights({ role: 'producer', scope: '*' }), event(type, 'system'))).toBe(false)
    expect(maySeeEvent(rights(), event(type, 'system'))).toBe(false)
  }
})

test('[PR9] admin includes operator includes viewer; not the other way', () => {
  expect(holds(rights({ role: 'admin', scope: 'fabric/*' }), 'viewer', 'fabric/3')).toBe(true)
  expect(holds(rights({ role: 'viewer', scope: 'fabric/*' }), 'operator', 'fabric/3')).toBe(false)
  expect(holds(rights({ role: 'admin', scope: 'fabric/*' }), 'admin', 'system')).toBe(false)
  expect(visibleTypes(rights({ role: 'viewer', scope: 'fabric/3' }), 'fabric/3')).not.toContain('user_login')
})
