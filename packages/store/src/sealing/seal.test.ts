import Sqlite from 'better-sqlite3'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fabricNamed } from '../contract/account-contract.ts'
import { openSqliteSubject } from '../contract/sqlite-subject.ts'
import { createSealing } from './seal.ts'

const OLD = Buffer.alloc(32, 1)
const NEW = Buffer.alloc(32, 2)

test('[ST47] a sealed text opens only with its key, at its place, and unchanged', () => {
  const sealing = createSealing({ current: OLD })
  const sealed = sealing.seal('secret ü', 'fabrics:1')
  expect(sealing.open(sealed, 'fabrics:1')).toBe('secret ü')
  expect(sealing.seal('secret ü', 'fabrics:1')).not.toBe(sealed)
  const unreadable = expect.objectContaining({ code: 'CREDENTIAL_UNREADABLE' }) as Error
  expect(() => sealing.open(sealed, 'fabrics:2')).toThrow(unreadable)
  expect(() => createSealing({ current: NEW }).open(sealed, 'fabrics:1')).toThrow(unreadable)
  expect(createSealing({ current: NEW, previous: OLD }).open(sealed, 'fabrics:1')).toBe('secret ü')
  const [version, id, body = ''] = sealed.split('.')
  for (let index = 0; index < body.length; index += 7) {
    const changed = body.slice(0, index) + (body[index] === 'A' ? 'B' : 'A') + body.slice(index + 1)
    expect(() => sealing.open([version, id, changed].join('.'), 'fabrics:1'), `letter ${index}`).toThrow(unreadable)
  }
  for (const text of ['', 'v1', 'v1..', 'v2.x.y', `v1.${id}.`, `v1.${id}.AAAA`])
    expect(() => sealing.open(text, 'fabrics:1'), text).toThrow(unreadable)
})

test('[ST48] a credential stands nowhere in database, WAL and backup, in no common writing; the search would find it', async () => {
  const subject = await openSqliteSubject()
  const { fabrics, control } = subject.store
  const marker = 'MARKER-of-a-cluster-token-4711'
  const writings = (text: string): string[] => [
    text,
    Buffer.from(text).toString('base64').slice(2, -4),
    Buffer.from(text).toString('hex'),
    encodeURIComponent(text),
  ]
  await fabrics.create(fabricNamed('f'), { token: marker, clientKey: marker, password: marker })
  await fabrics.update(1, { description: 'CONTROL-that-must-be-found' }, { token: `${marker}-2` })
  const search = (text: string): string[] =>
    readdirSync(subject.folder).filter((file) => {
      const bytes = readFileSync(join(subject.folder, file))
      return writings(text).some((writing) => bytes.includes(writing))
    })
  expect(search('CONTROL-that-must-be-found').length).toBeGreaterThan(0)
  expect(search(marker)).toEqual([])
  await control.backup(join(subject.folder, 'backup.db'))
  expect(search('CONTROL-that-must-be-found')).toContain('backup.db')
  expect(search(marker)).toEqual([])
  await subject.dispose()
})

test('[ST48] a credential moved to another row or destination inside the database is unreadable, and the error does not tell it', async () => {
  const subject = await openSqliteSubject()
  await subject.store.fabrics.create(fabricNamed('a'), { token: 'token-a' })
  await subject.store.fabrics.create(fabricNamed('b'), { token: 'token-b' })
  await subject.store.control.close()
  const database = new Sqlite(subject.path)
  database.exec('UPDATE fabrics SET secret = (SELECT secret FROM fabrics WHERE id = 1) WHERE id = 2')
  database.exec(`UPDATE fabrics SET connection = json_set(connection, '$.server', 'https://127.0.0.9:6443') WHERE id = 1`)
  database.close()
  const moved = await subject.reopen()
  for (const id of [1, 2]) {
    const error = (await moved.store.fabrics.secret(id).catch((reason: unknown) => reason)) as Error
    expect(error).toMatchObject({ code: 'CREDENTIAL_UNREADABLE' })
    expect(error.message).not.toContain('token')
  }
  // It can be given again.
  await moved.store.fabrics.update(1, {}, { token: 'again' })
  expect(await moved.store.fabrics.secret(1)).toEqual({ token: 'again' })
  await moved.dispose()
})

test('[ST47] after a rotation the previous key still opens; without it the credential is unreadable and everything else goes on', async () => {
  const subject = await openSqliteSubject({ keys: { current: OLD } })
  await subject.store.fabrics.create(fabricNamed('a'), { token: 'token-a' })
  const rotated = await subject.reopen({ keys: { current: NEW, previous: OLD } })
  expect(await rotated.store.fabrics.secret(1)).toEqual({ token: 'token-a' })
  const lost = await rotated.reopen({ keys: { current: NEW } })
  await expect(lost.store.fabrics.secret(1)).rejects.toMatchObject({ code: 'CREDENTIAL_UNREADABLE' })
  expect((await lost.store.fabrics.all()).map(({ hasSecret }) => hasSecret)).toEqual([true])
  await lost.dispose()
})
