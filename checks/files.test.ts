import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT } from './workspaces.ts'

const files = execFileSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' })
  .split('\0')
  .filter((file) => file !== '' && !/\.(png|svg|gz|ico)$/.test(file))
const texts = new Map(files.map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]))
const naming = (pattern: RegExp, except: readonly string[] = []): string[] =>
  [...texts].filter(([file, text]) => !except.includes(file) && pattern.test(text)).map(([file]) => file)

test('[FI0] the scan saw the repository', () => {
  expect(files.length).toBeGreaterThan(100)
  expect(files).toContain('package-lock.json')
})

test('[FI1] no file names a package registry', () => {
  expect(naming(new RegExp(['registry\\.npm', 'js\\.org|deb\\.debian', '\\.org'].join(''), 'i'))).toEqual([])
  expect(/"resolved": "https?:/.test(texts.get('package-lock.json') ?? '')).toBe(false)
})

test('[FI2] no file names an absolute path of a machine', () => {
  expect(naming(/(?<![A-Za-z0-9_.$}])\/(home|Users|work|farm)\/[a-z]/)).toEqual([])
})

test('[FI3] every dependency of the lock file has an integrity hash', () => {
  const lock = JSON.parse(texts.get('package-lock.json') ?? '{}') as {
    packages: Record<string, { integrity?: string; link?: boolean; version?: string }>
  }
  const without = Object.entries(lock.packages).filter(
    ([path, entry]) => path.includes('node_modules/') && entry.link !== true && entry.integrity === undefined,
  )
  expect(without.map(([path]) => path)).toEqual([])
})
