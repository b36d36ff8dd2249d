import { Writable } from 'node:stream'
import * as wsModule from 'ws'
import { expect, test } from 'vitest'
import type { LogEntry } from '@binnacle/protocol'
import { stretches, textFrame } from './shared-frame.ts'
import { Outbox } from './outbox.ts'

const { Sender } = wsModule as unknown as {
  Sender: { frame(data: Buffer, options: Readonly<Record<string, unknown>>): readonly Buffer[] }
}

const entry = (seq: number, size: number): LogEntry => ({
  seq,
  eventType: 'cr_updated',
  scope: 'fabric/1',
  kind: 'VPC',
  name: 'a',
  text: JSON.stringify({ seq, fill: 'x'.repeat(size) }),
  at: 0,
})

test('[DL9] a frame built here has the very bytes that ws builds, at every length of the header', () => {
  for (const text of [
    '',
    'a',
    'x'.repeat(125),
    'x'.repeat(126),
    'ü'.repeat(100),
    'x'.repeat(65_535),
    'x'.repeat(65_536),
    '🧭'.repeat(40_000),
  ]) {
    const theirs = Buffer.concat([...Sender.frame(Buffer.from(text), { fin: true, rsv1: false, opcode: 1, mask: false })])
    expect(textFrame(text).equals(theirs)).toBe(true)
  }
})

test('[DL10] a long stretch of the log becomes frames of bounded size that continue each other', () => {
  const entries = Array.from({ length: 100 }, (_, index) => entry(index * 2 + 1, 5_000))
  const parts = stretches(7, 'e', 0, 300, entries)
  expect(parts.length).toBeGreaterThan(5)
  let at = 0
  for (const part of parts) {
    expect(part.from).toBe(at)
    expect(part.bytes.length).toBeLessThan(80_000)
    at = part.to
  }
  expect(at).toBe(300)
})

test('[DL17] what the socket has not taken can be taken back, for one subscription alone', async () => {
  const written: string[] = []
  let release: () => void = () => undefined
  const socket = new Writable({
    highWaterMark: 10,
    write(chunk: Buffer, _encoding, done) {
      written.push(chunk.toString())
      release = done
    },
  })
  const outbox = new Outbox(
    socket as never,
    () => 0,
    () => undefined,
  )
  outbox.send(Buffer.from('first-of-all'), 1)
  await Promise.resolve()
  outbox.send(Buffer.from('secret'), 1)
  outbox.send(Buffer.from('other'), 2)
  expect(outbox.congested).toBe(true)
  expect(outbox.unsent).toBe(12 + 6 + 5)
  outbox.drop(1)
  release()
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  expect(written).toEqual(['first-of-all', 'other'])
})
