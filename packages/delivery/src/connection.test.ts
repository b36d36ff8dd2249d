import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { serverFrameSchema, type Clock } from '@binnacle/protocol'
import { eventually, note, openBench, openGround, TestReader, type DeliveryBench, type Ground } from './testing/delivery-bench.ts'
import { EVERYTHING, numbers, range } from './testing/reading.ts'
import { SteppedClock } from './testing/stepped-clock.ts'
import type { DeliveryLimits } from './limits.ts'

let ground: Ground
let bench: DeliveryBench
beforeAll(async () => {
  ground = await openGround()
})
afterEach(() => bench.end())
afterAll(() => ground.end())

const open = async (limits: Partial<DeliveryLimits> = {}, clock?: Clock) => {
  bench = await openBench(ground, limits, clock)
  return bench
}

test('[DL1] hello is welcomed; every frame passes the guard of the protocol; events arrive in order', async () => {
  await open({ heartbeatMs: 50 })
  const { secret, userName } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  const sub = await reader.subscribe({ id: 's1', filter: { types: ['cr_*'] } })
  await bench.write(...range(1, 20).map((n) => note(n)))
  await eventually('20 events', () => numbers(reader, sub).length === 20)
  expect(numbers(reader, sub)).toEqual(range(1, 20))
  await reader.first('heartbeat')
  reader.send({ type: 'ping', t: 5 })
  expect((await reader.first('pong')).t).toBe(5)
  for (const frame of reader.frames) expect(serverFrameSchema.safeParse(frame).error).toBeUndefined()
  expect(bench.delivery.connections()).toMatchObject([
    { user: userName, transport: 'websocket', subscriptions: 1, lagging: false, behind: 0 },
  ])
})

test('[DL2] without hello in time, with a bad token, or with another frame first, the connection is closed with 4401', async () => {
  const clock = new SteppedClock()
  await open({}, clock)
  const wrong = new TestReader(bench.url)
  const early = new TestReader(bench.url)
  await Promise.all([wrong.opened(), early.opened()])
  wrong.send({ type: 'hello', protocol: 1, token: 'no' })
  early.send({ type: 'ping', t: 1 })
  for (const reader of [wrong, early]) expect((await reader.gone()).code).toBe(4401)
  const { secret } = await bench.account('ann', EVERYTHING)
  const welcomed = await bench.reader(secret)
  const silent = new TestReader(bench.url)
  await silent.opened()
  clock.advance(4_999)
  // The control: within its time it is waited for, and who has said hello stays.
  expect([silent.closed, bench.delivery.metrics().unknownConnections]).toEqual([null, 1])
  clock.advance(1)
  expect((await silent.gone()).code).toBe(4401)
  expect(bench.delivery.metrics()).toMatchObject({ unknownConnections: 0, connections: 1 })
  welcomed.send({ type: 'ping', t: 1 })
  await welcomed.first('pong')
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

test('[DL3] the control: with the limits raised the same bytes are read, and refused for what they say', async () => {
  await open({ helloBytes: 200_000, frameBytes: 200_000, inboundBurst: 1_000 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const early = new TestReader(bench.url)
  await early.opened()
  early.ws.send('x'.repeat(4_097))
  expect((await early.gone()).code).toBe(4400)
  const reader = await bench.reader(secret)
  reader.ws.send('x'.repeat(65_537))
  expect((await reader.gone()).code).toBe(4400)
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

test('[DL5] the control: with the limits raised the same frames are answered and the same connections stay', async () => {
  await open({ inboundBurst: 1_000, connectionsPerUser: 4 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const readers = [await bench.reader(secret), await bench.reader(secret), await bench.reader(secret), await bench.reader(secret)]
  const [one, two] = readers as [TestReader, TestReader]
  const pongs = { count: 0 }
  two.ws.on('pong', () => pongs.count++)
  for (let n = 0; n < 40; n++) one.send({ type: 'ping', t: n })
  for (let n = 0; n < 40; n++) two.ws.ping()
  await eventually('all answered', () => one.of('pong').length === 40 && pongs.count === 40)
  expect(readers.map((reader) => reader.closed)).toEqual([null, null, null, null])
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
