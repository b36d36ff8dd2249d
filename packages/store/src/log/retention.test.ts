import { expect, test } from 'vitest'
import { openSqliteSubject } from '../contract/sqlite-subject.ts'
import { T0, eventsAfter, keyOf, listAllEmpty, note, put } from '../contract/subject.ts'

const notes = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => note(from + index))

test('[ST44] what is older than retention goes, whoever asks for it is told "lost", and an event says what went', async () => {
  // Notes are a millisecond apart and start at T0: at T0 + 6000 with 1000 ms kept, the first 5000 are too old.
  let subject = await openSqliteSubject({
    retention: { eventsMs: 1_000, eventsMax: 1_000_000, versionsMs: 1_000, versionsPerObject: 20 },
    now: () => T0 + 6_001,
  })
  for (let call = 0; call < 6; call += 1) await subject.store.facts.write(notes(call * 1_000 + 1, call * 1_000 + 1_000))
  const { epoch } = subject.store.log.state()
  const [removed] = await Promise.all([subject.store.control.applyRetention(), subject.store.facts.write([note(6_001)])])
  expect(removed).toEqual({ events: 5_000, versions: 0 })
  const check = async (): Promise<void> => {
    expect(subject.store.log.state()).toEqual({ epoch, head: 6_002, oldest: 5_000 })
    expect(await subject.store.log.read({ epoch, seq: 4_999 }, { filter: {} }, { limit: 1 })).toEqual({
      lost: 'retention',
      oldest: 5_000,
      head: 6_002,
    })
    expect(await subject.store.log.resolve(`${epoch}:17`)).toMatchObject({ lost: 'retention', oldest: 5_000 })
    expect(await subject.store.log.resolve('oldest')).toEqual({ epoch, seq: 5_000 })
    const events = await eventsAfter(subject.store, 5_000)
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: 1_002 }, (_, index) => 5_001 + index))
    const told = events.find(({ event_type: type }) => type === 'retention_applied')
    expect(told).toMatchObject({ scope: 'system', data: { events: 5_000, versions: 0, oldest: 5_000 } })
  }
  await check()
  subject = await subject.reopen()
  await check()
  // Nothing is old any more: nothing is said.
  expect(await subject.store.control.applyRetention()).toEqual({ events: 0, versions: 0 })
  expect(subject.store.log.state().head).toBe(6_002)
  await subject.dispose()
})

test('[ST44] the log is held to a number of events, also when all of them go; the head stays', async () => {
  const subject = await openSqliteSubject({ retention: { eventsMs: 1e9, eventsMax: 100, versionsMs: 1e9, versionsPerObject: 20 } })
  await subject.store.facts.write(notes(1, 1_000))
  expect(await subject.store.control.applyRetention()).toEqual({ events: 900, versions: 0 })
  expect(subject.store.log.state()).toMatchObject({ head: 1_001, oldest: 900 })
  const emptied = await subject.reopen({
    retention: { eventsMs: 0, eventsMax: 0, versionsMs: 0, versionsPerObject: 1 },
    now: () => T0 + 1e9,
  })
  expect(await emptied.store.control.applyRetention()).toEqual({ events: 101, versions: 0 })
  expect(emptied.store.log.state()).toMatchObject({ head: 1_002, oldest: 1_001 })
  const again = await emptied.reopen()
  expect((await again.store.facts.write([note(1)])).head).toBe(1_003)
  await again.dispose()
})

test('[ST44] old versions of objects go by number with each change and by age with retention', async () => {
  const subject = await openSqliteSubject({
    retention: { eventsMs: 1e9, eventsMax: 1e9, versionsMs: 1_000, versionsPerObject: 5 },
    now: () => T0 + 1_009,
  })
  await listAllEmpty(subject.store)
  for (let version = 1; version <= 12; version += 1)
    await subject.store.facts.write([put('Probe', 'a', { size: version }, { version: String(version), observedAt: T0 + version })])
  const kept = async () => (await subject.store.inventory.versions(keyOf('Probe', 'a'), 50)).versions.map(({ version }) => version)
  expect(await kept()).toEqual(['12', '11', '10', '9', '8', '7'])
  expect(await subject.store.control.applyRetention()).toEqual({ events: 0, versions: 2 })
  expect(await kept()).toEqual(['12', '11', '10', '9'])
  await subject.dispose()
})
