import { afterEach, beforeEach, expect, test } from 'vitest'
import { BinnacleError, filterMatches, type EventHead, type Filter } from '@binnacle/protocol'
import { createBinnacleClient, type BinnacleClient, type ClientOptions } from './binnacle-client.ts'
import { createClientClock } from './client-clock.ts'
import type { SubscriptionMessage, SubscriptionRequest } from './subscription.ts'
import { eventually, note, openLiveBench, type LiveBench } from './testing/live-bench.ts'

let bench: LiveBench
const clients: BinnacleClient[] = []
beforeEach(async () => {
  bench = await openLiveBench()
})
afterEach(async () => {
  for (const client of clients.splice(0)) client.close()
  await bench.end()
})

const connect = (options: Partial<ClientOptions> = {}) => {
  const client = createBinnacleClient({
    url: bench.url,
    token: () => Promise.resolve(bench.token),
    backoff: { baseMs: 20, capMs: 200 },
    receiptMs: 20,
    ...options,
  })
  clients.push(client)
  return client
}
const live = (client: BinnacleClient) => eventually(`live, not ${JSON.stringify(client.state())}`, () => client.state().step === 'live')
const collect = (client: BinnacleClient, request: SubscriptionRequest) => {
  const messages: SubscriptionMessage[] = []
  const subscription = client.subscribe(request, (message) => messages.push(message))
  const numbers = () => messages.flatMap((each) => (each.type === 'events' ? each.events.map((event) => event.data['n'] as number) : []))
  return { messages, subscription, numbers, has: (type: SubscriptionMessage['type']) => messages.some((each) => each.type === type) }
}
const range = (from: number, to: number) => Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index)

test('[CL9] over random cuts, restarts and filters every event that passes arrives exactly once and in order', async () => {
  let seed = 20_261_121
  const random = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
    return seed / 2 ** 32
  }
  const filters: Filter[] = [
    { types: ['cr_*'] },
    { scopes: ['fabric/1'] },
    { scopes: ['fabric/*'], kinds: ['Switch'] },
    { types: ['cr_*'], names: ['name-1', 'name-2'] },
    { types: ['cr_*'], min_priority: 'high' },
  ]
  const client = connect()
  await live(client)
  const position = bench.store.log.state()
  const from = `${position.epoch}:${position.head}`
  const feeds = filters.map((filter) => ({ filter, ...collect(client, { filter, from }) }))
  const second = connect()
  const other = collect(second, { filter: { types: ['cr_*'] }, from })
  let n = 0
  for (let round = 0; round < 60; round++) {
    await bench.write(...range(n + 1, (n += Math.ceil(random() * 40))).map((each) => note(each)))
    const dice = random()
    if (dice < 0.15) bench.cut()
    else if (dice < 0.22) {
      await bench.stop()
      await bench.write(...range(n + 1, (n += 5)).map((each) => note(each)))
      await bench.start()
    } else if (dice < 0.5) await new Promise((resolve) => setTimeout(resolve, 20 * random()))
  }
  const head = (each: number): EventHead => {
    const { event } = note(each)
    return { seq: 1, eventType: event.event_type, scope: event.scope, kind: event.subject?.kind ?? null, name: event.subject?.name ?? null }
  }
  const upTo = () => `${bench.store.log.state().epoch}:${bench.store.log.state().head}`
  for (const { filter, numbers, subscription } of feeds) {
    await eventually(`all of ${JSON.stringify(filter)} (seed ${seed})`, () => subscription.position() === upTo(), 20_000)
    expect(numbers()).toEqual(range(1, n).filter((each) => filterMatches(filter, head(each))))
  }
  await eventually('the other client', () => other.subscription.position() === upTo())
  expect(other.numbers()).toEqual(range(1, n))
  expect(client.stats()).toMatchObject({ gaps: 0, lost: 0, unreadable: 0, handlerErrors: 0 })
  expect(client.stats().reconnects).toBeGreaterThan(3)
  expect(client.stats().latencyMs?.p50).toBeGreaterThanOrEqual(0)
}, 60_000)

