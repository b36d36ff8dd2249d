import { expect, test } from 'vitest'
import { FABRIC_STATUSES, HEALTHS, WATCH_STATES } from '@binnacle/protocol'
import { toneOfFabric, toneOfHealth, toneOfWatch, wordOf, worstTone } from './tones.ts'

test('[CO4] only what is proven looks healthy', () => {
  expect(FABRIC_STATUSES.filter((status) => toneOfFabric(status) === 'healthy')).toEqual(['connected'])
  expect(WATCH_STATES.filter((state) => toneOfWatch(state) === 'healthy')).toEqual(['live'])
  expect(HEALTHS.filter((health) => toneOfHealth(health) === 'healthy')).toEqual(['healthy'])
})

test('[CO4] words we do not know, and nothing at all, are unknown', () => {
  expect(toneOfFabric('splendid')).toBe('unknown')
  expect(toneOfWatch('fine')).toBe('unknown')
  expect(toneOfHealth('ok')).toBe('unknown')
  expect(worstTone([])).toBe('unknown')
})

test('[CO4] the worst tone wins and unknown is the worst', () => {
  expect(worstTone(['healthy', 'off'])).toBe('healthy')
  expect(worstTone(['healthy', 'failed', 'degraded'])).toBe('failed')
  expect(worstTone(['failed', 'unknown'])).toBe('unknown')
})

test('[CO4] an optional kind that is not served alarms nobody, an expected one does', () => {
  expect(toneOfWatch('not_served', false)).toBe('off')
  expect(toneOfWatch('not_served', true)).toBe('degraded')
  expect([wordOf('not_served'), wordOf('redundancyGroup'), wordOf('live')]).toEqual(['not served', 'redundancy group', 'live'])
})
