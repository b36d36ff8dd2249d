import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Clock } from '@binnacle/protocol'
import {
  eventually,
  note,
  openBench,
  openGround,
  realClock,
  TestReader,
  type DeliveryBench,
  type Ground,
} from './testing/delivery-bench.ts'
import { EVERYTHING, numbers } from './testing/reading.ts'
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

test('[DL18] what somebody may not see never comes, live or in replay; a subscription that could show nothing is refused', async () => {
  await open({ heartbeatMs: 30 })
  const { epoch, head } = bench.store.log.state()
  const from = `${epoch}:${head}`
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
  const sub = await reader.subscribe({ id: 's', filter: {}, from })
  const all = await control.subscribe({ id: 's', filter: { types: ['cr_*', 'sync_failed', 'access_denied'] }, from })
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

test('[DL19] a revoked token ends its own connection and no other of the same user', async () => {
  await open()
  const ann = await bench.account('ann', EVERYTHING)
  const second = await bench.identity.createToken({ userId: ann.userId, name: 'second', grants: EVERYTHING, ttlSeconds: null }, 'test')
  const [revoked, control] = [await bench.reader(ann.secret), await bench.reader(second.secret)]
  const subs = [await revoked.subscribe({ id: 's', filter: {} }), await control.subscribe({ id: 's', filter: {} })] as const
  await bench.identity.revokeToken(ann.tokenId, 'test')
  await bench.write(note(1))
  expect((await revoked.gone()).code).toBe(4401)
  await eventually('the other token', () => numbers(control, subs[1]).includes(1))
  expect(numbers(revoked, subs[0])).toEqual([])
  // It opens no door any more either.
  const again = new TestReader(bench.url)
  await again.opened()
  again.send({ type: 'hello', protocol: 1, token: ann.secret })
  expect((await again.gone()).code).toBe(4401)
})

test('[DL20] a token that expires is announced, then closes with 4401; a refresh in time goes on; one of another user closes with 4403', async () => {
  const clock = new SteppedClock()
  await open({ heartbeatMs: 10_000_000 }, clock)
  const ann = await bench.account('ann', EVERYTHING, 3_600)
  const bob = await bench.account('bob', EVERYTHING)
  const [reader, control] = [await bench.reader(ann.secret), await bench.reader(ann.secret)]
  const sub = await reader.subscribe({ id: 's', filter: {} })
  clock.advance(3_500_000)
  reader.send({ type: 'ping', t: 1 })
  await reader.first('pong')
  expect(reader.of('auth_expiring')).toEqual([])
  clock.advance(50_000)
  const { in_ms } = await reader.first('auth_expiring')
  expect(in_ms).toBeGreaterThan(0)
  expect(in_ms).toBeLessThanOrEqual(60_000)
  const { secret } = await bench.identity.createToken({ userId: ann.userId, name: 'next', grants: EVERYTHING, ttlSeconds: null }, 'test')
  reader.send({ type: 'refresh', token: secret })
  reader.send({ type: 'ping', t: 2 })
  await eventually('refreshed', () => reader.of('pong').length === 2)
  clock.advance(60_000)
  // The control: the connection that was not refreshed has ended meanwhile.
  expect((await control.gone()).code).toBe(4401)
  await bench.write(note(1))
  await eventually('it goes on', () => numbers(reader, sub).includes(1))
  reader.send({ type: 'refresh', token: bob.secret })
  expect((await reader.gone()).code).toBe(4403)
})

test('[DL20] nothing is sent after the expiry, whatever waits; a token that does not expire goes on', async () => {
  let offset = 0
  await open({ heartbeatMs: 60_000 }, { ...realClock, now: () => Date.now() + offset })
  const ann = await bench.account('ann', EVERYTHING, 3_600)
  const lasting = await bench.account('bob', EVERYTHING)
  const [reader, control] = [await bench.reader(ann.secret), await bench.reader(lasting.secret)]
  const [sub, other] = [await reader.subscribe({ id: 's', filter: {} }), await control.subscribe({ id: 's', filter: {} })]
  await bench.write(note(1))
  await eventually('before', () => numbers(reader, sub).length === 1)
  offset = 3_601_000
  await bench.write(note(2))
  await eventually('the control', () => numbers(control, other).includes(2))
  reader.send({ type: 'ping', t: 1 })
  await reader.first('pong')
  expect(numbers(reader, sub)).toEqual([1])
})
