import { expect, test } from 'vitest'
import { ageText, agoText, clockText, timeText } from './time.ts'

test('[CO3] ages are short, and a future time is never a negative age', () => {
  expect([-5_000, 0, 999, 1_000, 59_999, 60_000, 3_600_000, 3_660_000, 39_600_000, 86_400_000, 9 * 86_400_000].map(ageText)).toEqual([
    'now',
    'now',
    'now',
    '1 s',
    '59 s',
    '1 min',
    '1 h',
    '1 h 1 min',
    '11 h',
    '1 d',
    '9 d',
  ])
  expect(agoText(500)).toBe('just now')
  expect(agoText(2_000)).toBe('2 s ago')
})

test('[CO3] a time that is none is "unknown", not a date', () => {
  expect(ageText(Number.NaN)).toBe('unknown')
  expect(clockText(Date.parse('never'))).toBe('unknown')
})

test('[CO3] a time of another day carries its date', () => {
  const now = new Date(2026, 10, 21, 12, 0, 0).getTime()
  expect(timeText(new Date(2026, 10, 21, 9, 5, 7).getTime(), now)).toBe('09:05:07')
  expect(timeText(new Date(2026, 10, 20, 9, 5, 7).getTime(), now)).toBe('2026-11-20 09:05:07')
})
