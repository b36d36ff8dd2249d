import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sealingKey, takeDataDir } from './data-dir.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-data-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('[AP4] a data folder has one process at a time; a lock of a dead process is taken over', () => {
  const path = join(folder, 'data')
  const first = takeDataDir(path)
  expect(statSync(path).mode & 0o777).toBe(0o700)
  writeFileSync(join(path, 'process.lock'), String(process.ppid))
  expect(() => takeDataDir(path)).toThrow(new RegExp(`process ${process.ppid}`))
  writeFileSync(join(path, 'process.lock'), '4194303999')
  takeDataDir(path).release()
  first.release()
})

test('[AP5] the sealing key is made once with mode 0600, and refused when others can read it', () => {
  const file = join(folder, 'secret.key')
  const key = sealingKey({ key: null, file })
  expect(key).toHaveLength(32)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(sealingKey({ key: null, file })).toEqual(key)
  chmodSync(file, 0o644)
  expect(() => sealingKey({ key: null, file })).toThrow(/mode 0600/)
  expect(sealingKey({ key: 'ab'.repeat(32), file })).toEqual(Buffer.from('ab'.repeat(32), 'hex'))
  expect(() => sealingKey({ key: 'short', file })).toThrow(/64 hexadecimal/)
})
