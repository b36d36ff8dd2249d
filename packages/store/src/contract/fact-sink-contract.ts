import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BinnacleEvent } from '@binnacle/protocol'
import {
  GROUP,
  SCOPE,
  T0,
  brief,
  eventsAfter,
  gone,
  keyOf,
  listAllEmpty,
  listed,
  listing,
  note,
  put,
  signal,
  type ContractSubject,
  type OpenSubject,
} from './subject.ts'

/** Registers the tests that every fact sink has to pass: what a fact does to rows and log. */
export function factSinkContract(name: string, open: OpenSubject): void {
  describe(`facts into ${name}`, () => {
    let subject: ContractSubject
    beforeEach(async () => {
      subject = await open()
    })
    afterEach(() => subject.dispose())
    const write = (...facts: Parameters<typeof subject.store.facts.write>[0]) => subject.store.facts.write(facts)
    const rowsOf = async (kind: string) => (await subject.store.inventory.list({ scopes: [SCOPE], group: GROUP, kind, limit: 100 })).rows
    const namesOf = async (kind: string) => (await rowsOf(kind)).map(({ key }) => key.name)
    const statusOf = async (kind: string, of: string) => (await subject.store.inventory.get(keyOf(kind, of))).object?.derived?.status
    /** The events that `act` led to. */
    const eventsOf = async (act: () => Promise<unknown>): Promise<BinnacleEvent[]> => {
      const { head } = subject.store.log.state()
      await act()
      return eventsAfter(subject.store, head)
    }

    test('[ST10] a put that repeats uid, version and content writes nothing', async () => {
      await listAllEmpty(subject.store)
      expect(brief(await eventsOf(() => write(put('Probe', 'a', { size: 1 }))))).toEqual(['cr_created Probe/a'])
      expect(await eventsOf(() => write(put('Probe', 'a', { size: 1 })))).toEqual([])
      subject = await subject.reopen()
      expect(await eventsOf(() => write(put('Probe', 'a', { size: 1 })))).toEqual([])
    })

    test('[ST10] a restored etcd repeats version numbers: other content under the same version is a change', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'a', { size: 1 }))
      expect(brief(await eventsOf(() => write(put('Probe', 'a', { size: 2 }))))).toEqual(['cr_updated Probe/a'])
      expect((await rowsOf('Probe'))[0]?.row['size']).toBe(2)
    })

    test('[ST10] for a quiet kind an unchanged document is no change, whatever its version', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'a', { size: 1 }, { quiet: true }))
      expect(await eventsOf(() => write(put('Probe', 'a', { size: 1 }, { quiet: true, version: '2' })))).toEqual([])
      expect(brief(await eventsOf(() => write(put('Probe', 'a', { size: 2 }, { quiet: true, version: '3' }))))).toEqual([
        'cr_updated Probe/a',
      ])
    })

    test('[ST11] each version that the watch delivers is exactly one event, within one call too', async () => {
      await listAllEmpty(subject.store)
      const versions = ['1', '2', '3', '4']
      const events = await eventsOf(() => write(...versions.map((version) => put('Probe', 'a', { size: 1 }, { version }))))
      expect(brief(events)).toEqual(['cr_created Probe/a', 'cr_updated Probe/a', 'cr_updated Probe/a', 'cr_updated Probe/a'])
      expect(events.map(({ data }) => data['resource_version'])).toEqual(versions)
      const { object } = await subject.store.inventory.get(keyOf('Probe', 'a'))
      expect([object?.version, object?.changedSeq]).toEqual(['4', events.at(-1)?.seq])
    })

    test('[ST12] another uid is another object: its predecessor is deleted first, two events', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'a', { size: 1 }, { uid: 'one' }))
      const events = await eventsOf(() => write(put('Probe', 'a', { size: 1 }, { uid: 'two' })))
      expect(events.map(({ event_type: type, subject: of }) => [type, of?.uid])).toEqual([
        ['cr_deleted', 'one'],
        ['cr_created', 'two'],
      ])
      expect((await rowsOf('Probe')).map(({ uid }) => uid)).toEqual(['two'])
    })

    test('[ST12] a late deletion of the predecessor does not delete its successor; an unknown deletion is nothing', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'a', {}, { uid: 'two' }))
      expect(await eventsOf(() => write(gone('Probe', 'a', { uid: 'one' }), gone('Probe', 'b')))).toEqual([])
      expect(brief(await eventsOf(() => write(gone('Probe', 'a', { uid: 'two' }))))).toEqual(['cr_deleted Probe/a'])
      expect(await namesOf('Probe')).toEqual([])
    })

    test('[ST13] the first listing of a kind writes rows and no events; before its end the kind does not count as listed', async () => {
      await write(listing('Probe', 'begin', 'l1'), put('Probe', 'a', {}, { listing: 'l1' }), put('Probe', 'b', {}, { listing: 'l1' }))
      const during = await subject.store.inventory.counts(SCOPE)
      expect(during.kinds.find(({ kind }) => kind === 'Probe')?.listed ?? false).toBe(false)
      await write(listing('Probe', 'end', 'l1', { count: 2, observedAt: T0 + 5 }), note(1, { event_type: 'sync_completed' }))
      expect(brief(await eventsAfter(subject.store))).toEqual(['sync_completed'])
      const after = await subject.store.inventory.counts(SCOPE)
      expect(after.kinds).toMatchObject([{ group: GROUP, kind: 'Probe', objects: 2, listed: true, listedAt: T0 + 5 }])
      expect(brief(await eventsOf(() => write(put('Probe', 'c'))))).toEqual(['cr_created Probe/c'])
    })

    test('[ST14] rows that a complete listing did not name are deleted, as catch-up; the others differ by at most one event', async () => {
      await write(...listed('Probe', [put('Probe', 'a'), put('Probe', 'b'), put('Probe', 'c')]))
      subject = await subject.reopen() // our own downtime
      const events = await eventsOf(() =>
        write(...listed('Probe', [put('Probe', 'a'), put('Probe', 'c', { size: 7 }, { version: '9' }), put('Probe', 'd')], 'l2')),
      )
      expect(brief(events).sort()).toEqual(['cr_created Probe/d', 'cr_deleted Probe/b', 'cr_updated Probe/c'])
      expect(events.map(({ metadata }) => metadata.catch_up)).toEqual([true, true, true])
      expect(await namesOf('Probe')).toEqual(['a', 'c', 'd'])
    })

    test('[ST14] a listing sweeps its own scope and kind only', async () => {
      await write(...listed('Probe', [put('Probe', 'a')]), ...listed('Lamp', [put('Lamp', 'a')]))
      const other = listed('Probe', [put('Probe', 'z')]).map((fact) =>
        'key' in fact ? { ...fact, key: { ...fact.key, scope: 'fabric/2' as const } } : { ...fact, scope: 'fabric/2' as const },
      )
      await subject.store.facts.write(other)
      await write(...listed('Probe', [], 'l2'))
      expect([await namesOf('Probe'), await namesOf('Lamp')]).toEqual([[], ['a']])
      expect((await subject.store.inventory.counts('fabric/2')).kinds.map(({ objects }) => objects)).toEqual([1])
    })

    test('[ST14] a listing may come in many calls beside those of other kinds', async () => {
      await write(...listed('Probe', [put('Probe', 'old')]))
      await write(listing('Probe', 'begin', 'l2'))
      await Promise.all([
        ...Array.from({ length: 20 }, (_, index) => write(put('Probe', `p${index}`, {}, { listing: 'l2' }))),
        write(...listed('Lamp', [put('Lamp', 'a')])),
      ])
      await write(listing('Probe', 'end', 'l2', { count: 20 }))
      expect((await namesOf('Probe')).length).toBe(20)
      expect(await namesOf('Probe')).not.toContain('old')
    })

    test('[ST15] an aborted or forgotten listing deletes nothing, and neither does one that a newer replaced', async () => {
      await write(...listed('Probe', [put('Probe', 'a'), put('Probe', 'b')]))
      await write(listing('Probe', 'begin', 'l2'), put('Probe', 'a', {}, { listing: 'l2' }), listing('Probe', 'abort', 'l2'))
      expect(await namesOf('Probe')).toEqual(['a', 'b'])
      await write(listing('Probe', 'begin', 'l3'), listing('Probe', 'begin', 'l4'), put('Probe', 'a', {}, { listing: 'l3' }))
      await write(listing('Probe', 'end', 'l3')).catch(() => undefined) // it may be refused; what counts is what it did
      expect(await namesOf('Probe')).toEqual(['a', 'b'])
      await write(listing('Probe', 'begin', 'l5'))
      subject = await subject.reopen()
      await write(listing('Probe', 'end', 'l5')).catch(() => undefined)
      expect(await namesOf('Probe')).toEqual(['a', 'b'])
    })

    test('[ST15] when the source counted other than we did nothing is swept, and the call says so', async () => {
      await write(...listed('Probe', [put('Probe', 'a'), put('Probe', 'b')]))
      await write(listing('Probe', 'begin', 'l2'), put('Probe', 'a', { size: 5 }, { listing: 'l2', version: '2' }))
      await expect(write(listing('Probe', 'end', 'l2', { count: 2 }))).rejects.toMatchObject({ code: 'CONFLICT' })
      expect(await namesOf('Probe')).toEqual(['a', 'b'])
      await write(...listed('Probe', [put('Probe', 'a', { size: 5 }, { version: '2' })], 'l3'))
      expect(await namesOf('Probe')).toEqual(['a'])
    })

    test('[ST15] a refused call leaves listings of others under way as they are', async () => {
      await write(...listed('Probe', [put('Probe', 'old')]), ...listed('Lamp', [put('Lamp', 'old')]))
      await write(listing('Probe', 'begin', 'p2'), put('Probe', 'a', {}, { listing: 'p2' }))
      const answers = await Promise.allSettled([
        write(put('Probe', 'b', {}, { listing: 'p2' })),
        write(listing('Lamp', 'begin', 'm2'), listing('Lamp', 'end', 'm2', { count: 3 })),
        write(put('Probe', 'c', {}, { listing: 'p2' })),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      await write(listing('Probe', 'end', 'p2', { count: 3 }))
      expect([await namesOf('Probe'), await namesOf('Lamp')]).toEqual([['a', 'b', 'c'], ['old']])
    })

    test('[ST16] a derived status follows its neighbours, however many steps away, in the same transaction', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'p', { on: true }), put('Lamp', 'l', { refs: ['Probe/p'] }), put('Panel', 'n', { refs: ['Lamp/l'] }))
      expect([await statusOf('Lamp', 'l'), await statusOf('Panel', 'n')]).toEqual(['lit', 'lit'])
      const events = await eventsOf(() => write(put('Probe', 'p', { on: false }, { version: '2' })))
      expect(brief(events)).toEqual(['cr_updated Probe/p', 'cr_status_changed Lamp/l lit→dark', 'cr_status_changed Panel/n lit→dark'])
      expect(await statusOf('Panel', 'n')).toBe('dark')
      expect((await subject.store.inventory.get(keyOf('Lamp', 'l'))).object?.derived).toMatchObject({
        from: [{ kind: 'Probe', name: 'p', fact: 'failed' }],
      })
    })

    test('[ST16] a neighbour that goes, comes back or is referred to no longer moves the status too', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'p', { on: true }), put('Lamp', 'l', { refs: ['Probe/p'] }))
      expect(brief(await eventsOf(() => write(gone('Probe', 'p'))))).toEqual(['cr_deleted Probe/p', 'cr_status_changed Lamp/l lit→unknown'])
      expect(brief(await eventsOf(() => write(put('Probe', 'p', { on: true }, { uid: 'again' }))))).toEqual([
        'cr_created Probe/p',
        'cr_status_changed Lamp/l unknown→lit',
      ])
      expect(brief(await eventsOf(() => write(put('Lamp', 'l', {}, { version: '2' }))))).toEqual([
        'cr_updated Lamp/l',
        'cr_status_changed Lamp/l lit→unknown',
      ])
    })

    test('[ST16] a status that did not change is no event, and neither is the first one an object gets', async () => {
      await listAllEmpty(subject.store)
      const first = await eventsOf(() => write(put('Probe', 'p', { on: true }), put('Lamp', 'l', { refs: ['Probe/p'] })))
      expect(brief(first)).toEqual(['cr_created Probe/p', 'cr_created Lamp/l'])
      expect(brief(await eventsOf(() => write(put('Probe', 'p', { on: true, size: 3 }, { version: '2' }))))).toEqual(['cr_updated Probe/p'])
    })

    test('[ST17] a signal is kept with its object, moves the status, and says nothing when repeated', async () => {
      await listAllEmpty(subject.store)
      await write(put('Probe', 'p', { on: true }), put('Lamp', 'l', { refs: ['Probe/p'] }))
      expect(brief(await eventsOf(() => write(signal('Lamp', 'l', 'silent'))))).toEqual(['cr_status_changed Lamp/l lit→dark'])
      expect(await eventsOf(() => write(signal('Lamp', 'l', 'silent')))).toEqual([])
      subject = await subject.reopen()
      expect((await subject.store.inventory.get(keyOf('Lamp', 'l'))).object?.signals).toEqual({ pulse: { value: 'silent', since: T0 } })
      expect(await eventsOf(() => write(signal('Lamp', 'nobody', 'silent')))).toEqual([])
      expect(brief(await eventsOf(() => write(signal('Lamp', 'l', 'beating'))))).toEqual(['cr_status_changed Lamp/l dark→lit'])
    })

    test('[ST18] first listings derive every status, in whatever order the kinds are listed, without events', async () => {
      await write(...listed('Panel', [put('Panel', 'n', { refs: ['Lamp/l'] })]))
      await write(...listed('Lamp', [put('Lamp', 'l', { refs: ['Probe/p'] })]))
      expect([await statusOf('Lamp', 'l'), await statusOf('Panel', 'n')]).toEqual(['unknown', 'unknown'])
      await write(...listed('Probe', [put('Probe', 'p', { on: true })]))
      expect([await statusOf('Lamp', 'l'), await statusOf('Panel', 'n')]).toEqual(['lit', 'lit'])
      expect(await eventsAfter(subject.store)).toEqual([])
    })

    test('[ST18] a status that waited for the first listing of another kind is derived again at its end, and what hangs on it', async () => {
      await write(...listed('Panel', [put('Panel', 'n', { refs: ['Lamp/l'] })]))
      await write(...listed('Lamp', [put('Lamp', 'l', { spare: true })]))
      expect([await statusOf('Lamp', 'l'), await statusOf('Panel', 'n')]).toEqual(['unknown', 'unknown'])
      subject = await subject.reopen()
      expect(await statusOf('Lamp', 'l')).toBe('unknown')
      await write(...listed('Probe', []))
      expect([await statusOf('Lamp', 'l'), await statusOf('Panel', 'n')]).toEqual(['spare', 'lit'])
      expect(await eventsAfter(subject.store)).toEqual([])
    })

    test('[ST18] a listing that is refused proves nothing about what there is', async () => {
      await write(...listed('Lamp', [put('Lamp', 'l', { spare: true })]))
      await expect(write(listing('Probe', 'begin', 'p'), listing('Probe', 'end', 'p', { count: 1 }))).rejects.toMatchObject({
        code: 'CONFLICT',
      })
      expect(await statusOf('Lamp', 'l')).toBe('unknown')
      await write(put('Lamp', 'm', { spare: true }))
      expect(await statusOf('Lamp', 'm')).toBe('unknown')
    })

    test('[ST14] objects that are there but could not be read keep their rows, and only those', async () => {
      await write(...listed('Probe', [put('Probe', 'a'), put('Probe', 'b'), put('Probe', 'c')]))
      const keep = [
        { namespace: 'default', name: 'b' },
        { namespace: 'elsewhere', name: 'c' },
        { namespace: 'default', name: 'never-seen' },
      ]
      const events = await eventsOf(() =>
        write(listing('Probe', 'begin', 'l2'), put('Probe', 'a', {}, { listing: 'l2' }), listing('Probe', 'end', 'l2', { count: 1, keep })),
      )
      expect(brief(events)).toEqual(['cr_deleted Probe/c'])
      expect(await namesOf('Probe')).toEqual(['a', 'b'])
      expect(brief(await eventsOf(() => write(...listed('Probe', [put('Probe', 'a')], 'l3'))))).toEqual(['cr_deleted Probe/b'])
    })

    test('[ST14] the end of a listing tells whether it was the first ever and how many rows differed', async () => {
      const { listings: first } = await write(...listed('Probe', [put('Probe', 'a'), put('Probe', 'b'), put('Probe', 'c')], 'l1'))
      expect(first).toEqual([{ listing: 'l1', first: true, differences: 3 }])
      expect((await write(put('Probe', 'c', { size: 1 }, { version: '2' }))).listings).toBeUndefined()
      subject = await subject.reopen()
      await write(listing('Probe', 'begin', 'l2'), put('Probe', 'a', { size: 9 }, { listing: 'l2', version: '3' }))
      const answers = await Promise.allSettled([
        write(put('Probe', 'd', {}, { listing: 'l2' })),
        write(listing('Probe', 'end', 'never-begun')),
        write(put('Probe', 'c', { size: 1 }, { listing: 'l2', version: '2' })),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
      const { listings: second } = await write(listing('Probe', 'end', 'l2', { count: 3 }))
      expect(second).toEqual([{ listing: 'l2', first: false, differences: 3 }])
      expect((await write(...listed('Probe', [], 'l3'), ...listed('Lamp', [], 'm1'))).listings).toEqual([
        { listing: 'l3', first: false, differences: 3 },
        { listing: 'm1', first: true, differences: 0 },
      ])
    })

    test('[ST19] an object that cannot be projected is set aside visibly; its neighbours go on, also after opening again', async () => {
      await listAllEmpty(subject.store)
      const events = await eventsOf(() =>
        write(
          put('Probe', 'a'),
          put('Probe', 'bad', { poison: 'put' }),
          { ...put('Probe', 'torn'), document: '{"spec":' },
          put('Probe', 'z'),
        ),
      )
      expect(brief(events)).toEqual(['cr_created Probe/a', 'cr_quarantined Probe/bad', 'cr_quarantined Probe/torn', 'cr_created Probe/z'])
      expect(events[1]?.data['cause']).toMatchObject({ code: 'OBJECT_MALFORMED' })
      subject = await subject.reopen()
      expect(await namesOf('Probe')).toEqual(['a', 'z'])
      expect(brief(await eventsOf(() => write(put('Probe', 'bad', {}, { version: '2' }))))).toEqual(['cr_created Probe/bad'])
    })

    test('[ST19] a quarantined object is told once, not with every listing; it counts as listed and keeps its last good row', async () => {
      await write(...listed('Probe', [put('Probe', 'a'), put('Probe', 'b')]))
      const poisoned = [put('Probe', 'a', { poison: 'put' }, { version: '2' }), put('Probe', 'b')]
      expect(brief(await eventsOf(() => write(...listed('Probe', poisoned, 'l2'))))).toEqual(['cr_quarantined Probe/a'])
      expect(await namesOf('Probe')).toEqual(['a', 'b'])
      subject = await subject.reopen()
      expect(await eventsOf(() => write(...listed('Probe', poisoned, 'l3')))).toEqual([])
      expect(brief(await eventsOf(() => write(...listed('Probe', [put('Probe', 'b')], 'l4'))))).toEqual(['cr_deleted Probe/a'])
    })

    test('[ST19] poison in a deletion or a status is set aside as well: the row goes, the status is unknown', async () => {
      await listAllEmpty(subject.store)
      await write(
        put('Probe', 'p', { on: true, poison: 'gone' }),
        put('Lamp', 'l', { refs: ['Probe/p'], poison: 'derive' }),
        put('Lamp', 'm', { refs: ['Probe/p'], poison: 'affected' }),
      )
      expect([await statusOf('Lamp', 'l'), await statusOf('Lamp', 'm')]).toEqual(['unknown', 'lit'])
      const events = await eventsOf(() => write(gone('Probe', 'p'), put('Probe', 'q')))
      expect(brief(events)).toEqual(['cr_quarantined Probe/p', 'cr_created Probe/q', 'cr_status_changed Lamp/m lit→unknown'])
      expect(await namesOf('Probe')).toEqual(['q'])
    })

    test('[ST20] what is forgotten leaves no row, no version and no listing behind, and no event each', async () => {
      await write(...listed('Probe', [put('Probe', 'a')]), ...listed('Lamp', [put('Lamp', 'a')]))
      await write(put('Probe', 'a', { size: 2 }, { version: '2' }))
      const events = await eventsOf(() => write({ fact: 'forget', scope: SCOPE, kind: { group: GROUP, kind: 'Probe' }, observedAt: T0 }))
      expect(events).toEqual([])
      expect([await namesOf('Probe'), await namesOf('Lamp')]).toEqual([[], ['a']])
      expect((await subject.store.inventory.versions(keyOf('Probe', 'a'), 10)).versions).toEqual([])
      await write({ fact: 'forget', scope: SCOPE, observedAt: T0 })
      expect((await subject.store.inventory.counts(SCOPE)).kinds).toEqual([])
      await write(...listed('Probe', [put('Probe', 'a')], 'again'))
      expect(await eventsAfter(subject.store, subject.store.log.state().head)).toEqual([])
      expect(await namesOf('Probe')).toEqual(['a'])
    })

    test('[ST21] of the calls of one commit only the faulty one fails, and the others keep their order', async () => {
      const answers = await Promise.allSettled([
        write(note(1)),
        write(listing('Probe', 'end', 'never-begun')),
        write(note(2)),
        write(note(3)),
      ])
      expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
      const events = await eventsAfter(subject.store)
      expect(events.map(({ seq, data }) => [seq, data['n']])).toEqual([
        [1, 1],
        [2, 2],
        [3, 3],
      ])
    })
  })
}
