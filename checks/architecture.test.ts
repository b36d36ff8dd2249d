import { builtinModules } from 'node:module'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ROOT, importsOf, isTest, packageOf, workspaces } from './workspaces.ts'

/** Who may use whom, in the order in which a fact flows. The same table stands in docs/ARCHITECTURE.md. */
const MAY_USE: Record<string, readonly string[]> = {
  protocol: [],
  hedgehog: ['protocol'],
  source: ['protocol'],
  hub: ['protocol', 'hedgehog'],
  store: ['protocol'],
  gitops: ['protocol', 'hedgehog'],
  identity: ['protocol'],
  delivery: ['protocol'],
  api: ['protocol'],
  client: ['protocol'],
  console: ['protocol', 'client', 'hedgehog'],
  monitor: ['protocol'],
  lab: ['protocol', 'hedgehog', 'source', 'hub', 'store', 'gitops', 'identity', 'delivery', 'api', 'client'],
  app: ['console', 'protocol', 'hedgehog', 'source', 'hub', 'store', 'gitops', 'identity', 'delivery', 'api', 'client', 'monitor', 'lab'],
}

const all = workspaces()
const byName = new Map(all.map((workspace) => [workspace.name, workspace]))
const production = all.flatMap((workspace) => workspace.files.filter((file) => !isTest(file)).map((file) => ({ workspace, file })))
const builtins = new Set(builtinModules)

test('[AR0] the scan saw every workspace, its role and its sources', () => {
  expect(all.length).toBeGreaterThanOrEqual(11)
  for (const workspace of all) {
    expect(MAY_USE, `${workspace.folder} has an unknown role`).toHaveProperty([workspace.role])
    expect(workspace.files.length, `${workspace.folder} has no sources`).toBeGreaterThan(0)
  }
  expect(production.flatMap(({ file }) => importsOf(readFileSync(file, 'utf8'))).length).toBeGreaterThan(100)
})

test('[AR1] a package depends only on packages that the table allows', () => {
  const wrong = all.flatMap((workspace) =>
    workspace.dependencies
      .filter((name) => byName.has(name) && !MAY_USE[workspace.role]?.includes(byName.get(name)?.role ?? ''))
      .map((name) => `${workspace.name} → ${name}`),
  )
  expect(wrong).toEqual([])
})

test('[AR2] production sources import only what their package.json declares, and other packages only through their door', () => {
  const wrong: string[] = []
  for (const { workspace, file } of production) {
    for (const { specifier } of importsOf(readFileSync(file, 'utf8'))) {
      if (specifier.startsWith('.')) continue
      const name = specifier.startsWith('node:') ? specifier : packageOf(specifier)
      if (specifier.startsWith('node:') || builtins.has(name)) {
        if (['protocol', 'hedgehog', 'client', 'console'].includes(workspace.role))
          wrong.push(`${relative(ROOT, file)}: ${specifier} does not exist in a browser`)
        continue
      }
      const declared =
        workspace.dependencies.includes(name) ||
        workspace.peerDependencies.includes(name) ||
        (workspace.role === 'console' && workspace.devDependencies.includes(name))
      if (!declared) wrong.push(`${relative(ROOT, file)}: ${specifier} is not declared`)
      const other = byName.get(name)
      if (other !== undefined && !Object.hasOwn(other.exports, specifier === name ? '.' : `.${specifier.slice(name.length)}`))
        wrong.push(`${relative(ROOT, file)}: ${specifier} is not a door`)
    }
  }
  expect(wrong).toEqual([])
})

test('[AR3] nothing but tests and the app uses the lab', () => {
  const wrong = production.filter(
    ({ workspace, file }) =>
      !['lab', 'app'].includes(workspace.role) &&
      importsOf(readFileSync(file, 'utf8')).some(({ specifier }) => packageOf(specifier) === '@binnacle/lab'),
  )
  expect(wrong.map(({ file }) => relative(ROOT, file))).toEqual([])
})

test('[AR4] there is no import cycle between source files', () => {
  const graph = new Map<string, string[]>()
  for (const { file } of production) {
    const targets = importsOf(readFileSync(file, 'utf8'))
      .filter(({ specifier, typeOnly }) => specifier.startsWith('.') && !typeOnly)
      .map(({ specifier }) => resolve(dirname(file), specifier))
      .filter((target) => existsSync(target))
    graph.set(file, targets)
  }
  const state = new Map<string, 'open' | 'done'>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') {
      cycles.push([...path.slice(path.indexOf(file)), file].map((step) => relative(ROOT, step)).join(' → '))
      return
    }
    state.set(file, 'open')
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const file of graph.keys()) visit(file, [])
  expect(graph.size).toBeGreaterThan(50)
  expect(cycles).toEqual([])
})

test('[AR5] tsconfig references are exactly the workspace dependencies that sources and tests use', () => {
  for (const workspace of all) {
    const wanted = new Set(
      [...workspace.dependencies, ...workspace.devDependencies]
        .filter((name) => byName.has(name))
        .map((name) => byName.get(name)?.folder ?? ''),
    )
    expect(new Set(workspace.references), workspace.folder).toEqual(wanted)
  }
})

test('[AR6] a door only re-exports', () => {
  for (const workspace of all.filter((each) => each.role !== 'app')) {
    const door = join(ROOT, workspace.folder, 'src/index.ts')
    if (workspace.role === 'console') continue
    const rest = readFileSync(door, 'utf8')
      .replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '')
      .replaceAll(/^export\s+(type\s+)?(\*|\{[^}]*\})(\s+as\s+\w+)?\s+from\s+['"][^'"]+['"];?$/gm, '')
      .trim()
    expect(rest, `${workspace.folder}/src/index.ts holds code`).toBe('')
  }
})

test('[AR7] only the app reads the environment', () => {
  const wrong = production.filter(
    ({ workspace, file }) => !['app'].includes(workspace.role) && /\bprocess\.env\b/.test(readFileSync(file, 'utf8')),
  )
  expect(wrong.map(({ file }) => relative(ROOT, file))).toEqual([])
})
