import { BinnacleError, type Fact, type Gauge, type NewEvent, type WatchStatus } from '@binnacle/protocol'
import { expect, test } from 'vitest'
import { ManualClock } from '../manual-clock.ts'
import { LiveHub, type LiveSource, type RelistResult } from './live-fabrics.ts'

const status = (kind: string, state: WatchStatus['state'], cause: WatchStatus['cause'] = null): WatchStatus => ({
  kind,
  group: 'vpc.githedgehog.com',
  version: 'v1beta1',
  plural: `${kind.toLowerCase()}s`,
  expected: true,
  state,
  objects: 3,
  resource_version: '9',
  seconds_since_proof: 1,
  since: '2026-01-05T12:00:00Z',
  method: 'list',
  stall_deadline_seconds: 90,
  cause,
  counters: { events: 0, bookmarks: 0, listings: 1, reconnects: 0, expired: 0, handler_errors: 0, quarantined: 0 },
})

function hub(relist: LiveSource['relist'] = () => Promise.resolve([])) {
  const clock = new ManualClock()
  const events: NewEvent[] = []
  const write = (facts: readonly Fact[]) => {
    for (const fact of facts) if (fact.fact === 'note') events.push(fact.event)
    return Promise.resolve({ head: events.length })
  }
  const watches: WatchStatus[] = []
  const live = new LiveHub({
    clock,
    sink: { write },
    onError: (error) => {
      throw error
    },
  })
  const observer = live.register(1, { heartbeatDeadlineMs: 60_000 })
  live.attach(1, { watches: () => watches, relist })
  return { clock, events, watches, live, observer, types: () => events.map(({ event_type }) => event_type) }
}

const FORBIDDEN = { code: 'CLUSTER_FORBIDDEN', message: 'may not list', remedy: 'grant it' }

test('[HB9] the fabric is as good as its worst watch, and each change of it is told with its cause', () => {
  const { watches, live, observer, events } = hub()
  expect(live.status(1).status).toBe('unknown')
  watches.push(status('VPC', 'live'), status('External', 'live'))
  observer.watchChanged(status('External', 'live'), 'listing')
  expect(live.status(1)).toMatchObject({ status: 'connected', cause: null })
  watches[1] = status('External', 'forbidden', FORBIDDEN)
  observer.watchChanged(watches[1], 'live')
  expect(live.status(1)).toMatchObject({ status: 'degraded', cause: FORBIDDEN })
  const changes = events.filter(({ event_type }) => event_type === 'fabric_status_change').map(({ data }) => data)
  expect(changes).toMatchObject([
    { from: 'unknown', to: 'connected', live: 2, wanted: 2 },
    { from: 'connected', to: 'degraded', cause: FORBIDDEN, live: 1 },
  ])
  expect(events[0]).toMatchObject({ event_type: 'watch_state_changed', data: { from: 'listing', to: 'live', objects: 3 } })
})

test('[HB10] of flapping watches a bounded number of changes is told; the others are counted, and the last state of each is told', () => {
  const { watches, observer, events, clock } = hub()
  watches.push(status('VPC', 'live'))
  for (let flap = 0; flap < 500; flap += 1) {
    observer.watchChanged(status('VPC', flap % 2 === 0 ? 'retrying' : 'live'), flap % 2 === 0 ? 'live' : 'retrying')
    observer.watchChanged(status('Server', flap % 2 === 0 ? 'live' : 'stale'), flap % 2 === 0 ? 'stale' : 'live')
  }
  const changes = (): NewEvent[] => events.filter(({ event_type }) => event_type === 'watch_state_changed')
  const before = changes().length
  expect(before).toBeLessThanOrEqual(300)
  clock.pass(3_000)
  expect(changes()).toHaveLength(before + 2)
  const ends = changes().slice(before)
  expect(ends.map(({ subject, data }) => [subject?.kind, data['from'], data['to']])).toEqual([
    ['VPC', 'live', 'live'],
    ['Server', 'stale', 'stale'],
  ])
  const untold = ends.reduce((sum, { data }) => sum + Number(data['untold_changes']), 0)
  expect(before + ends.length + untold).toBe(1_000)
  clock.pass(600_000)
  expect(changes()).toHaveLength(before + 2)
})

test('[HB11] gauges carry their age and the skew of the sender’s clock, and are told at most once a second', () => {
  const { clock, live, observer } = hub()
  const told: (readonly Gauge[])[] = []
  live.onGauges((values) => told.push(values))
  const key = { scope: 'fabric/1', group: 'agent.githedgehog.com', kind: 'Agent', namespace: 'default', name: 'leaf' } as const
  const heartbeat = new Date(clock.now() - 90_000).toISOString()
  for (let reading = 0; reading < 50; reading += 1) observer.volatile(key, { heartbeat, uptime: `${reading}` }, clock.now())
  expect(told).toEqual([])
  clock.pass(1_000)
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject([{ name: 'leaf', age_ms: 1_000, values: { uptime: '49', clock_skew_ms: 90_000 } }])
  clock.pass(30_000)
  expect(told).toHaveLength(1)
  expect(live.gauges('fabric/1')).toMatchObject([{ age_ms: 31_000 }])
  live.gone(key)
  expect(live.gauges('fabric/1')).toEqual([])
  observer.volatile(key, { uptime: '1' }, clock.now())
  live.unregister(1)
  expect(live.gauges('fabric/1')).toEqual([])
  live.close()
  expect(clock.timers).toBe(0)
})

test('[HB12] a sync is told from start to end with counts and differences; two at once are one', async () => {
  const kinds: RelistResult[] = [{ kind: 'VPC', group: 'vpc.githedgehog.com', objects: 8, digest: 'd', differences: 2, cause: null }]
  let lists = 0
  const { live, events, types } = hub(() => {
    lists += 1
    return Promise.resolve(kinds)
  })
  const [one, other] = await Promise.all([live.syncCluster(1, 'ada'), live.syncCluster(1, 'bob')])
  expect(one).toBe(other)
  expect(one).toMatchObject({ fabric_id: 1, ok: true, kinds })
  expect(lists).toBe(1)
  expect(types()).toEqual(['sync_started', 'sync_completed'])
  expect(events[1]).toMatchObject({ actor: 'ada', data: { kinds: [{ kind: 'VPC', objects: 8, differences: 2 }] } })
  await live.syncCluster(1, 'bob')
  expect(lists).toBe(2)
})

test('[HB12] a sync that fails says so, in part or altogether', async () => {
  const partly: RelistResult[] = [
    { kind: 'VPC', group: 'vpc.githedgehog.com', objects: null, digest: null, differences: null, cause: FORBIDDEN },
  ]
  const first = hub(() => Promise.resolve(partly))
  expect(await first.live.syncCluster(1, 'ada')).toMatchObject({ ok: false })
  expect(first.types()).toEqual(['sync_started', 'sync_failed'])
  const second = hub(() => Promise.reject(new BinnacleError('CLUSTER_UNREACHABLE')))
  await expect(second.live.syncCluster(1, 'ada')).rejects.toMatchObject({ code: 'CLUSTER_UNREACHABLE' })
  expect(second.events[1]).toMatchObject({ event_type: 'sync_failed', data: { cause: { code: 'CLUSTER_UNREACHABLE' } } })
})

test('[HB13] a fabric that is not watched is unknown and cannot be synced', async () => {
  const { live } = hub()
  expect(live.status(2).status).toBe('unknown')
  expect(live.watches(2)).toEqual([])
  await expect(live.syncCluster(2, 'ada')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})
