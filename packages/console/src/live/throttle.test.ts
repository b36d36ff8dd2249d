import { expect, test } from 'vitest'
import { createThrottle } from './throttle.ts'
import type { Timers } from './throttle.ts'

function handTimers(): Timers & { advance(ms: number): void } {
  let now = 0
  let waiting: { at: number; fire: () => void }[] = []
  return {
    now: () => now,
    after: (ms, fire) => {
      const entry = { at: now + ms, fire }
      waiting.push(entry)
      return () => {
        waiting = waiting.filter((each) => each !== entry)
      }
    },
    advance(ms) {
      now += ms
      const due = waiting.filter((entry) => entry.at <= now)
      waiting = waiting.filter((entry) => entry.at > now)
      for (const entry of due) entry.fire()
    },
  }
}

test('[CO6] the first call acts at once, a flood acts once per interval, and the last call is never lost', () => {
  const timers = handTimers()
  let acted = 0
  const throttle = createThrottle(timers, 1_000, () => {
    acted += 1
  })
  throttle.call()
  expect(acted).toBe(1)
  for (let index = 0; index < 500; index += 1) throttle.call()
  expect(acted).toBe(1)
  timers.advance(999)
  expect(acted).toBe(1)
  timers.advance(1)
  expect(acted).toBe(2)
  timers.advance(5_000)
  expect(acted).toBe(2)
  throttle.call()
  expect(acted).toBe(3)
  throttle.call()
  throttle.end()
  timers.advance(5_000)
  expect(acted).toBe(3)
})
