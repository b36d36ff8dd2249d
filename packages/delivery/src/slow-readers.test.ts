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

const fat = (n: number) => note(n, { data: { n, fill: 'x'.repeat(4_000) } })

/**
 * Writes until data waits that nobody takes (the reader's window and the kernel are full) and `full` holds. Gives back
 * the last number.
 */
async function fill(full: () => boolean): Promise<number> {
  let n = 0
  for (let round = 0; round < 200; round++) {
    await bench.write(...range(n + 1, (n += 100)).map(fat))
    let [waiting, same] = [bench.delivery.metrics().unsentBytes, 0]
    while (waiting > 0 && same < 5) {
      await new Promise((resolve) => setTimeout(resolve, 2))
      const { unsentBytes } = bench.delivery.metrics()
      same = unsentBytes === waiting ? same + 1 : 0
      waiting = unsentBytes
    }
    if (waiting > 0 && full()) return n
  }
  throw new Error('the socket takes everything')
}

test('[DL15] a reader that stops reading leaves the live path with bounded memory, others stay live, and it misses nothing when it reads again', async () => {
  await open({ heartbeatMs: 50, unsentBytes: 100_000 })
  const { secret } = await bench.account('ann', EVERYTHING)
  const [slow, quick] = [await bench.reader(secret), await bench.reader(secret)]
  const [a, b] = [await slow.subscribe({ id: 's', filter: {} }), await quick.subscribe({ id: 's', filter: {} })]
  slow.ws.pause()
  const view = (reader: TestReader) =>
    bench.delivery.connections().find((each) => each.id === reader.of('welcome')[0]?.connection) ?? { lagging: false, behind: 0 }
  let n = await fill(() => view(slow).lagging)
  let most = 0
  for (let round = 0; round < 10; round++) {
    await bench.write(...range(n + 1, (n += 100)).map(fat))
    most = Math.max(most, bench.delivery.metrics().unsentBytes)
  }
  // The quick one may fall behind for a moment on a busy machine; it comes back while the slow one cannot.
  await eventually('the quick one has all and is live', () => numbers(quick, b).length === n && !view(quick).lagging, 25_000)
  expect(view(slow).lagging).toBe(true)
  expect(view(slow).behind).toBeGreaterThan(500)
  // What may wait, one frame more, and what the socket itself holds; of both.
  expect(most).toBeLessThan(2 * (100_000 + 80_000 + 65_536))
  slow.ws.resume()
  await eventually('the slow one has all', () => numbers(slow, a).length === n, 25_000)
  expect(numbers(slow, a)).toEqual(range(1, n))
  continuous(slow, a, slow.of('subscribed')[0]?.at ?? '')
  await eventually('back on the live path', () => bench.delivery.metrics().lagging === 0)
}, 90_000)

test('[DL16] a peer that answers no ping is closed with 4408, one that answers stays', async () => {
  const clock = new SteppedClock()
  await open({}, clock)
  const { secret } = await bench.account('ann', EVERYTHING)
  const [dead, alive] = [await bench.reader(secret), await bench.reader(secret)]
  dead.ws.pause()
  const aliveId = alive.of('welcome')[0]?.connection
  // Four heartbeats: the ping of the first is due two later.
  for (let beat = 0; beat < 4; beat++) {
    clock.advance(5_000)
    await eventually('a pong', () => bench.delivery.connections().find((each) => each.id === aliveId)?.last_pong_ms === 0)
  }
  expect(bench.delivery.metrics()).toMatchObject({ closed: { heartbeat_missed: 1 }, connections: 1 })
  expect(alive.closed).toBeNull()
  dead.ws.resume()
  expect((await dead.gone()).code).toBe(4408)
})

test('[DL16] a reader that takes nothing for too long is closed with 4503, not for the ping that waits behind its data', async () => {
  const clock = new SteppedClock()
  // Without ticks: time stands still while events are written.
  await open({ unsentBytes: 50_000, tickMs: 0 }, clock)
  const { secret } = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(secret)
  await reader.subscribe({ id: 's', filter: {} })
  reader.ws.pause()
  await fill(() => bench.delivery.metrics().lagging === 1)
  clock.advance(45_000)
  // Much longer than a pong may take.
  expect(bench.delivery.metrics()).toMatchObject({ connections: 1, closed: {} })
  clock.advance(25_000)
  expect(bench.delivery.metrics()).toMatchObject({ connections: 0, closed: { too_slow: 1 } })
})

test('[DL17] a right that ends while frames wait takes them back: nothing after the revocation is ever read', async () => {
  await open({ heartbeatMs: 50, unsentBytes: 1_000_000 })
  const ann = await bench.account('ann', EVERYTHING)
  const reader = await bench.reader(ann.secret)
  const sub = await reader.subscribe({ id: 's', filter: { scopes: ['fabric/1'] } })
  reader.ws.pause()
  // Below the limit of the live path, so that what waits is what was sent live.
  const n = await fill(() => bench.delivery.metrics().unsentBytes > 300_000)
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
