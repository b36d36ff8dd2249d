import Sqlite from 'better-sqlite3'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { openSqliteSubject } from '../contract/sqlite-subject.ts'
import { eventsAfter, listAllEmpty } from '../contract/subject.ts'

const PROCESS = fileURLToPath(new URL('../contract/appending-process.ts', import.meta.url))

test('[ST39] kill -9 twenty times under appends: nothing acknowledged is lost, no number is missing, the file is whole', async () => {
  const subject = await openSqliteSubject()
  await listAllEmpty(subject.store)
  const { epoch } = subject.store.log.state()
  await subject.store.control.close()
  const acknowledged: number[] = []
  for (let kill = 0; kill < 20; kill += 1) {
    const child = spawn(process.execPath, ['--conditions=@binnacle/source', PROCESS, subject.path, String(kill * 100_000)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const exited = once(child, 'exit')
    let seen = 0
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(Number(line))
      seen += 1
      // Killed after another number of answers each time, so that it falls into every part of a commit.
      if (seen === 20 + kill * 17) child.kill('SIGKILL')
    }
    expect(await exited).toEqual([null, 'SIGKILL'])
  }
  expect(acknowledged.length).toBeGreaterThan(20 * 20)
  const again = await subject.reopen()
  try {
    expect(again.store.log.state().epoch).toBe(epoch)
    const events = await eventsAfter(again.store)
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
    const kept = new Set(events.map(({ data }) => data['n']))
    expect(acknowledged.filter((n) => !kept.has(n))).toEqual([])
    // Log and tables tell the same: each probe is as its last event says.
    const last = new Map(events.filter(({ subject: of }) => of !== null).map(({ subject: of, data }) => [of?.name, data['row']]))
    const { rows } = await again.store.inventory.list({ scopes: ['fabric/1'], group: 'contract.test', kind: 'Probe', limit: 100 })
    expect(rows.length).toBe(50)
    for (const { key, row } of rows) expect(row).toEqual(last.get(key.name))
  } finally {
    await again.store.control.close()
  }
  const database = new Sqlite(subject.path, { readonly: true })
  expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
  database.close()
  await again.dispose()
}, 180_000)
