import { BinnacleError, ERRORS, type ErrorCode } from '@binnacle/protocol'
import { expect, test } from 'vitest'
import { Backoff } from './backoff.ts'
import { planAfter } from './failure-plan.ts'

const after = (code: ErrorCode, phase: 'opening' | 'reading' = 'opening') => planAfter(new BinnacleError(code), phase)

test('[KS26] every failure has a plan, and none of them says live', () => {
  for (const code of Object.keys(ERRORS) as ErrorCode[]) {
    const plan = after(code)
    expect(['retrying', 'stale', 'not_served', 'forbidden', 'unauthorized', 'unreachable'], code).toContain(plan.state)
    if (plan.pause !== 'backoff') expect(plan.pause.upTo).toBeGreaterThan(plan.pause.atLeast)
  }
})

test('[KS26] the place is kept only where nothing can have been missed', () => {
  const kept = (Object.keys(ERRORS) as ErrorCode[]).filter((code) => !after(code).losesPlace)
  expect(kept.sort()).toEqual([
    'CLUSTER_BUSY',
    'CLUSTER_PROTOCOL',
    'CLUSTER_TLS',
    'CLUSTER_UNAUTHORIZED',
    'CLUSTER_UNREACHABLE',
    'CREDENTIAL_UNREADABLE',
    'DESTINATION_DENIED',
    'KUBECONFIG_FORBIDDEN',
    'KUBECONFIG_UNREADABLE',
  ])
  expect(planAfter(new TypeError('a fault of ours'), 'reading')).toMatchObject({ state: 'retrying', losesPlace: true })
})

test('[KS26] a stream that breaks is retrying; unreachable is said when the next try found nobody', () => {
  expect([after('CLUSTER_UNREACHABLE', 'reading').state, after('CLUSTER_UNREACHABLE').state]).toEqual(['retrying', 'unreachable'])
})

test('[KS27] pauses grow to at most 4 s, are random from zero on, and honour Retry-After', () => {
  const longest = new Backoff(() => 0.999_999)
  const pauses = Array.from({ length: 8 }, () => Math.round(longest.next()))
  expect(pauses).toEqual([250, 500, 1_000, 2_000, 4_000, 4_000, 4_000, 4_000])
  longest.reset()
  expect(Math.round(longest.next())).toBe(250)
  expect(new Backoff(() => 0).next()).toBe(0)
  expect([new Backoff(() => 0).next(3), new Backoff(() => 0).next(9_999)]).toEqual([3_000, 30_000])
})
