import { expect, test } from 'vitest'
import type { BinnacleEvent } from '@binnacle/protocol'
import { eventSummary, toneOfEvent } from './event-summary.ts'

const event = (
  event_type: BinnacleEvent['event_type'],
  data: Record<string, unknown>,
  priority: 'low' | 'normal' | 'high' | 'critical' = 'normal',
): BinnacleEvent => ({
  event_type,
  timestamp: '2026-11-20T22:15:30.123Z',
  fabric_id: 11,
  data,
  metadata: { source: 'kubernetes_watch', priority, actor: null, correlation_id: null, observed_at: '2026-11-20T22:15:30.200Z' },
  id: 'id',
  epoch: 'e',
  seq: 1,
  scope: 'fabric/11',
  subject: null,
})

test('[CO17] an event says in one line what changed, or from what to what', () => {
  expect(eventSummary(event('cr_updated', { changed: ['/a', '/b', '/c', '/d', '/e'] }))).toBe('/a, /b, /c and 2 more')
  expect(eventSummary(event('watch_state_changed', { from: 'live', to: 'not_served', cause: { message: 'no CRD' } }))).toBe(
    'live → not served · no CRD',
  )
  expect(eventSummary(event('cr_updated', { changed: ['/status'], transitions: [{ type: 'link_down', text: 'E1/1 went down' }] }))).toBe(
    'E1/1 went down',
  )
  expect(
    eventSummary(
      event('sync_completed', {
        kinds: [
          { kind: 'VPC', differences: 2, cause: null },
          { kind: 'Switch', differences: 0, cause: null },
        ],
      }),
    ),
  ).toBe('2 kinds, 2 differences')
  expect(eventSummary(event('sync_failed', { kinds: [{ kind: 'VPC', cause: { message: 'x' } }] }))).toBe(
    '1 kinds, 0 differences · failed: VPC',
  )
  expect(eventSummary(event('cr_deleted', {}))).toBe('')
})

test('[CO17] an event whose state is not told is unknown, never fine', () => {
  expect(toneOfEvent(event('fabric_status_change', { to: 'connected' }))).toBe('healthy')
  expect(toneOfEvent(event('fabric_status_change', {}))).toBe('unknown')
  expect(toneOfEvent(event('cr_status_changed', { after: { status: 'live', health: 'healthy' } }))).toBe('healthy')
  expect(toneOfEvent(event('cr_status_changed', { after: { status: 'live' } }))).toBe('unknown')
  expect(toneOfEvent(event('access_denied', {}, 'high'))).toBe('degraded')
})
