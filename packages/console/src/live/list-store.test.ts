import { expect, test } from 'vitest'
import type { SubscriptionMessage } from '@binnacle/client'
import type { Filter, ResourceList } from '@binnacle/protocol'
import { createListStore } from './list-store.ts'

const page = (at: string, names: readonly string[], cursor: string | null = null): ResourceList => ({
  at,
  kind: 'VPC',
  group: 'vpc.githedgehog.com',
  plural: 'vpcs',
  total: names.length,
  cursor,
  fabrics: [],
  rows: names.map((name) => ({
    fabric_id: 11,
    kind: 'VPC',
    group: 'vpc.githedgehog.com',
    namespace: 'default',
    name,
    uid: name,
    resource_version: '1',
    created_at: null,
    changed_at: '2026-11-20T00:00:00.000Z',
    changed_at_position: at,
    row: {},
    status: null,
  })),
})

/** A server whose answers are given by hand, and a link that records what was asked of it. */
function world() {
  const asked: { limit: number; cursor?: string; answer: (page: ResourceList) => void; refuse: (error: unknown) => void }[] = []
  const subscriptions: { filter: Filter; from: string | undefined; tell: (message: SubscriptionMessage) => void; ended: boolean }[] = []
  const store = createListStore(
    {
      server: {
        resources: (_question, { limit, cursor }) =>
          new Promise((answer, refuse) => asked.push({ limit, answer, refuse, ...(cursor === undefined ? {} : { cursor }) })),
      },
      link: {
        subscribe: (filter, from, tell) => {
          const subscription = { filter, from, tell, ended: false }
          subscriptions.push(subscription)
          return () => {
            subscription.ended = true
          }
        },
      },
      timers: { now: () => 0, after: () => () => undefined },
      now: () => 1_000,
    },
    'vpcs',
    'VPC',
    { fabric: 11, q: undefined, status: undefined, sort: undefined },
  )
  const settle = () => new Promise((done) => setImmediate(done))
  const rows = () => subscriptions.filter(({ filter }) => filter.kinds?.includes('VPC') === true)
  return { asked, subscriptions, rows, store, settle, names: () => store.state().list?.rows.map((row) => row.name) }
}

test('[CO21] a list follows from the position of its own snapshot', async () => {
  const { asked, rows, store, settle } = world()
  store.start()
  expect(store.state().step).toBe('loading')
  asked[0]?.answer(page('e:100', ['a']))
  await settle()
  expect(rows().map(({ from, filter }) => [from, filter.scopes])).toEqual([['e:100', ['fabric/11']]])
  expect(store.state()).toMatchObject({ step: 'ready', readAt: 1_000, resyncing: false })
})

test('[CO21] after a loss it says resyncing, keeps what it showed, and follows from the new snapshot', async () => {
  const { asked, rows, store, settle, names } = world()
  store.start()
  asked[0]?.answer(page('e:100', ['a']))
  await settle()
  rows()[0]?.tell({ type: 'lost', reason: 'epoch', oldest: 'f:0', head: 'f:9' })
  expect(store.state().resyncing).toBe(true)
  expect(names()).toEqual(['a'])
  asked[1]?.answer(page('f:9', ['b']))
  await settle()
  expect(store.state().resyncing).toBe(false)
  expect(names()).toEqual(['b'])
  expect(rows().map(({ from, ended }) => [from, ended])).toEqual([
    ['e:100', true],
    ['f:9', false],
  ])
})

test('[CO21] a first read that fails is a failure; a later one leaves what was shown, marked with its error', async () => {
  const { asked, store, settle, names } = world()
  store.start()
  asked[0]?.refuse(new Error('away'))
  await settle()
  expect(store.state().step).toBe('failed')
  store.refresh()
  asked[1]?.answer(page('e:1', ['a']))
  await settle()
  store.refresh()
  asked[2]?.refuse(new Error('away again'))
  await settle()
  expect(store.state()).toMatchObject({ step: 'ready', error: new Error('away again') })
  expect(names()).toEqual(['a'])
})

test('[CO21] further pages are joined; after stop nothing is followed and late answers change nothing', async () => {
  const { asked, subscriptions, store, settle, names } = world()
  store.start()
  asked[0]?.answer(page('e:100', ['a'], 'next'))
  await settle()
  store.loadMore()
  store.loadMore()
  expect(asked).toHaveLength(2)
  asked[1]?.answer(page('e:120', ['b']))
  await settle()
  expect(names()).toEqual(['a', 'b'])
  store.refresh()
  store.stop()
  asked[2]?.answer(page('e:130', ['z']))
  await settle()
  expect(names()).toEqual(['a', 'b'])
  expect(subscriptions.every(({ ended }) => ended)).toBe(true)
})
