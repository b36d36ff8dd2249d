import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqliteSubject, testOptions } from '../contract/sqlite-subject.ts'
import { T0, eventsAfter, listAllEmpty, note, put } from '../contract/subject.ts'
import { openSqliteStore } from './open-sqlite-store.ts'
import { KEY_GENERATION, restoreBackup } from './restore-backup.ts'

test('[ST45] a backup is taken while writes go on, and is whole', async () => {
  const subject = await openSqliteSubject()
  await listAllEmpty(subject.store)
  for (let call = 0; call < 10; call += 1)
    await subject.store.facts.write(
      Array.from({ length: 500 }, (_, index) => put('Probe', `p${call * 500 + index}`, { text: 'x'.repeat(300) })),
    )
  const copy = join(subject.folder, 'backup.db')
  const state = { running: true }
  const backup = subject.store.control.backup(copy).finally(() => (state.running = false))
  let during = 0
  while (state.running) {
    await subject.store.facts.write([note(during)])
    if (state.running) during += 1
  }
  expect((await backup).bytes).toBeGreaterThan(1_000_000)
  expect(during).toBeGreaterThan(0)
  const to = join(subject.folder, 'restored.db')
  restoreBackup(copy, to)
  const restored = await openSqliteStore(testOptions(to))
  const events = await eventsAfter(restored)
  expect(events.length).toBeGreaterThanOrEqual(5_000)
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1))
  expect((await restored.inventory.counts('fabric/1')).kinds.find(({ kind }) => kind === 'Probe')?.objects).toBe(5_000)
  await restored.control.close()
  await subject.dispose()
})

test('[ST46] a restore begins a new epoch, ends sign-ins and set-up links, and raises the key generation', async () => {
  const subject = await openSqliteSubject()
  const { store } = subject
  await store.facts.write([note(1)])
  await store.accounts.createUser({
    id: 'u',
    name: 'u',
    displayName: '',
    disabled: false,
    createdAt: T0,
    rightsVersion: 1,
    grants: [],
    passwordHash: null,
  })
  await store.accounts.createSignIn({
    id: 's',
    userId: 'u',
    createdAt: T0,
    expiresAt: T0 + 1,
    refreshHash: 'h',
    previousHash: null,
    rotatedAt: T0,
    endedAt: null,
    userAgent: '',
    address: '',
  })
  await store.accounts.putSetupLink('link', T0 + 1_000)
  const before = store.log.state()
  const copy = join(subject.folder, 'backup.db')
  await store.control.backup(copy)
  const generations: (string | undefined)[] = []
  const epochs = new Set([before.epoch])
  let from = copy
  for (const round of [1, 2]) {
    const to = join(subject.folder, `restored-${round}.db`)
    restoreBackup(from, to)
    from = to
    const restored = await openSqliteStore(testOptions(to))
    generations.push(await restored.accounts.setting(KEY_GENERATION))
    epochs.add(restored.log.state().epoch)
    expect(await restored.log.read({ epoch: before.epoch, seq: 1 }, { filter: {} }, { limit: 1 })).toMatchObject({ lost: 'epoch' })
    expect((await eventsAfter(restored)).map(({ data }) => data['n'])).toEqual([1])
    expect((await restored.accounts.signIn('s'))?.endedAt).not.toBeNull()
    expect(await restored.accounts.claimSetupLink('link', T0)).toBe(false)
    await restored.control.close()
  }
  expect(epochs.size).toBe(3)
  expect(Number(generations[1])).toBe(Number(generations[0]) + 1)
  expect(() => restoreBackup(copy, from)).toThrow(expect.objectContaining({ code: 'CONFLICT' }) as Error)
  const damaged = join(subject.folder, 'damaged.db')
  writeFileSync(damaged, 'no database at all '.repeat(1_000))
  expect(() => restoreBackup(damaged, join(subject.folder, 'x.db'))).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }) as Error)
  await subject.dispose()
})
