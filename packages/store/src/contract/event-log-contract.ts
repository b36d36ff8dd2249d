import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CommittedBatch, Rights } from '@binnacle/protocol'
import { SCOPE, T0, brief, eventsAfter, eventually, listAllEmpty, note, put, type ContractSubject, type OpenSubject } from './subject.ts'

/** Registers the tests that every log has to pass. */
export function eventLogContract(name: string, open: OpenSubject): void {
  describe(`the log of ${name}`, () => {
    let subject: ContractSubject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => subject.dispose())
    const write = (from: number, to: number, more = {}) =>
      subject.store.facts.write(Array.from({ length: to - from + 1 }, (_, index) => note(from + index, more)))
    const at = (seq: number) => ({ epoch: subject.store.log.state().epoch, seq })

    test('[ST1] numbers rise by one in the order of commits, however many write at once', async () => {
      const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => write(index * 4, index * 4 + 3)))
      const events = await eventsAfter(subject.store)
      expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 200 }, (_, index) => index + 1))
      expect(new Set(events.map(({ id }) => id)).size).toBe(200)
      expect(events.map(({ id }) => id)).toEqual(events.map(({ id }) => id).sort())
      // The facts of one call stay together and in order, calls stay in order, and each caller hears of a head at or past its own facts.
      expect(events.map(({ data }) => data['n'])).toEqual(Array.from({ length: 200 }, (_, index) => index))
      answers.forEach(({ head }, index) => expect(head).toBeGreaterThanOrEqual((index + 1) * 4))
    })

    test('[ST2] what was acknowledged is there after closing and opening again, under the same epoch', async () => {
      await write(1, 10)
      const before = subject.store.log.state()
      const texts = (await eventsAfter(subject.store)).map((event) => JSON.stringify(event))
      subject = await subject.reopen()
      expect(subject.store.log.state()).toEqual(before)
      expect((await eventsAfter(subject.store)).map((event) => JSON.stringify(event))).toEqual(texts)
      expect((await write(11, 11)).head).toBe(11)
    })

    test('[ST3] a read gives what passes the filter, and `next` moves past what does not', async () => {
      await write(1, 5)
      await write(6, 7, { scope: 'fabric/2' })
      await write(8, 9)
      const page = await subject.store.log.read(at(0), { filter: { scopes: ['fabric/2'] } }, { limit: 10 })
      expect(page).toMatchObject({ from: 0, next: 9, head: 9 })
      expect(page.lost === undefined && page.entries.map(({ seq }) => seq)).toEqual([6, 7])
      const one = await subject.store.log.read(at(0), { filter: { scopes: ['fabric/2'] } }, { limit: 1 })
      expect(one.lost === undefined && [one.next, one.entries.length]).toEqual([6, 1])
      const nothing = await subject.store.log.read(at(2), { filter: { types: ['cr_*'] } }, { limit: 10, scan: 3 })
      expect(nothing.lost === undefined && nothing.entries).toEqual([])
      expect(nothing.lost === undefined && nothing.next).toBeGreaterThanOrEqual(5)
    })

    test('[ST3] kinds, names, type patterns and priority narrow as the plain evaluator says', async () => {
      await listAllEmpty(subject.store)
      await subject.store.facts.write([put('Lamp', 'a'), put('Probe', 'a'), put('Lamp', 'b'), put('Lamp', 'x', { poison: 'put' })])
      const read = async (filter: Parameters<typeof subject.store.log.read>[1]['filter']) => {
        const page = await subject.store.log.read(at(0), { filter }, { limit: 100 })
        return page.lost === undefined ? page.entries.map(({ eventType, kind, name: of }) => `${eventType} ${kind}/${of}`) : page.lost
      }
      expect(await read({ kinds: ['Lamp'], types: ['cr_created'] })).toEqual(['cr_created Lamp/a', 'cr_created Lamp/b'])
      expect(await read({ names: ['a'], types: ['cr_created'] })).toEqual(['cr_created Lamp/a', 'cr_created Probe/a'])
      expect(await read({ min_priority: 'high' })).toEqual(['cr_quarantined Lamp/x'])
      expect(await read({ scopes: ['fabric/*'], types: ['cr_c*', 'sync_*'], kinds: ['Probe'] }).catch(() => [])).toEqual([
        'cr_created Probe/a',
      ])
    })

    test('[ST3] rights hide what they do not reach, whatever the filter says', async () => {
      await write(1, 2)
      await write(3, 3, { event_type: 'sync_failed' })
      await write(4, 4, { event_type: 'user_login', scope: 'system' })
      const rights = (role: 'viewer' | 'operator', scope: string): Rights => ({ user: 'u', version: 1, grants: [{ role, scope }] })
      const seen = async (who: Rights) => {
        const page = await subject.store.log.read(at(0), { filter: {}, rights: who }, { limit: 10 })
        const latest = await subject.store.log.latest({ filter: {}, rights: who }, { limit: 10 })
        const seqs = page.lost === undefined ? page.entries.map(({ seq }) => seq) : []
        expect(latest.entries.map(({ seq }) => seq)).toEqual([...seqs].reverse())
        return seqs
      }
      expect(await seen(rights('viewer', SCOPE))).toEqual([1, 2])
      expect(await seen(rights('operator', '*'))).toEqual([1, 2, 3])
      expect(await seen(rights('operator', 'fabric/2'))).toEqual([])
    })

    test('[ST4] a position of another epoch or ahead of the head is told "lost", never given events', async () => {
      await write(1, 3)
      expect(await subject.store.log.read({ epoch: 'ffffffffffff', seq: 1 }, { filter: {} }, { limit: 10 })).toMatchObject({
        lost: 'epoch',
        head: 3,
      })
      expect(await subject.store.log.read(at(4), { filter: {} }, { limit: 10 })).toMatchObject({ lost: 'ahead', head: 3 })
      expect(await subject.store.log.read(at(3), { filter: {} }, { limit: 10 })).toMatchObject({ next: 3, entries: [] })
    })

    test('[ST5] the latest come newest first, page by page, without overlap', async () => {
      await write(1, 7)
      await write(8, 8, { scope: 'fabric/2' })
      const first = await subject.store.log.latest({ filter: { scopes: [SCOPE] } }, { limit: 3 })
      expect(first).toMatchObject({ at: at(8), more: true })
      expect(first.entries.map(({ seq }) => seq)).toEqual([7, 6, 5])
      const second = await subject.store.log.latest({ filter: { scopes: [SCOPE] } }, { limit: 10, before: 5 })
      expect(second.entries.map(({ seq }) => seq)).toEqual([4, 3, 2, 1])
      expect(second.more).toBe(false)
    })

    test('[ST6] a start is the head, the oldest kept, a time, or a position that still means something', async () => {
      await write(1, 9)
      const { epoch } = subject.store.log.state()
      const { resolve } = { resolve: subject.store.log.resolve.bind(subject.store.log) }
      expect(await resolve(undefined)).toEqual(at(9))
      expect(await resolve('oldest')).toEqual(at(0))
      expect(await resolve({ time: new Date(T0 + 4).toISOString() })).toEqual(at(3))
      expect(await resolve({ time: new Date(T0 + 400).toISOString() })).toEqual(at(9))
      expect(await resolve(`${epoch}:5`)).toEqual(at(5))
      expect(await resolve(`${epoch}:50`)).toMatchObject({ lost: 'ahead' })
      expect(await resolve('abcdefabcdef:5')).toMatchObject({ lost: 'epoch' })
    })

    test('[ST7] a follower hears every commit in order and without hole; replay and following meet', async () => {
      await write(1, 5)
      const batches: CommittedBatch[] = []
      const stop = subject.store.log.follow((batch) => batches.push(batch))
      await Promise.all(Array.from({ length: 30 }, (_, index) => write(100 + index * 10, 109 + index * 10)))
      const { head } = subject.store.log.state()
      expect(head).toBe(305)
      await eventually('the last batch', () => batches.at(-1)?.to === head)
      let to = 5
      for (const batch of batches) {
        expect(batch.from).toBe(to)
        expect(batch.entries.map(({ seq }) => seq)).toEqual(
          Array.from({ length: batch.to - batch.from }, (_, index) => batch.from + index + 1),
        )
        to = batch.to
      }
      const followed = batches.flatMap(({ entries }) => entries)
      const replayed = await subject.store.log.read(at(5), { filter: {} }, { limit: 1_000 })
      expect(replayed.lost === undefined && replayed.entries).toEqual(followed)
      stop()
      const heard = batches.length
      await write(1, 1)
      await subject.store.log.latest({ filter: {} }, { limit: 1 })
      expect(batches.length).toBe(heard)
    })

    test('[ST7] a follower that throws harms neither the writer nor other followers', async () => {
      const heard: number[] = []
      const stopFirst = subject.store.log.follow(() => {
        throw new Error('a broken follower')
      })
      const stop = subject.store.log.follow(({ to }) => heard.push(to))
      expect(await write(1, 1)).toEqual({ head: 1 })
      await eventually('the second follower', () => heard.includes(1))
      expect(await write(2, 2)).toEqual({ head: 2 })
      stopFirst()
      stop()
    })

    test('[ST8] a writer whose term is over is refused, also after opening again; a newer term takes over', async () => {
      await subject.store.facts.write([note(1)], { term: 7 })
      await expect(subject.store.facts.write([note(2)], { term: 6 })).rejects.toMatchObject({ code: 'STALE_TERM' })
      subject = await subject.reopen()
      await expect(subject.store.facts.write([note(2)], { term: 6 })).rejects.toMatchObject({ code: 'STALE_TERM' })
      await subject.store.facts.write([note(3)], { term: 8 })
      await expect(subject.store.facts.write([note(4)], { term: 7 })).rejects.toMatchObject({ code: 'STALE_TERM' })
      expect((await eventsAfter(subject.store)).map(({ data }) => data['n'])).toEqual([1, 3])
    })

    test('[ST9] an event of a megabyte comes back whole, in a read, in the latest and to a follower', async () => {
      const text = 'ä𝄞"\\'.repeat(200_000)
      const heard: string[] = []
      const stop = subject.store.log.follow(({ entries }) => heard.push(...entries.map((entry) => entry.text)))
      await subject.store.facts.write([note(1), note(2, { data: { text } }), note(3)])
      const events = await eventsAfter(subject.store)
      expect(events.map(({ seq }) => seq)).toEqual([1, 2, 3])
      expect(events[1]?.data['text'] === text).toBe(true)
      const latest = await subject.store.log.latest({ filter: {} }, { limit: 2 })
      expect(latest.entries.map((entry) => entry.text.length > text.length)).toEqual([false, true])
      await eventually('the follower', () => heard.length === 3)
      expect(heard[1] === latest.entries[1]?.text).toBe(true)
      stop()
    })

    test('[ST1] one call is one transaction: at most 1,000 facts', async () => {
      await write(1, 1_000)
      await expect(write(1, 1_001)).rejects.toMatchObject({ code: 'TOO_LARGE' })
      expect(subject.store.log.state().head).toBe(1_000)
      expect(brief(await eventsAfter(subject.store, 999))).toEqual(['sync_progress'])
    })
  })
}
