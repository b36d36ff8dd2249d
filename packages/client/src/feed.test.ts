import { expect, test } from 'vitest'
import type { ClientFrame } from '@binnacle/protocol'
import { Feed } from './feed.ts'
import { SeenEvents } from './seen-events.ts'
import { readServerFrame } from './server-frames.ts'
import type { SubscriptionMessage } from './subscription.ts'
import { takersOf, type NumberedFrame } from './takers-of.ts'

const event = (seq: number, more: object = {}) => ({
  event_type: 'cr_updated',
  timestamp: '2026-01-01T00:00:00.000Z',
  fabric_id: 1,
  data: {},
  metadata: { source: 'test', priority: 'normal', actor: null, correlation_id: null, observed_at: '2026-01-01T00:00:00.000Z' },
  id: `id-${seq}`,
  epoch: 'e',
  seq,
  scope: 'fabric/1',
  subject: null,
  ...more,
})

function open() {
  const sent: ClientFrame[] = []
  const messages: SubscriptionMessage[] = []
  const counts = { gaps: 0 }
  let ids = 0
  const feed = new Feed('f', { filter: {} }, (message) => messages.push(message), new SeenEvents(100), {
    send: (frame) => sent.push(frame) > 0,
    nextWireId: () => `w${++ids}`,
    handlerFailed: () => undefined,
    gap: () => counts.gaps++,
    duplicates: () => undefined,
    lost: () => undefined,
  })
  const take = (frame: object) => {
    const read = readServerFrame(JSON.stringify(frame))
    if (read !== undefined) feed.take(read)
    return read
  }
  feed.open()
  take({ type: 'subscribed', id: 'w1', sub: 4, at: 'e:10' })
  const seqs = () => messages.flatMap((message) => (message.type === 'events' ? message.events.map((each) => each.seq) : []))
  return { feed, sent, messages, take, seqs, counts }
}

test('[CL10] a frame that does not begin where the last one ended is not used; the log is asked again from there', () => {
  const { sent, take, seqs, counts, feed } = open()
  take({ type: 'events', sub: 4, from: 'e:10', to: 'e:12', events: [event(12)] })
  take({ type: 'events', sub: 4, from: 'e:15', to: 'e:16', events: [event(16)] })
  expect(seqs()).toEqual([12])
  expect(counts.gaps).toBe(1)
  expect(sent.slice(1)).toEqual([
    { type: 'unsubscribe', id: 'w1' },
    { type: 'subscribe', id: 'w2', filter: {}, from: 'e:12' },
  ])
  take({ type: 'subscribed', id: 'w2', sub: 4, at: 'e:12' })
  take({ type: 'events', sub: 4, from: 'e:12', to: 'e:16', events: [event(14), event(16)] })
  expect(seqs()).toEqual([12, 14, 16])
  expect(feed.position).toBe('e:16')
})

test('[CL14] an event of an unknown type is counted; its frame and the position go on', () => {
  const { take, seqs, feed } = open()
  const read = take({
    type: 'events',
    sub: 4,
    from: 'e:10',
    to: 'e:13',
    events: [event(11), event(12, { event_type: 'from_the_future' }), event(13)],
  })
  expect(read).toMatchObject({ unreadable: 1 })
  expect(seqs()).toEqual([11, 13])
  expect(feed.position).toBe('e:13')
  for (const text of ['', 'no', '[]', 'null', '{"type":"future"}', '{"type":"events","sub":1}'])
    expect(readServerFrame(text)).toBeUndefined()
})

test('[CL16] a receipt names what was handed over, and comes only when something did', () => {
  const { feed, take } = open()
  expect(feed.receipt()).toMatchObject({ received: 'e:10' })
  expect(feed.receipt()).toBeUndefined()
  take({ type: 'events', sub: 4, from: 'e:10', to: 'e:12', events: [event(12)] })
  expect(feed.receipt()).toEqual({ type: 'receipt', sub: 4, received: 'e:12', applied: 'e:12' })
})

/** Feeds of one connection that a server serves under one number, and frames given to those they are for. */
function share(...starts: readonly string[]) {
  const opened = starts.map((at) => {
    const each = open()
    each.take({ type: 'subscribed', id: 'w1', sub: 4, at })
    each.feed.restart(at)
    each.take({ type: 'subscribed', id: 'w2', sub: 4, at })
    return each
  })
  const give = (frame: object) => {
    const read = readServerFrame(JSON.stringify({ sub: 4, ...frame })) as NumberedFrame
    for (const feed of takersOf(
      opened.map((each) => each.feed),
      read,
    ))
      feed.take(read)
  }
  const events = (from: number, to: number) =>
    give({ type: 'events', from: `e:${from}`, to: `e:${to}`, events: Array.from({ length: to - from }, (_, at) => event(from + 1 + at)) })
  return { opened, give, events }
}

test('[CL25] under one number a stretch is for the feeds that stand where it begins: each gets every event once', () => {
  const { opened, give, events } = share('e:0', 'e:20')
  give({ type: 'caught_up', at: 'e:20' })
  events(0, 10)
  events(20, 23)
  events(10, 23)
  give({ type: 'caught_up', at: 'e:23' })
  events(23, 25)
  const [replaying, live] = opened
  expect(replaying?.seqs()).toEqual(Array.from({ length: 25 }, (_, at) => at + 1))
  expect(live?.seqs()).toEqual([21, 22, 23, 24, 25])
  for (const { counts, messages } of opened) {
    expect(counts.gaps).toBe(0)
    expect(messages.filter((message) => message.type === 'caught_up')).toHaveLength(1)
  }
  // One that leaves takes nothing from the other; what is for the number is for all.
  live?.feed.leave()
  events(25, 26)
  expect(replaying?.seqs().at(-1)).toBe(26)
  expect(live?.seqs().at(-1)).toBe(25)
})

test('[CL25] under one number a hole is seen by whoever has it, and lost ends all', () => {
  const { opened, give, events } = share('e:5', 'e:5', 'e:9')
  give({ type: 'caught_up', at: 'e:5' })
  give({ type: 'caught_up', at: 'e:9' })
  events(9, 12)
  // The third stands there; the first two had caught up at 5, so something between is missing for them.
  expect(opened.map(({ counts }) => counts.gaps)).toEqual([1, 1, 0])
  events(14, 15)
  expect(opened.map(({ counts }) => counts.gaps)).toEqual([1, 1, 1])
  const both = share('e:5', 'e:9')
  both.give({ type: 'lost', reason: 'retention', oldest: 'e:20', head: 'e:30' })
  for (const { messages } of both.opened) expect(messages.at(-1)?.type).toBe('lost')
})