test('[CL5] a connection that is silently dead is stale after 2.5 heartbeats, then made anew; nothing is missing', async () => {
  const client = connect()
  await live(client)
  const { numbers, has } = collect(client, { filter: { types: ['cr_*'] } })
  await eventually('subscribed', () => has('caught_up'))
  const steps: string[] = []
  client.onState(() => steps.push(client.state().step))
  await bench.write(note(1))
  await eventually('the first', () => numbers().length === 1)
  bench.freeze()
  await bench.write(note(2), note(3))
  await eventually('after the silence', () => numbers().length === 3)
  expect(numbers()).toEqual([1, 2, 3])
  expect(steps.slice(0, 3)).toEqual(['stale', 'waiting', 'connecting'])
  await live(client)
})

test('[CL6] a refused token is replaced; two refusals in a row end the link; so does nobody being signed in', async () => {
  const { secret, tokenId, userId } = await bench.account('ann', [{ role: 'viewer', scope: '*' }])
  let token = secret
  const wishes: boolean[] = []
  const client = connect({
    token: ({ fresh }) => {
      wishes.push(fresh)
      return Promise.resolve(token)
    },
  })
  await live(client)
  const next = await bench.identity.createToken(
    { userId, name: 'next', grants: [{ role: 'viewer', scope: '*' }], ttlSeconds: null },
    'test',
  )
  token = next.secret
  await bench.identity.revokeToken(tokenId, 'test')
  await eventually('a second connection', () => client.stats().connects === 2)
  expect(wishes).toEqual([false, true])
  await bench.identity.revokeToken(next.token.id, 'test')
  await eventually('the end', () => client.state().step === 'ended')
  expect(client.state()).toMatchObject({ code: 4401 })
  const nobody = connect({ token: () => Promise.reject(new BinnacleError('NOT_AUTHENTICATED')) })
  await eventually('signed out', () => nobody.state().step === 'ended')
  expect(nobody.state()).toMatchObject({ reason: 'signed out' })
})

test('[CL6] a token service that fails for a while is asked again', async () => {
  let calls = 0
  const client = connect({ token: () => (++calls < 4 ? Promise.reject(new Error('no network')) : Promise.resolve(bench.token)) })
  await live(client)
  expect(calls).toBe(4)
})

test('[CL7] a page that wakes connects at once instead of waiting', async () => {
  let wake: () => void = () => undefined
  const client = connect({
    backoff: { baseMs: 600_000, capMs: 600_000 },
    random: () => 0.9,
    wake: (onWake) => {
      wake = onWake
      return () => undefined
    },
  })
  await live(client)
  bench.cut()
  await eventually('waiting', () => client.state().step === 'waiting')
  wake()
  await live(client)
})

test('[CL8] after close no timer runs and nothing connects again', async () => {
  const timers = new Set<object>()
  const real = createClientClock()
  const client = connect({
    clock: {
      ...real,
      after: (ms, fire) => {
        const key = {}
        timers.add(key)
        const timer = real.after(ms, () => {
          timers.delete(key)
          fire()
        })
        return {
          cancel: () => {
            timers.delete(key)
            timer.cancel()
          },
        }
      },
    },
  })
  await live(client)
  expect(timers.size).toBeGreaterThan(0)
  const before = bench.upgrades()
  client.close()
  expect([timers.size, client.state().step]).toEqual([0, 'ended'])
  await eventually('the server lets go', () => bench.delivery().metrics().connections === 0)
  expect(bench.upgrades()).toBe(before)
})

test('[CL11] lost is handed over, nothing more comes, and a new start goes on from there', async () => {
  const client = connect()
  await bench.write(note(1), note(2))
  const feed = collect(client, { filter: { types: ['cr_*'] }, from: 'zzz:5' })
  await eventually('lost', () => feed.has('lost'))
  await bench.write(note(3))
  bench.cut()
  await eventually('a second connection', () => client.stats().connects === 2)
  expect(feed.numbers()).toEqual([])
  feed.subscription.restart('oldest')
  await eventually('all', () => feed.numbers().length === 3)
  expect(feed.numbers()).toEqual([1, 2, 3])
  expect(client.stats().lost).toBe(1)
})

test('[CL12] one handler with two subscriptions gets an event that passes both once', async () => {
  const client = connect()
  await live(client)
  const got: unknown[] = []
  const handler = (message: SubscriptionMessage) => {
    if (message.type === 'events') got.push(...message.events.map((event) => event.data['n']))
  }
  client.subscribe({ filter: { types: ['cr_*'] }, from: 'oldest' }, handler)
  client.subscribe({ filter: { scopes: ['fabric/2'] }, from: 'oldest' }, handler)
  const control = collect(client, { filter: { scopes: ['fabric/2'] }, from: 'oldest' })
  await bench.write(...range(1, 20).map((n) => note(n)))
  await eventually('all', () => got.length >= 20 && control.numbers().length === 10 && client.stats().duplicates === 10)
  expect([...got].sort((a, b) => Number(a) - Number(b))).toEqual(range(1, 20))
})

