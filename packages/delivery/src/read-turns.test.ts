import { expect, test } from 'vitest'
import { HeadTimes } from './head-times.ts'
import { ReadTurns } from './read-turns.ts'
import { TokenBucket } from './token-bucket.ts'

test('[DL24] reads of the log go round the users: a hundred of one do not hold up one of another', async () => {
  const turns = new ReadTurns(2)
  const order: string[] = []
  let running = 0
  const read = (user: string) =>
    turns.run(user, async () => {
      running++
      expect(running).toBeLessThanOrEqual(2)
      order.push(user)
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      running--
    })
  const many = Array.from({ length: 100 }, () => read('many'))
  await Promise.all([...many, read('one')])
  expect(order.length).toBe(101)
  expect(order.indexOf('one')).toBeLessThan(6)
})

test('[DL24] a read that fails gives its place back', async () => {
  const turns = new ReadTurns(1)
  await expect(turns.run('a', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await turns.run('a', () => Promise.resolve(7))).toBe(7)
})

test('[DL5] a bucket lets its burst through at once and then its rate', () => {
  const bucket = new TokenBucket(10, 5, 0)
  expect(Array.from({ length: 12 }, () => bucket.take(1, 0)).filter(Boolean).length).toBe(10)
  expect(Array.from({ length: 12 }, () => bucket.take(1, 1_000)).filter(Boolean).length).toBe(5)
  expect(Array.from({ length: 12 }, () => bucket.take(1, 60_000)).filter(Boolean).length).toBe(10)
})

test('[DL16] how far a reader is behind is the age of the first thing it has not got', () => {
  const times = new HeadTimes(60_000)
  for (let second = 0; second <= 30; second++) times.reached(second * 10, second * 1_000)
  expect(times.behindMs(300, 30_000)).toBe(0)
  expect(times.behindMs(105, 30_000)).toBe(19_000)
  expect(times.behindMs(0, 30_000)).toBe(29_000)
})
