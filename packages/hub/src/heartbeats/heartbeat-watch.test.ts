import type { Fact, ObjectKey } from '@binnacle/protocol'
import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { HeartbeatWatch } from './heartbeat-watch.ts'

const DEADLINE = 60_000
const keyOf = (name: string): ObjectKey => ({
  scope: 'fabric/1',
  group: 'agent.githedgehog.com',
  kind: 'Agent',
  namespace: 'default',
  name,
})

function watch(fail: { next: boolean } = { next: false }) {
  const clock = new ManualClock()
  const told: string[] = []
  const errors: unknown[] = []
  const write = (facts: readonly Fact[]) => {
    if (fail.next) {
      fail.next = false
      return Promise.reject(new Error('disk full'))
    }
    for (const fact of facts) if (fact.fact === 'signal') told.push(`${fact.key.name} ${fact.value} ${(fact.since - clock.epoch) / 1_000}`)
    return Promise.resolve({ head: 0 })
  }
  const heartbeats = new HeartbeatWatch({ clock, sink: { write }, deadlineMs: () => DEADLINE, onError: (error) => errors.push(error) })
  return { clock, told, errors, heartbeats }
}

test('[HB5] a repeated heartbeat is no sign of life, whatever time it says; a moved one is', () => {
  const { clock, told, heartbeats } = watch()
  heartbeats.beat(keyOf('a'), '2099-01-01T00:00:00Z')
  clock.pass(30_000)
  heartbeats.beat(keyOf('a'), '2099-01-01T00:00:00Z')
  clock.pass(32_000)
  expect(told).toEqual(['a silent 0'])
  // Back in the past by its own clock, and alive nevertheless.
  heartbeats.beat(keyOf('a'), '1999-01-01T00:00:00Z')
  expect(told).toEqual(['a silent 0', 'a fresh 62'])
  // Our own time of day jumps: the deadline counts by the clock that never does.
  clock.epoch += 86_400_000
  clock.pass(50_000)
  expect(told).toHaveLength(2)
})

test('[HB6] after a start a whole deadline passes before a switch is called silent, once', () => {
  const { clock, told, heartbeats } = watch()
  clock.pass(500_000)
  heartbeats.beat(keyOf('a'), '2026-01-05T11:00:00Z')
  clock.pass(DEADLINE)
  expect(told).toEqual([])
  clock.pass(2_000)
  expect(told).toEqual(['a silent 500'])
  clock.pass(600_000)
  expect(told).toHaveLength(1)
})

test('[HB7] 500 switches that beat are told once as fresh, then write nothing for an hour, with one timer', () => {
  const { clock, told, heartbeats } = watch()
  for (let beat = 0; beat < 240; beat += 1) {
    for (let number = 0; number < 500; number += 1) heartbeats.beat(keyOf(`s${number}`), `beat ${beat}`)
    if (beat === 1) expect(told).toHaveLength(500)
    clock.pass(15_000)
    expect(clock.timers).toBe(1)
  }
  expect(told).toHaveLength(500)
  expect(heartbeats.senders).toBe(500)
  heartbeats.forget('fabric/1')
  clock.pass(DEADLINE * 2)
  expect(told).toHaveLength(500)
  heartbeats.close()
  expect(clock.timers).toBe(0)
})

test('[HB8] a judgement that could not be written is made again', async () => {
  const fail = { next: true }
  const { clock, told, errors, heartbeats } = watch(fail)
  heartbeats.beat(keyOf('a'), '1')
  clock.pass(DEADLINE + 1_000)
  await Promise.resolve()
  await Promise.resolve()
  expect(told).toEqual([])
  clock.pass(1_000)
  await Promise.resolve()
  expect(errors).toHaveLength(1)
  expect(told).toEqual(['a silent 0'])
})
