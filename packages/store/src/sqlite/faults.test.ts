import Sqlite from 'better-sqlite3'
import { closeSync, openSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteSubject, testOptions } from '../contract/sqlite-subject.ts'
import { GROUP, SCOPE, T0, eventsAfter, listAllEmpty, listed, note, put } from '../contract/subject.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

test('[ST40] a full disk fails callers with its cause and loses nothing acknowledged; with space back writing goes on', async () => {
  const subject = await openSqliteSubject({ maxPages: 250 })
  const { store } = subject
  try {
    await listAllEmpty(store)
    const text = 'x'.repeat(4_000)
    let acknowledged = 0
    const refusals: unknown[] = []
    for (let n = 1; refusals.length === 0 && n < 10_000; n += 1) {
      await store.facts.write([put('Probe', `p${n}`, { size: n, text }), note(n)]).then(
        () => (acknowledged = n),
        (error: unknown) => refusals.push(error),
      )
    }
    expect(refusals[0]).toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('full') as string })
    expect(acknowledged).toBeGreaterThan(20)
    expect(await store.control.health()).toMatchObject({ ok: false, cause: { code: 'STORE_UNAVAILABLE' }, head: acknowledged * 2 })
    // Reading goes on and shows exactly what was acknowledged.
    const { rows } = await store.inventory.list({ scopes: [SCOPE], group: GROUP, kind: 'Probe', limit: 1_000 })
    expect(rows.length).toBe(acknowledged)
    expect((await eventsAfter(store)).length).toBe(acknowledged * 2)
    // Space comes back.
    await store.facts.write([{ fact: 'forget', scope: SCOPE, observedAt: T0 }])
    expect(await store.facts.write([note(1)])).toEqual({ head: acknowledged * 2 + 1 })
    expect(await store.control.health()).toMatchObject({ ok: true, cause: null })
  } finally {
    await subject.dispose()
  }
})

test('[ST40] on a full disk the audit log refuses and its chain still holds', async () => {
  const subject = await openSqliteSubject({ maxPages: 120 })
  const { audit } = subject.store
  try {
    let rows = 0
    const refusals: unknown[] = []
    for (let n = 1; refusals.length === 0 && n < 10_000; n += 1) {
      const entry = {
        at: T0,
        actor: 'a',
        action: 'x',
        target: null,
        outcome: 'ok' as const,
        address: null,
        detail: { text: 'x'.repeat(4_000) },
      }
      await audit.append(entry).then(
        () => (rows += 1),
        (error: unknown) => refusals.push(error),
      )
    }
    expect(refusals[0]).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await audit.verify()).toEqual({ rows, brokenAt: null })
  } finally {
    await subject.dispose()
  }
})

test('[ST41] a damaged file is refused at opening, with the code that names the remedy', async () => {
  const subject = await openSqliteSubject()
  await subject.store.facts.write(
    listed(
      'Probe',
      Array.from({ length: 200 }, (_, index) => put('Probe', `p${index}`, { text: 'x'.repeat(500) })),
    ),
  )
  await subject.store.control.close()
  const { size } = statSync(subject.path)
  const file = openSync(subject.path, 'r+')
  for (let page = 3; page * 4_096 < size; page += 2) writeSync(file, Buffer.alloc(4_096, 0x5a), 0, 4_096, page * 4_096)
  closeSync(file)
  await expect(openSqliteStore(testOptions(subject.path))).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  const other = join(subject.folder, 'not-a-database')
  writeFileSync(other, 'this is a text and no database, and it is long enough to be taken for a header of one. '.repeat(100))
  await expect(openSqliteStore(testOptions(other))).rejects.toMatchObject({ code: 'STORE_CORRUPT' })
  await expect(openSqliteStore(testOptions(join(subject.folder, 'no', 'such', 'folder', 'store.db')))).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  })
  await subject.dispose()
})

test('[ST41] a log that does not end where its head says is refused', async () => {
  const subject = await openSqliteSubject()
  await subject.store.facts.write([note(1), note(2), note(3)])
  await subject.store.control.close()
  const database = new Sqlite(subject.path)
  database.exec('DELETE FROM log WHERE seq = 3')
  database.close()
  await expect(openSqliteStore(testOptions(subject.path))).rejects.toMatchObject({
    code: 'STORE_CORRUPT',
    message: expect.stringContaining('3') as string,
  })
  await subject.dispose()
})

test('[ST42] when the writer dies everybody who waits is told, health says why, and reading goes on', async () => {
  const subject = await openSqliteSubject({ projector: new URL('../contract/exiting-projector.ts', import.meta.url) })
  const { store } = subject
  try {
    await listAllEmpty(store)
    await store.facts.write([put('Probe', 'a')])
    const waiting = [
      store.facts.write([put('Probe', 'exit')]),
      store.facts.write([note(1)]),
      store.accounts.users(),
      store.control.applyRetention(),
    ]
    const answers = await Promise.allSettled(waiting)
    expect(answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as { code: string }).code : answer.status))).toEqual(
      waiting.map(() => 'STORE_UNAVAILABLE'),
    )
    await expect(store.facts.write([note(2)])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await store.control.health()).toMatchObject({ ok: false, cause: { code: 'STORE_UNAVAILABLE' }, pendingFacts: 0, head: 1 })
    expect((await eventsAfter(store)).map(({ event_type: type }) => type)).toEqual(['cr_created'])
  } finally {
    await subject.dispose()
  }
})

test('[ST42] the way to the writer is bounded: what waits is counted and never grows past the limit', async () => {
  const subject = await openSqliteSubject()
  const { store } = subject
  try {
    const calls = Array.from({ length: 60 }, (_, call) =>
      store.facts.write(Array.from({ length: 1_000 }, (_note, index) => note(call * 1_000 + index))),
    )
    let most = 0
    const watch = setInterval(() => void store.control.health().then(({ pendingFacts }) => (most = Math.max(most, pendingFacts))), 1)
    expect((await store.control.health()).pendingFacts).toBeGreaterThan(0)
    await Promise.all(calls)
    clearInterval(watch)
    expect(most).toBeGreaterThan(1_000)
    expect(most).toBeLessThanOrEqual(20_000)
    expect(store.log.state().head).toBe(60_000)
    expect((await store.control.health()).pendingFacts).toBe(0)
    expect((await eventsAfter(store)).map(({ data }) => data['n'])).toEqual(Array.from({ length: 60_000 }, (_, index) => index))
  } finally {
    await subject.dispose()
  }
})
