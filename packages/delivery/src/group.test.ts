import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Clock } from '@binnacle/protocol'
import { eventually, note, openBench, openGround, TestReader, type DeliveryBench, type Ground } from './testing/delivery-bench.ts'
import { continuous, EVERYTHING, numbers, range } from './testing/reading.ts'
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

test('[DL8] two equal subscriptions of one connection, one from the past and one live, each get everything once; one that ends leaves the other', async () => {
  await open({ heartbeatMs: 30 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const { epoch, head } = bench.store.log.state()
  await bench.write(...range(1, 300).map((n) => note(n)))
  const reader = await bench.reader(secret)
  const start = (id: string) => reader.of('subscribed').find((each) => each.id === id)?.at ?? ''
  const live = await reader.subscribe({ id: 'live', filter: { types: ['cr_*'] } })
  const past = await reader.subscribe({ id: 'past', filter: { types: ['cr_*'] }, from: `${epoch}:${head}` })
  await bench.write(...range(301, 320).map((n) => note(n)))
  await eventually('both', () => numbers(reader, past).length === 320 && numbers(reader, live).length === 20)
  expect([numbers(reader, past), numbers(reader, live)]).toEqual([range(1, 320), range(301, 320)])
  reader.send({ type: 'unsubscribe', id: 'live' })
  await bench.write(note(321))
  await eventually('the other goes on', () => numbers(reader, past).length === 321)
  // The number is free again, and a new holder of it starts where it asked.
  const again = await reader.subscribe({ id: 'again', filter: { types: ['cr_*'] } })
  await bench.write(note(322))
  await eventually('both again', () => numbers(reader, past).at(-1) === 322 && numbers(reader, again).at(-1) === 322)
  expect(numbers(reader, past)).toEqual(range(1, 322))
  expect(numbers(reader, live).filter((n) => n === 321)).toEqual([])
  continuous(reader, past, start('past'))
})

test('[DL11] the first event after quiet leaves at once; a burst is gathered until the tick', async () => {
  const clock = new SteppedClock()
  await open({ tickMs: 200 }, clock)
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  const sub = await reader.subscribe({ id: 's', filter: {} })
  const full = () => reader.of('events').filter((frame) => frame.events.length > 0)
  await bench.write(note(1))
  await eventually('the first, without any time passing', () => numbers(reader, sub).length === 1)
  for (const n of range(2, 30)) await bench.write(note(n))
  clock.advance(199)
  reader.send({ type: 'ping', t: 1 })
  await reader.first('pong')
  expect(full().length).toBe(1)
  clock.advance(1)
  await eventually('the rest', () => numbers(reader, sub).length === 30)
  expect(full().length).toBe(2)
  clock.advance(200)
  await bench.write(note(31))
  await eventually('quiet again: at once again', () => numbers(reader, sub).length === 31)
})

test('[DL12] each frame begins where the last one ended, and empty frames with each heartbeat prove progress', async () => {
  const clock = new SteppedClock()
  await open({}, clock)
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  const sub = await reader.subscribe({ id: 's', filter: { names: ['vpc-1'] } })
  const start = reader.of('subscribed')[0]?.at ?? ''
  const last = () => reader.of('events').at(-1)
  const head = () => `${bench.store.log.state().epoch}:${bench.store.log.state().head}`
  for (const n of range(1, 40)) await bench.write(note(n))
  clock.advance(5_000)
  await eventually('all that passes', () => numbers(reader, sub).length === 14)
  // Nothing of this passes; the reader learns all the same that it has missed nothing.
  await bench.write(note(2), note(3))
  clock.advance(5_000)
  await eventually('progress to the head', () => last()?.to === head())
  expect(last()?.events).toEqual([])
  expect(continuous(reader, sub, start)).toBe(head())
  expect(numbers(reader, sub)).toEqual(range(1, 40).filter((n) => n % 3 === 1))
})

test('[DL22] gauges come where the right reaches, the latest wins, at most one frame per interval', async () => {
  const clock = new SteppedClock()
  await open({ gaugeMs: 150 }, clock)
  const viewer = await bench.account('vi', [{ role: 'viewer', scope: 'fabric/1' }])
  const reader = await bench.reader(viewer.secret)
  const gauge = (scope: string, name: string, beat: number) => ({ scope, kind: 'Switch', name, values: { beat }, age_ms: 0 })
  bench.pushGauges([gauge('fabric/1', 'leaf-1', 0)])
  const sub = await reader.subscribe({ id: 's', filter: { scopes: ['fabric/*'] } })
  expect((await reader.first('gauges')).values).toEqual([gauge('fabric/1', 'leaf-1', 0)])
  const beats = () => reader.of('gauges').map((frame) => frame.values[0]?.values['beat'])
  const said = async (t: number) => {
    reader.send({ type: 'ping', t })
    await eventually('pong', () => reader.of('pong').at(-1)?.t === t)
    return beats()
  }
  clock.advance(150)
  const before = (await said(1)).length
  for (const beat of range(1, 50)) bench.pushGauges([gauge('fabric/1', 'leaf-1', beat), gauge('fabric/2', 'hidden', beat)])
  await eventually('the latest of those that came together', () => beats().at(-1) === 50)
  for (const beat of range(51, 99)) bench.pushGauges([gauge('fabric/1', 'leaf-1', beat)])
  clock.advance(149)
  expect((await said(2)).slice(before)).toEqual([50])
  clock.advance(1)
  expect((await said(3)).slice(before)).toEqual([50, 99])
  expect(reader.of('gauges').every((frame) => frame.sub === sub)).toBe(true)
  expect(reader.texts.join('')).not.toContain('hidden')
})
