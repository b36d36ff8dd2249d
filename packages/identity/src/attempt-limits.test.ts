import { expect, test } from 'vitest'
import { AttemptLimits } from './attempt-limits.ts'
import { SetClock } from './testing/open-identity.ts'

test('[ID15] pauses double up to 15 minutes, end by themselves, and what is remembered is bounded', () => {
  const clock = new SetClock()
  const limits = new AttemptLimits(clock)
  for (let n = 0; n < 5; n += 1) limits.failed(['a'])
  expect(() => limits.check(['a'])).not.toThrow()
  limits.failed(['a'])
  expect(() => limits.check(['a'])).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', retryAfterSeconds: 1 }))
  limits.failed(['a'])
  expect(() => limits.check(['a'])).toThrow(expect.objectContaining({ retryAfterSeconds: 2 }))
  for (let n = 0; n < 40; n += 1) limits.failed(['a'])
  expect(() => limits.check(['a'])).toThrow(expect.objectContaining({ retryAfterSeconds: 900 }))
  clock.advance(900_001)
  expect(() => limits.check(['a'])).not.toThrow()
  for (let n = 0; n < 20_000; n += 1) limits.failed([`name ${n}`])
  expect(limits.size).toBe(10_000)
})
