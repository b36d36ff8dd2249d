import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openSqliteSubject, testOptions } from '../contract/sqlite-subject.ts'
import { GROUP, SCOPE, eventsAfter, listAllEmpty, note, put } from '../contract/subject.ts'
import { SCHEMA_VERSION, migrate } from './migrations.ts'
import { openSqliteStore } from './open-sqlite-store.ts'

const schemaOf = (database: Sqlite.Database): unknown =>
  database.prepare("SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY name").all()

test('[ST43] every step of the schema goes forward and back to exactly the same schema', () => {
  const database = new Sqlite(':memory:')
  const schemas: unknown[] = []
  for (let version = 0; version <= SCHEMA_VERSION; version += 1) {
    migrate(database, version)
    schemas.push(schemaOf(database))
  }
  expect(SCHEMA_VERSION).toBeGreaterThanOrEqual(3)
  for (let version = SCHEMA_VERSION; version >= 0; version -= 1) {
    migrate(database, version)
    expect(schemaOf(database), `schema ${version}`).toEqual(schemas[version])
  }
  expect(schemas[0]).toEqual([])
  database.close()
})

test('[ST43] a step back keeps what the older schema knows, and forward again the store works on', async () => {
  const subject = await openSqliteSubject()
  await listAllEmpty(subject.store)
  await subject.store.facts.write([put('Probe', 'a', { size: 1 }), note(1), put('Probe', 'bad', { poison: 'put' })])
  await subject.store.control.close()
  const database = new Sqlite(subject.path)
  migrate(database, SCHEMA_VERSION - 1)
  expect(database.prepare('SELECT count(*) FROM log').pluck().get()).toBe(3)
  expect(database.prepare('SELECT name FROM objects').pluck().all()).toEqual(['a'])
  database.close()
  const again = await subject.reopen()
  expect((await eventsAfter(again.store)).map(({ event_type: type }) => type)).toEqual(['cr_created', 'sync_progress', 'cr_quarantined'])
  expect((await again.store.inventory.list({ scopes: [SCOPE], group: GROUP, kind: 'Probe', limit: 10 })).rows[0]?.row['size']).toBe(1)
  expect((await again.store.facts.write([note(2)])).head).toBe(4)
  await again.dispose()
})

test('[ST43] a step that fails leaves the schema as it was', () => {
  const database = new Sqlite(':memory:')
  migrate(database, 1)
  database.exec('CREATE TABLE audit (x)') // in the way of step 2, whose first tables are made before it
  const before = schemaOf(database)
  expect(() => migrate(database)).toThrow(/audit/)
  expect(schemaOf(database)).toEqual(before)
  expect(database.pragma('user_version', { simple: true })).toBe(1)
  database.close()
})

test('[ST43] a database of a newer program is refused and not touched', async () => {
  const subject = await openSqliteSubject()
  await subject.store.control.close()
  const database = new Sqlite(subject.path)
  database.pragma(`user_version = ${SCHEMA_VERSION + 1}`)
  database.close()
  await expect(openSqliteStore(testOptions(subject.path))).rejects.toMatchObject({ code: 'STORE_TOO_NEW' })
  const after = new Sqlite(subject.path, { readonly: true })
  expect(after.pragma('user_version', { simple: true })).toBe(SCHEMA_VERSION + 1)
  after.close()
  await subject.dispose()
})
