import { expect, test } from 'vitest'
import type { BinnacleEvent } from '@binnacle/protocol'
import { createTailStore } from './tail-store.ts'

const event = (seq: number, epoch = 'e'): BinnacleEvent => ({
  event_type: 'cr_updated',
  timestamp: '2026-11-20T22:15:30.123Z',
  fabric_id: 11,
  data: {},
  metadata: { source: 'kubernetes_watch', priority: 'normal', actor: null, correlation_id: null, observed_at: '2026-11-20T22:15:30.200Z' },
  id: `id-${seq}`,
  epoch,
  seq,
  scope: 'fabric/11',
  subject: null,
})
const seqs = (store: ReturnType<typeof createTailStore>) => store.state().events.map((each) => each.seq)

test('[CO14] the newest event stands first and the double of a replay is dropped', () => {
  const store = createTailStore(10)
  store.restart([event(5), event(3)], false)
  store.push([event(4), event(5), event(6), event(8)])
  expect(seqs(store)).toEqual([8, 6, 5, 3])
})

test('[CO14] while paused nothing moves, what arrives is counted, and nothing is lost', () => {
  const store = createTailStore(10)
  let told = 0
  const end = store.onState(() => {
    told += 1
  })
  store.push([event(1)])
  store.pause()
  store.push([event(2)])
  store.push([event(2), event(3)])
  expect(seqs(store)).toEqual([1])
  expect(store.state().waiting).toBe(2)
  store.resume()
  expect(seqs(store)).toEqual([3, 2, 1])
  expect(store.state().waiting).toBe(0)
  expect(told).toBeGreaterThan(3)
  end()
})

test('[CO14] the tail is bounded, says that it was cut, and older events are joined without doubles', () => {
  const store = createTailStore(3)
  store.push([event(1), event(2), event(3), event(4)])
  expect(seqs(store)).toEqual([4, 3, 2])
  expect(store.state().cut).toBe(true)
  store.addOlder([event(2), event(1)])
  expect(seqs(store)).toEqual([4, 3, 2, 1])
})

test('[CO14] after a loss it starts over and says so; events of a new log are not taken for old ones', () => {
  const store = createTailStore(10)
  store.push([event(100)])
  store.restart([event(2, 'f')], true)
  expect(store.state().gap).toBe(true)
  store.push([event(3, 'f')])
  expect(seqs(store)).toEqual([3, 2])
})
