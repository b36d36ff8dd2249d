import { afterEach, expect, test } from 'vitest'
import { serverFrameSchema } from '@binnacle/protocol'
import { eventually, note, openBench, realClock, TestReader, type DeliveryBench } from './testing/delivery-bench.ts'
import type { DeliveryLimits } from './limits.ts'

let bench: DeliveryBench
afterEach(() => bench.end())

const open = async (limits: Partial<DeliveryLimits> = {}) => {
  bench = await openBench(limits)
  return bench
}
const EVERYTHING = [{ role: 'admin', scope: '*' }] as const
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index)
const numbers = (reader: TestReader, sub: number) =>
  reader.of('events').flatMap((frame) => (frame.sub === sub ? frame.events.map((event) => event.data['n']) : []))
const continuous = (reader: TestReader, sub: number, at: string) => {
  for (const frame of reader.of('events').filter((each) => each.sub === sub)) {
    expect(frame.from).toBe(at)
    at = frame.to
  }
  return at
}

test('[DL1] hello is welcomed; every frame passes the guard of the protocol; events arrive in order', async () => {
  await open({ heartbeatMs: 50 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  const sub = await reader.subscribe({ id: 's1', filter: { types: ['cr_*'] } })
  await bench.write(...range(1, 20).map((n) => note(n)))
  await eventually('20 events', () => numbers(reader, sub).length === 20)
  expect(numbers(reader, sub)).toEqual(range(1, 20))
  await reader.first('heartbeat')
  reader.send({ type: 'ping', t: 5 })
  expect((await reader.first('pong')).t).toBe(5)
  for (const frame of reader.frames) expect(serverFrameSchema.safeParse(frame).error).toBeUndefined()
  expect(bench.delivery.connections()).toMatchObject([{ user: 'ann', transport: 'websocket', subscriptions: 1, lagging: false, behind: 0 }])
})

test('[DL2] without hello in time, with a bad token, or with another frame first, the connection is closed with 4401', async () => {
  await open({ helloMs: 100 })
  const silent = new TestReader(bench.url)
  const wrong = new TestReader(bench.url)
  const early = new TestReader(bench.url)
  await Promise.all([wrong.opened(), early.opened()])
  wrong.send({ type: 'hello', protocol: 1, token: 'no' })
  early.send({ type: 'ping', t: 1 })
  for (const reader of [silent, wrong, early]) expect((await reader.gone()).code).toBe(4401)
  expect(bench.delivery.metrics().unknownConnections).toBe(0)
})

test('[DL3] before hello a frame has at most 4 KiB, after it 64 KiB; larger ones close with 4413', async () => {
  await open()
  const { secret } = await bench.account('ann', EVERYTHING)
  const early = new TestReader(bench.url)
  await early.opened()
  early.ws.send('x'.repeat(4_097))
  expect((await early.gone()).code).toBe(4413)
  const reader = await bench.reader(secret)
  // The same size is read after hello: it is refused for what it says, not for its size.
  const names = Array.from({ length: 200 }, (_, index) => `name-${index}-${'x'.repeat(40)}`)
  await reader.subscribe({ id: 'large', filter: { names } })
  reader.ws.send('x'.repeat(65_537))
  expect((await reader.gone()).code).toBe(4413)
})

test.each([
  ['not JSON', '{"type":'],
  ['an unknown type', '{"type":"shutdown"}'],
  ['an unknown field', '{"type":"ping","t":1,"x":1}'],
  ['an inherited name', '{"type":"ping","t":1,"__proto__":{"admin":true}}'],
  ['a number that is none', '{"type":"ping","t":1e400}'],
  ['depth', `{"type":"ping","t":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
  ['60,000 names', `{"type":"subscribe","id":"a","filter":{"names":[${'"",'.repeat(15_000)}""]}}`],
  ['a lone surrogate', '{"type":"unsubscribe","id":"\\ud800"}'],
])('[DL4] a frame with %s closes with 4400', async (_what, text) => {
  await open()
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  reader.ws.send(text)
  expect((await reader.gone()).code).toBe(4400)
})

test('[DL4] broken WebSocket bytes close with 4400', async () => {
  await open()
  const socket = await bench.bare()
  const heard: Buffer[] = []
  socket.on('data', (data) => heard.push(data))
  // A text frame without mask, which a client must never send.
  socket.write(Buffer.from([0x81, 0x01, 0x61]))
  await eventually('a close frame', () => Buffer.concat(heard).length >= 4)
  const answer = Buffer.concat(heard)
  expect([answer[0], answer.readUInt16BE(2)]).toEqual([0x88, 4400])
})

test('[DL5] too many frames, pings included, close with 4429; too many connections of one user with 4409', async () => {
  await open({ inboundBurst: 30, inboundPerSecond: 1, connectionsPerUser: 3 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const [one, two, three] = [await bench.reader(secret), await bench.reader(secret), await bench.reader(secret)]
  const fourth = new TestReader(bench.url)
  await fourth.opened()
  fourth.send({ type: 'hello', protocol: 1, token: secret })
  expect((await fourth.gone()).code).toBe(4409)
  for (let n = 0; n < 40; n++) one.send({ type: 'ping', t: n })
  for (let n = 0; n < 40; n++) two.ws.ping()
  expect((await one.gone()).code).toBe(4429)
  expect((await two.gone()).code).toBe(4429)
  // Others are not touched.
  three.send({ type: 'ping', t: 1 })
  await three.first('pong')
})

test('[DL6] subscriptions are limited per connection, and an upgrade beyond the limits is refused with 503', async () => {
  await open({ subscriptionsPerConnection: 2, unknownConnections: 1 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  await reader.subscribe({ id: 'a', filter: {} })
  await reader.subscribe({ id: 'b', filter: {} })
  reader.send({ type: 'subscribe', id: 'c', filter: {} })
  expect(await reader.first('error')).toMatchObject({ code: 'RATE_LIMITED', id: 'c' })
  const waiting = new TestReader(bench.url)
  await waiting.opened()
  const refused = new TestReader(bench.url)
  const message = await new Promise<string>((resolve) => {
    refused.ws.once('error', (error: Error) => resolve(error.message))
  })
  expect(message).toContain('503')
  waiting.ws.terminate()
})

test('[DL8] equal subscriptions share one number and get the same bytes; two of one connection have two numbers', async () => {
  await open({ heartbeatMs: 60_000 })
  const ann = await bench.account('ann', EVERYTHING)
  const bob = await bench.account('bob', EVERYTHING)
  const [one, two] = [await bench.reader(ann.secret), await bench.reader(bob.secret)]
  const a = await one.subscribe({ id: 'x', filter: { kinds: ['VPC'], names: ['vpc-1', 'vpc-2'] } })
  const b = await two.subscribe({ id: 'y', filter: { names: ['vpc-2', 'vpc-1', 'vpc-1'], kinds: ['VPC'] } })
  const again = await two.subscribe({ id: 'z', filter: { kinds: ['VPC'], names: ['vpc-1', 'vpc-2'] } })
  expect(b).toBe(a)
  expect(again).not.toBe(a)
  await bench.write(...range(1, 9).map((n) => note(n)))
  await eventually('both', () => numbers(one, a).length === 6 && numbers(two, a).length === 6 && numbers(two, again).length === 6)
  const bytes = (reader: TestReader) => reader.texts.filter((text) => text.startsWith(`{"type":"events","sub":${a},`))
  expect(bytes(two)).toEqual(bytes(one))
})

test('[DL11] the first event after quiet leaves at once; a burst is gathered in ticks', async () => {
  await open({ tickMs: 200, heartbeatMs: 60_000 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  const sub = await reader.subscribe({ id: 's', filter: {} })
  const began = performance.now()
  await bench.write(note(1))
  await eventually('the first', () => numbers(reader, sub).length === 1)
  expect(performance.now() - began).toBeLessThan(150)
  for (const n of range(2, 30)) await bench.write(note(n))
  await eventually('the rest', () => numbers(reader, sub).length === 30)
  expect(reader.of('events').filter((frame) => frame.events.length > 0).length).toBeLessThan(10)
})

test('[DL12] each frame begins where the last one ended, and empty frames with each heartbeat prove progress', async () => {
  await open({ heartbeatMs: 40 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  const sub = await reader.subscribe({ id: 's', filter: { names: ['vpc-1'] } })
  const start = reader.of('subscribed')[0]?.at ?? ''
  for (const n of range(1, 40)) await bench.write(note(n))
  const head = () => bench.store.log.state().head
  await eventually('progress to the head', () => reader.of('events').at(-1)?.to.endsWith(`:${head()}`) === true)
  continuous(reader, sub, start)
  expect(numbers(reader, sub)).toEqual(range(1, 40).filter((n) => n % 3 === 1))
  expect(reader.of('events').some((frame) => frame.events.length === 0)).toBe(true)
})

test('[DL13] replay hands over to live without gap or double while events go on, from a position, the oldest and a time', async () => {
  await open({ heartbeatMs: 30 })
  const { secret } = await bench.account('ann', EVERYTHING)
  await bench.write(...range(1, 700).map((n) => note(n)))
  const before = bench.store.log.state()
  let n = 700
  const writing = { on: true }
  const writer = (async () => {
    while (writing.on) await bench.write(...range(n + 1, (n += 5)).map((each) => note(each)))
  })()
  const readers = await Promise.all(range(1, 6).map(() => bench.reader(secret)))
  const subs = await Promise.all(
    readers.map((reader, index) =>
      reader.subscribe({
        id: 's',
        filter: { types: ['cr_*'] },
        from:
          index % 3 === 0 ? 'oldest' : index % 3 === 1 ? `${before.epoch}:${before.head - 100 * index}` : { time: '2020-01-01T00:00:00Z' },
      }),
    ),
  )
  await Promise.all(readers.map((reader) => reader.first('caught_up')))
  await new Promise((resolve) => {
    setTimeout(resolve, 100)
  })
  writing.on = false
  await writer
  for (const [index, reader] of readers.entries()) {
    const sub = subs[index] ?? 0
    await eventually('all', () => numbers(reader, sub).at(-1) === n)
    const got = numbers(reader, sub) as number[]
    expect(got).toEqual(range(got[0] ?? 0, n))
    if (index % 3 !== 1) expect(got[0]).toBe(1)
    else expect(got.length).toBeGreaterThanOrEqual(100 * index)
    continuous(reader, sub, reader.of('subscribed')[0]?.at ?? '')
  }
})

test.each([
  ['another epoch', 'epoch', (epoch: string) => (epoch === 'abc' ? 'abd:1' : 'abc:1')],
  ['a position ahead of the head', 'ahead', (epoch: string) => `${epoch}:999999`],
])('[DL14] %s gets lost, and the subscription is over', async (_what, reason, from) => {
  await open()
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  const sub = await reader.subscribe({ id: 's', filter: {}, from: from(bench.store.log.state().epoch) })
  expect(await reader.first('lost')).toMatchObject({ sub, reason })
  await bench.write(note(1))
  const other = await reader.subscribe({ id: 'again', filter: {}, from: 'oldest' })
  await eventually('a new start', () => numbers(reader, other).length >= 1)
  expect(numbers(reader, sub)).toEqual([])
})

test('[DL18] what somebody may not see never comes, live or in replay; a subscription that could show nothing is refused', async () => {
  await open({ heartbeatMs: 30 })
  const viewer = await bench.account('vi', [{ role: 'viewer', scope: 'fabric/1' }])
  const admin = await bench.account('ad', EVERYTHING)
  const some = [
    note(1),
    note(2, { scope: 'fabric/2' }),
    note(3, { event_type: 'sync_failed' }),
    note(4, { event_type: 'access_denied', scope: 'system' }),
    note(5),
  ]
  await bench.write(...some)
  const [reader, control] = [await bench.reader(viewer.secret), await bench.reader(admin.secret)]
  const sub = await reader.subscribe({ id: 's', filter: {}, from: 'oldest' })
  const all = await control.subscribe({ id: 's', filter: { types: ['cr_*', 'sync_failed', 'access_denied'] }, from: 'oldest' })
  await bench.write(...some)
  // The control: with the rights of an administrator the very same asks bring everything.
  await eventually('the control', () => numbers(control, all).filter((n) => n !== undefined).length >= 10)
  await eventually('the viewer', () => numbers(reader, sub).length === 4)
  expect(numbers(reader, sub)).toEqual([1, 5, 1, 5])
  for (const [id, ask] of Object.entries({ foreign: { filter: { scopes: ['fabric/2'] } }, channel: { channel: 'admin' as const } })) {
    reader.send({ type: 'subscribe', id, ...ask })
    await eventually('refused', () => reader.of('error').some((each) => each.id === id && each.code === 'FORBIDDEN'))
  }
  expect(reader.texts.join('')).not.toContain('access_denied')
})

test('[DL19] a right that ends: the subscription ends with lost rights, others go on; a revoked token closes with 4401', async () => {
  await open({ heartbeatMs: 40 })
  const ann = await bench.account('ann', [
    { role: 'viewer', scope: 'fabric/1' },
    { role: 'viewer', scope: 'fabric/2' },
  ])
  const reader = await bench.reader(ann.secret)
  const one = await reader.subscribe({ id: 'one', filter: { scopes: ['fabric/1'] } })
  const two = await reader.subscribe({ id: 'two', filter: { scopes: ['fabric/2'] } })
  await bench.identity.changeUser(ann.userId, { grants: [{ role: 'viewer', scope: 'fabric/1' }] }, 'test')
  expect(await reader.first('lost')).toMatchObject({ sub: two, reason: 'rights' })
  await bench.write(note(1), note(2, { scope: 'fabric/2' }), note(3))
  await eventually('what is left', () => numbers(reader, one).length === 2)
  expect(numbers(reader, two)).toEqual([])
  await bench.identity.revokeToken(ann.tokenId, 'test')
  expect((await reader.gone()).code).toBe(4401)
})

test('[DL20] a token that expires is announced, then closes with 4401; a refresh in time goes on; one of another user closes with 4403', async () => {
  await open({ expiringMs: 59_500 })
  const ann = await bench.account('ann', EVERYTHING, 60)
  const bob = await bench.account('bob', EVERYTHING)
  const reader = await bench.reader(ann.secret)
  const sub = await reader.subscribe({ id: 's', filter: {} })
  expect((await reader.first('auth_expiring')).in_ms).toBeGreaterThan(0)
  const { secret } = await bench.identity.createToken({ userId: ann.userId, name: 'next', grants: EVERYTHING, ttlSeconds: null }, 'test')
  reader.send({ type: 'refresh', token: secret })
  await bench.write(note(1))
  await eventually('it goes on', () => numbers(reader, sub).includes(1))
  reader.send({ type: 'refresh', token: bob.secret })
  expect((await reader.gone()).code).toBe(4403)
})

test('[DL20] nothing is sent after the expiry, whatever waits', async () => {
  let offset = 0
  bench = await openBench({ heartbeatMs: 60_000 }, { ...realClock, now: () => Date.now() + offset })
  const ann = await bench.account('ann', EVERYTHING, 60)
  const reader = await bench.reader(ann.secret)
  const sub = await reader.subscribe({ id: 's', filter: {} })
  await bench.write(note(1))
  await eventually('before', () => numbers(reader, sub).length === 1)
  offset = 61_000
  await bench.write(note(2))
  reader.send({ type: 'ping', t: 1 })
  await reader.first('pong')
  expect(numbers(reader, sub)).toEqual([1])
})

test('[DL21] a receipt for what was not sent closes with 4400; an honest one is taken', async () => {
  await open({ heartbeatMs: 30 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  const sub = await reader.subscribe({ id: 's', filter: {} })
  await bench.write(note(1))
  await eventually('an event', () => numbers(reader, sub).length === 1)
  const { to } = reader.of('events').find((frame) => frame.events.length > 0) ?? { to: '' }
  reader.send({ type: 'receipt', sub, received: to, applied: to })
  reader.send({ type: 'ping', t: 1 })
  await reader.first('pong')
  const { epoch } = bench.store.log.state()
  reader.send({ type: 'receipt', sub, received: `${epoch}:9999`, applied: to })
  expect((await reader.gone()).code).toBe(4400)
})

test('[DL22] gauges come where the right reaches, the latest wins, at most one frame per interval', async () => {
  await open({ gaugeMs: 150 })
  const viewer = await bench.account('vi', [{ role: 'viewer', scope: 'fabric/1' }])
  const reader = await bench.reader(viewer.secret)
  const gauge = (scope: string, name: string, beat: number) => ({ scope, kind: 'Switch', name, values: { beat }, age_ms: 0 })
  bench.pushGauges([gauge('fabric/1', 'leaf-1', 0)])
  const sub = await reader.subscribe({ id: 's', filter: { scopes: ['fabric/*'] } })
  expect((await reader.first('gauges')).values).toEqual([gauge('fabric/1', 'leaf-1', 0)])
  const began = performance.now()
  for (const beat of range(1, 50)) bench.pushGauges([gauge('fabric/1', 'leaf-1', beat), gauge('fabric/2', 'hidden', beat)])
  await eventually('the latest', () => reader.of('gauges').at(-1)?.values[0]?.values['beat'] === 50)
  expect(reader.of('gauges').length).toBeLessThanOrEqual(3 + Math.ceil((performance.now() - began) / 150))
  expect(reader.of('gauges').every((frame) => frame.sub === sub)).toBe(true)
  expect(reader.texts.join('')).not.toContain('hidden')
})

test('[DL23] end closes one connection; close tells everybody that the server restarts and lets go of the log', async () => {
  await open()
  const { secret } = await bench.account('ann', EVERYTHING)
  const [one, two] = [await bench.reader(secret), await bench.reader(secret)]
  const id = one.of('welcome')[0]?.connection ?? ''
  expect(bench.delivery.end(id)).toBe(true)
  expect((await one.gone()).code).toBe(1001)
  expect(bench.delivery.end(id)).toBe(false)
  await bench.delivery.close()
  expect((await two.gone()).code).toBe(1012)
  expect(bench.delivery.metrics().connections).toBe(0)
})

const fat = (n: number) => note(n, { data: { n, fill: 'x'.repeat(4_000) } })

test('[DL15] a reader that stops reading leaves the live path with bounded memory, others stay live, and it misses nothing when it reads again', async () => {
  await open({ heartbeatMs: 50, unsentBytes: 100_000 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const [slow, quick] = [await bench.reader(secret), await bench.reader(secret)]
  const [a, b] = [await slow.subscribe({ id: 's', filter: {} }), await quick.subscribe({ id: 's', filter: {} })]
  slow.ws.pause()
  let n = await fill()
  const most = { unsent: 0 }
  for (let round = 0; round < 10; round++) {
    await bench.write(...range(n + 1, (n += 100)).map(fat))
    most.unsent = Math.max(most.unsent, bench.delivery.metrics().unsentBytes)
  }
  await eventually('the quick one has all', () => numbers(quick, b).length === n, 20_000)
  expect(bench.delivery.metrics().lagging).toBe(1)
  // What may wait, one frame more, and what the socket itself holds.
  expect(most.unsent).toBeLessThan(2 * (100_000 + 80_000 + 65_536))
  expect(bench.delivery.connections().some((each) => each.lagging && each.behind > 500)).toBe(true)
  slow.ws.resume()
  await eventually('the slow one has all', () => numbers(slow, a).length === n, 20_000)
  expect(numbers(slow, a)).toEqual(range(1, n))
  continuous(slow, a, slow.of('subscribed')[0]?.at ?? '')
  await eventually('back on the live path', () => bench.delivery.metrics().lagging === 0)
}, 90_000)

/** Writes until data stays unsent: the reader's window and the kernel are full. Gives back the last number. */
async function fill(): Promise<number> {
  let n = 0
  for (let round = 0; round < 200; round++) {
    await bench.write(...range(n + 1, (n += 100)).map(fat))
    await new Promise((resolve) => {
      setTimeout(resolve, 5)
    })
    if (bench.delivery.metrics().unsentBytes > 50_000) return n
  }
  throw new Error('the socket takes everything')
}

test('[DL16] a peer that answers no ping is closed with 4408', async () => {
  await open({ heartbeatMs: 50, pongMs: 150 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const [dead, alive] = [await bench.reader(secret), await bench.reader(secret)]
  dead.ws.pause()
  await eventually('half-open is found', () => bench.delivery.metrics().closed.heartbeat_missed === 1)
  expect(alive.closed).toBeNull()
  dead.ws.resume()
  expect((await dead.gone()).code).toBe(4408)
})

test('[DL16] a reader that takes nothing for too long is closed with 4503, not for the ping that waits behind its data', async () => {
  await open({ heartbeatMs: 50, pongMs: 100, slowMs: 600, unsentBytes: 50_000 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  await reader.subscribe({ id: 's', filter: {} })
  const heard = setInterval(() => reader.ws.pong(), 20)
  reader.ws.pause()
  await fill()
  clearInterval(heard)
  await eventually('the slow one is closed', () => bench.delivery.metrics().connections === 0)
  expect(bench.delivery.metrics().closed).toEqual({ too_slow: 1 })
})

test('[DL17] a right that ends while frames wait takes them back: nothing after the revocation is ever read', async () => {
  await open({ heartbeatMs: 50, unsentBytes: 200_000 })
  const ann = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(ann.secret)
  const sub = await reader.subscribe({ id: 's', filter: { scopes: ['fabric/1'] } })
  reader.ws.pause()
  const n = await fill()
  expect(bench.delivery.metrics().lagging).toBe(1)
  const waiting = bench.delivery.metrics().unsentBytes
  await bench.identity.changeUser(ann.userId, { grants: [{ role: 'viewer', scope: 'fabric/2' }] }, 'test')
  expect(bench.delivery.metrics().unsentBytes).toBeLessThan(waiting)
  await bench.write(...range(n + 1, n + 50).map(fat))
  reader.ws.resume()
  expect(await reader.first('lost')).toMatchObject({ sub, reason: 'rights' })
  reader.send({ type: 'ping', t: 1 })
  await reader.first('pong')
  expect(Math.max(...(numbers(reader, sub) as number[]))).toBeLessThan(n)
  expect(reader.frames.findIndex((frame) => frame.type === 'lost')).toBeGreaterThan(
    reader.frames.findLastIndex((frame) => frame.type === 'events'),
  )
})

test('[DL14] a position older than retention gets lost with the oldest that is kept, and a start from there works', async () => {
  bench = await openBench({}, realClock, 20)
  const { secret } = await bench.account('ann', EVERYTHING)
  await bench.write(...range(1, 200).map((n) => note(n)))
  await bench.store.control.applyRetention()
  const { epoch, oldest } = bench.store.log.state()
  expect(oldest).toBeGreaterThan(0)
  const reader = await bench.reader(secret)
  await reader.subscribe({ id: 'old', filter: { types: ['cr_*'] }, from: `${epoch}:0` })
  const lost = await reader.first('lost')
  expect(lost).toMatchObject({ reason: 'retention', oldest: `${epoch}:${oldest}` })
  const sub = await reader.subscribe({ id: 'new', filter: { types: ['cr_*'] }, from: lost.oldest })
  await eventually('what is kept', () => numbers(reader, sub).at(-1) === 200)
  const got = numbers(reader, sub) as number[]
  expect(got).toEqual(range(got[0] ?? 0, 200))
})
