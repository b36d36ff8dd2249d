import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Clock } from '@binnacle/protocol'
import { eventually, note, openBench, openGround, type DeliveryBench, type Ground } from './testing/delivery-bench.ts'
import { continuous, EVERYTHING, numbers, range } from './testing/reading.ts'
import type { DeliveryLimits } from './limits.ts'

let ground: Ground
let bench: DeliveryBench
beforeAll(async () => {
  ground = await openGround()
})
/** For tests that say what the whole log holds. */
let own: Ground | null = null
afterEach(async () => {
  await bench.end()
  await own?.end()
  own = null
})
afterAll(() => ground.end())

const open = async (limits: Partial<DeliveryLimits> = {}, clock?: Clock) => {
  bench = await openBench(ground, limits, clock)
  return bench
}

test('[DL13] replay hands over to live without gap or double while events go on, from a position, the oldest and a time', async () => {
  own = await openGround()
  bench = await openBench(own, { heartbeatMs: 30 })
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
  const caughtUpAt = n
  await eventually('live goes on for a while', () => n > caughtUpAt + 50)
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

test('[DL14] a position older than retention gets lost with the oldest that is kept, and a start from there works', async () => {
  own = await openGround(20)
  bench = await openBench(own)
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
