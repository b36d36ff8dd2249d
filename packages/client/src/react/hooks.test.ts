import { act, createElement, type ReactElement } from 'react'
import { create } from 'react-test-renderer'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Filter } from '@binnacle/protocol'
import { createBinnacleClient, type BinnacleClient } from '../binnacle-client.ts'
import { createConnectionView } from '../connection-view.ts'
import type { EventWindowState } from '../event-window.ts'
import type { HeldGauge } from '../gauge-board.ts'
import { eventually, note, openLiveBench, type LiveBench } from '../testing/live-bench.ts'
import { BinnacleProvider, useConnection, useGauges, useRealTimeEvents, useSubscription } from './index.ts'

let bench: LiveBench
let client: BinnacleClient
let mounted: { update(element: ReactElement): void; unmount(): void } | null = null
beforeEach(async () => {
  ;(globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true
  bench = await openLiveBench()
  client = createBinnacleClient({ url: bench.url, token: () => Promise.resolve(bench.token), backoff: { baseMs: 20, capMs: 100 } })
  await eventually('live', () => client.state().step === 'live')
})
afterEach(async () => {
  await rendering(() => mounted?.unmount())
  mounted = null
  client.close()
  await bench.end()
})

const tree = (part: () => null) => createElement(BinnacleProvider, { client }, createElement(part))
/** Does something that renders, and lets effects run. */
const rendering = (change: () => void): Promise<void> =>
  act(async () => {
    change()
    await Promise.resolve()
  })
const mount = (part: () => null) =>
  rendering(() => {
    mounted = create(tree(part))
  })
/** Waits while React may render. */
const until = (what: string, condition: () => boolean) => act(() => eventually(what, condition))

test('[CL20] a thousand events in one commit are rendered once per frame, newest first, never more than the limit', async () => {
  const seen: EventWindowState[] = []
  await mount(() => {
    seen.push(useRealTimeEvents({ types: ['cr_*'] }, { limit: 50 }))
    return null
  })
  await until('live', () => seen.at(-1)?.status === 'live')
  const before = seen.length
  await act(async () => {
    await bench.write(...Array.from({ length: 1_000 }, (_, index) => note(index + 1)))
    await eventually('all', () => client.stats().events === 1_000)
  })
  expect(seen.at(-1)?.total).toBe(1_000)
  expect(seen.at(-1)?.events.length).toBe(50)
  expect(seen.at(-1)?.events[0]?.data['n']).toBe(1_000)
  // A frame holds about 64 KiB of events: a handful of frames, not a thousand renders.
  expect(seen.length - before).toBeLessThanOrEqual(15)
})

test('[CL21] the connection says its state and since when the picture is old, and the age of the last proof once a second', async () => {
  const steps: string[] = []
  const stale: (number | null)[] = []
  await mount(() => {
    const view = useConnection()
    steps.push(view.state.step)
    stale.push(view.staleSince)
    return null
  })
  expect(steps.at(-1)).toBe('live')
  await act(() => bench.stop())
  await until('it is seen', () => steps.includes('waiting'))
  expect(stale.at(-1)).toBeTypeOf('number')
  await act(() => bench.start())
  await until('back', () => steps.at(-1) === 'live')
  expect(stale.at(-1)).toBeNull()

  let silent = 400
  let tick: () => void = () => undefined
  let renders = 0
  const store = createConnectionView(
    { ...client, state: () => client.state(), onState: () => () => undefined, silentMs: () => silent },
    (each) => {
      tick = each
      return () => undefined
    },
  )
  store.onState(() => renders++)
  tick()
  silent = 1_600
  tick()
  tick()
  expect([renders, store.state().proofAgeMs]).toEqual([1, 1_000])
})

test('[CL22] gauges keep the latest per name', async () => {
  const seen: (readonly HeldGauge[])[] = []
  await mount(() => {
    seen.push(useGauges('fabric/1'))
    return null
  })
  await eventually('subscribed', () => bench.delivery().metrics().subscriptions === 1)
  const gauge = (name: string, beat: number) => ({ scope: 'fabric/1', kind: 'Switch', name, values: { beat }, age_ms: 0 })
  bench.pushGauges([gauge('leaf-1', 1), gauge('leaf-2', 1)])
  await until('both', () => seen.at(-1)?.length === 2)
  bench.pushGauges([gauge('leaf-1', 2)])
  await until('the newer', () => seen.at(-1)?.some((each) => each.name === 'leaf-1' && each.values['beat'] === 2) === true)
  expect(seen.at(-1)?.find((each) => each.name === 'leaf-2')?.values).toEqual({ beat: 1 })
})

test('[CL23] an equal filter keeps its subscription, another one replaces it, and a component that goes away ends it', async () => {
  let filter: Filter = { types: ['cr_*'] }
  let accepted = 0
  const part = () => {
    useSubscription({ ...filter }, (message) => {
      if (message.type === 'subscribed') accepted++
    })
    return null
  }
  await mount(part)
  await until('subscribed', () => accepted === 1)
  await rendering(() => mounted?.update(tree(part)))
  filter = { types: ['cr_*'] }
  await rendering(() => mounted?.update(createElement(BinnacleProvider, { client }, createElement(part))))
  expect(client.stats().subscriptions).toBe(1)
  filter = { types: ['fabric_*'] }
  await rendering(() => mounted?.update(tree(part)))
  await until('the other', () => accepted === 2)
  await eventually('one on the server', () => bench.delivery().metrics().subscriptions === 1)
  await rendering(() => mounted?.unmount())
  mounted = null
  expect(client.stats().subscriptions).toBe(0)
  await eventually('none on the server', () => bench.delivery().metrics().subscriptions === 0)
})
