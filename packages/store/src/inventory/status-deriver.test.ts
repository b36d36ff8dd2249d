import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { listed, listing, put, keyOf } from '../contract/subject.ts'
import { createProjector } from '../contract/test-projector.ts'
import { LogWriter } from '../log/log-writer.ts'
import { openForWriting } from '../sqlite/open-database.ts'
import { FactApplier } from './fact-applier.ts'
import { ObjectTable } from './object-table.ts'

test('[ST18] what a first listing leaves to derive is found again by a restart in between, and done once', () => {
  const folder = mkdtempSync(join(tmpdir(), 'derive-'))
  const database = openForWriting(join(folder, 'store.db'))
  onTestFinished(() => {
    database.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const objects = new ObjectTable(database, 10)
  const start = (): FactApplier => new FactApplier(database, objects, new LogWriter(database), createProjector())
  const write = (applier: FactApplier, ...facts: Parameters<FactApplier['apply']>[0]): void => {
    applier.apply(facts)
    applier.status.settle()
    applier.committed()
  }
  const before = start()
  // The lamp is derived from what the listing brought so far; the rest of the listing brings something else.
  write(before, ...listed('Lamp', []), listing('Probe', 'begin', 'p'), put('Probe', 'a', { on: true }, { listing: 'p' }))
  write(before, put('Lamp', 'l', { refs: ['Probe/a'] }))
  const status = () => objects.byKey(keyOf('Lamp', 'l'))?.derived?.status
  write(before, put('Probe', 'a', { on: false }, { listing: 'p', version: '2' }), listing('Probe', 'end', 'p', { count: 1 }))
  expect(status()).toBe('lit')
  expect(before.takeDeriveWork()).toHaveLength(1)

  const after = start()
  const work = after.status.leftOver()
  expect(work.length).toBeGreaterThan(0)
  for (const each of work) {
    after.status.deriveSlice(each, each.ids)
    after.derived(each)
  }
  expect(status()).toBe('dark')
  expect(start().status.leftOver()).toEqual([])
})
