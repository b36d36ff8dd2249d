import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, filesBelow } from './workspaces.ts'

const RULE = /^- \*\*([A-Z]{2}\d+[a-z]?)\*\*\s+\S/gm
const MENTION = /\[([A-Z]{2}\d+[a-z]?)\]/g

const documents = [join(ROOT, 'docs/SPEC.md'), ...filesBelow(join(ROOT, 'docs/spec'), ['.md'])]
const rules = documents.flatMap((file) =>
  [...readFileSync(file, 'utf8').matchAll(RULE)].map((match) => ({ id: match[1] ?? '', file: relative(ROOT, file) })),
)
const tests = ['packages', 'apps', 'checks', 'tests']
  .flatMap((folder) => filesBelow(join(ROOT, folder), ['.ts', '.tsx']))
  .filter((file) => /\.test\.tsx?$|\/contract\/|^.*\/tests\//.test(file))

/** Rule numbers in the titles of tests: a rule number in brackets at the start, also inside template texts and tables. */
const mentioned = new Map<string, string>()
for (const file of tests) {
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    if (!/['"`]\[|\[\$\{/.test(line)) continue
    for (const match of line.matchAll(MENTION)) mentioned.set(match[1] ?? '', relative(ROOT, file))
  }
}

test('[SP0] the scan saw rules and tests', () => {
  expect(rules.length).toBeGreaterThan(50)
  expect(tests.length).toBeGreaterThan(30)
})

test('[SP1] every rule has one number and no two rules share it', () => {
  const seen = new Map<string, string>()
  const twice = rules.filter(({ id, file }) => (seen.has(id) ? true : (seen.set(id, file), false)))
  expect(twice).toEqual([])
})

test('[SP2] every rule has a test that carries its number', () => {
  expect(rules.filter(({ id }) => !mentioned.has(id))).toEqual([])
})

test('[SP3] every number in a test title is a rule', () => {
  const known = new Set(rules.map(({ id }) => id))
  expect([...mentioned].filter(([id]) => !known.has(id))).toEqual([])
})