test('[CL24] two equal subscriptions, one from the oldest and one live, each get everything once; ending one leaves the other', async () => {
  // In words and order different, after the rights the same.
  const { secret } = await bench.account('vi', [{ role: 'viewer', scope: 'fabric/*' }])
  const client = connect({ token: () => Promise.resolve(secret) })
  await live(client)
  await bench.write(...range(1, 300).map((n) => note(n)))
  const now = collect(client, { filter: { kinds: ['Switch', 'VPC'], types: ['cr_*'] } })
  await eventually('live', () => now.has('caught_up'))
  const all = collect(client, { filter: { types: ['cr_*'], kinds: ['VPC', 'Switch', 'VPC'] }, from: 'oldest' })
  const third = collect(client, { filter: { types: ['cr_*'], kinds: ['VPC', 'Switch'] } })
  let n = 300
  while (!all.has('caught_up')) await bench.write(note(++n))
  await bench.write(...range(n + 1, (n += 20)).map((each) => note(each)))
  await eventually('both have all', () => all.numbers().length === n && now.numbers().length === n - 300)
  expect(all.numbers()).toEqual(range(1, n))
  expect(now.numbers()).toEqual(range(301, n))
  now.subscription.end()
  await bench.write(note(++n))
  await eventually('the other goes on', () => all.numbers().at(-1) === n && third.numbers().at(-1) === n)
  bench.cut()
  await bench.write(note(++n))
  await eventually('after a cut too', () => all.numbers().at(-1) === n && third.numbers().at(-1) === n)
  expect(all.numbers()).toEqual(range(1, n))
  expect(now.numbers().at(-1)).toBe(n - 2)
  expect(client.stats()).toMatchObject({ gaps: 0, lost: 0, subscriptions: 2 })
})

test('[CL13] a subscription without rights is refused and says so; the others go on', async () => {
  const { secret } = await bench.account('vi', [{ role: 'viewer', scope: 'fabric/1' }])
  const client = connect({ token: () => Promise.resolve(secret) })
  const refused = collect(client, { filter: { scopes: ['fabric/2'] } })
  const fine = collect(client, { filter: { scopes: ['fabric/1'] }, from: 'oldest' })
  await eventually('refused', () => refused.has('refused'))
  expect(refused.messages).toMatchObject([{ type: 'refused', code: 'FORBIDDEN', retry: false }])
  await bench.write(note(2))
  await eventually('the other', () => fine.numbers().length === 1)
})

test('[CL15] a handler that throws is counted and the next event comes all the same', async () => {
  const client = connect()
  await live(client)
  client.subscribe({ filter: {} }, () => {
    throw new Error('broken component')
  })
  const fine = collect(client, { filter: { types: ['cr_*'] }, from: 'oldest' })
  await bench.write(note(1))
  await eventually('the other', () => fine.numbers().length === 1 && client.stats().handlerErrors > 0)
  expect(client.state().step).toBe('live')
})

test('[CL16] receipts are accepted by the server while events flow, and the last one says all', async () => {
  const receipts: string[] = []
  class Heard extends WebSocket {
    override send(text: string): void {
      const frame = JSON.parse(text) as { readonly type: string; readonly applied?: string }
      if (frame.type === 'receipt') receipts.push(frame.applied ?? '')
      super.send(text)
    }
  }
  const client = connect({ webSocket: Heard })
  const feed = collect(client, { filter: { types: ['cr_*'] }, from: 'oldest' })
  for (const n of range(1, 50)) await bench.write(note(n))
  await eventually('all', () => feed.numbers().length === 50)
  await eventually('the last receipt', () => receipts.at(-1) === feed.subscription.position())
  // Whatever the server has to say about the receipt, it says before what comes later.
  await bench.write(note(51))
  await eventually('what comes later', () => feed.numbers().length === 51)
  expect(client.stats().connects).toBe(1)
  expect(bench.delivery().metrics().closed).toEqual({})
})
