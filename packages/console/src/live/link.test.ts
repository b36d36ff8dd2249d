import { expect, test } from 'vitest'
import { linkView } from './link.ts'

const at = new Date(2026, 10, 21, 14, 3, 22).getTime()

test('[CO8] live is only said while something was heard within 2.5 heartbeats', () => {
  const live = { step: 'live', since: at - 60_000, heardAt: at, heartbeatMs: 5_000 } as const
  expect(linkView(live, at + 2_000)).toEqual({ tone: 'healthy', text: 'live · 2 s', staleSince: null })
  expect(linkView(live, at + 12_500).tone).toBe('healthy')
  expect(linkView(live, at + 12_501)).toEqual({ tone: 'stale', text: 'stale since 14:03:22', staleSince: at })
  expect(linkView({ ...live, step: 'stale' }, at + 13_000).text).toBe('stale since 14:03:22')
})

test('[CO8] while it reconnects, the wait counts down and what is shown is stale', () => {
  const state = { step: 'waiting', since: at, attempt: 2, staleSince: at - 1_000, retryAt: at + 3_000, reason: 'closed' } as const
  expect(linkView(state, at)).toEqual({ tone: 'stale', text: 'reconnecting in 3 s (attempt 2)', staleSince: at - 1_000 })
  expect(linkView(state, at + 2_500).text).toBe('reconnecting in 1 s (attempt 2)')
  expect(linkView({ step: 'connecting', since: at, attempt: 2, staleSince: at }, at).text).toBe('reconnecting (attempt 2)')
})

test('[CO8] a first connection is neither live nor stale, an ended one says why', () => {
  expect(linkView({ step: 'connecting', since: at, attempt: 0, staleSince: null }, at)).toEqual({
    tone: 'changing',
    text: 'connecting',
    staleSince: null,
  })
  expect(linkView({ step: 'waiting', since: at, attempt: 1, staleSince: null, retryAt: at + 500, reason: 'refused' }, at).tone).toBe(
    'degraded',
  )
  expect(linkView({ step: 'ended', since: at, staleSince: at, reason: 'signed out', code: null }, at)).toEqual({
    tone: 'failed',
    text: 'not connected: signed out',
    staleSince: at,
  })
})
