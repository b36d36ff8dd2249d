import { expect, test } from 'vitest'
import { ageText, agoText, clockText, timeText, withReaderTimes } from './time.ts'

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

test('[CO3] times within a sentence are told as times of the reader', () => {
  const at = Date.parse('2026-11-21T11:19:43.082Z')
  expect(withReaderTimes('leaf-3 is silent since 2026-11-21T11:19:43.082Z', at)).toBe(`leaf-3 is silent since ${clockText(at)}`)
  expect(withReaderTimes('since 2026-11-21T11:19:43Z', at + 3 * 86_400_000)).toBe(`since ${timeText(at - 82, at + 3 * 86_400_000)}`)
  for (const text of ['', 'nothing', '2026-11-21', '2026-11-21T11:19:43']) expect(withReaderTimes(text, at)).toBe(text)
})
