import Sqlite from 'better-sqlite3'
import { expect, test } from 'vitest'
import { openSqliteSubject } from '../contract/sqlite-subject.ts'
import { T0 } from '../contract/subject.ts'

test.each([
  ['changed', "UPDATE audit SET actor = 'eve' WHERE id = 5", 5],
  ['changed in detail', `UPDATE audit SET detail = '{"n":99}' WHERE id = 5`, 5],
  ['removed', 'DELETE FROM audit WHERE id = 5', 6],
  ['swapped', 'UPDATE audit SET id = -id WHERE id IN (5, 6); UPDATE audit SET id = 11 + id WHERE id < 0', 5],
  ['forged', `INSERT INTO audit SELECT 11, at, actor, action, target, outcome, address, detail, chain FROM audit WHERE id = 10`, 11],
])('[ST36] a row of the audit log that was %s is found', async (_how, sql, brokenAt) => {
  const subject = await openSqliteSubject()
  for (let n = 1; n <= 10; n += 1)
    await subject.store.audit.append({
      at: T0 + n,
      actor: 'anna',
      action: 'a',
      target: null,
      outcome: 'refused',
      address: null,
      detail: { n },
    })
  await subject.store.control.close()
  const database = new Sqlite(subject.path)
  database.exec(sql)
  database.close()
  const again = await subject.reopen()
  expect(await again.store.audit.verify()).toMatchObject({ brokenAt })
  await again.dispose()
})
