// `npm test`: installs what tests need, then types, lint, format, unused code, and all tests with coverage.
// The last line is `N passed, N failed, N skipped`; a missing prerequisite is a failure that names its remedy.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildConsole } from './build-console.ts'
import { ensureTestTools } from './test-tools.ts'

/** Line coverage below this fails the run. Percent. */
const LINES_FLOOR = 80

const root = dirname(dirname(fileURLToPath(import.meta.url)))
let passed = 0
let failed = 0
let skipped = 0

function step(name: string, run: () => boolean): boolean {
  const begun = performance.now()
  console.log(`\n── ${name}`)
  let ok = false
  try {
    ok = run()
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error))
  }
  if (ok) passed += 1
  else failed += 1
  console.log(`── ${name}: ${ok ? 'passed' : 'FAILED'} in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  return ok
}

const tool = (...args: string[]): boolean => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status === 0
const bin = (path: string): string => join(root, 'node_modules', path)

for (const need of ensureTestTools()) step(`tool: ${need.name}`, () => need.check())
step('types', () => tool(bin('typescript/bin/tsc'), '-b'))
step('lint', () => tool(bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'))
step('format', () => tool(bin('oxfmt/bin/oxfmt'), '--check'))
step('unused code and dependencies', () => tool(bin('knip/bin/knip.js')))
step('console build', () => buildConsole(root) !== '')

const reports = mkdtempSync(join(tmpdir(), 'binnacle-test-'))
try {
  const results = join(reports, 'results.json')
  const begun = performance.now()
  const only = process.argv.slice(2)
  const status = spawnSync(
    process.execPath,
    [
      '--conditions=@binnacle/source',
      bin('vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${results}`,
      ...(only.length === 0 ? ['--coverage', `--coverage.reportsDirectory=${reports}/coverage`] : only),
    ],
    { cwd: root, stdio: 'inherit' },
  ).status
  if (existsSync(results)) {
    const summary = JSON.parse(readFileSync(results, 'utf8')) as {
      numPassedTests: number
      numFailedTests: number
      numPendingTests: number
      numTodoTests: number
      numFailedTestSuites: number
    }
    passed += summary.numPassedTests
    failed += summary.numFailedTests
    skipped += summary.numPendingTests + summary.numTodoTests
    if (status !== 0 && summary.numFailedTests === 0) failed += 1
  } else {
    console.error('the test runner left no results')
    failed += 1
  }
  console.log(`── tests: ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  if (only.length === 0) {
    step(`line coverage at least ${LINES_FLOOR} %`, () => {
      const total = JSON.parse(readFileSync(join(reports, 'coverage', 'coverage-summary.json'), 'utf8')) as {
        total: { lines: { pct: number; covered: number; total: number } }
      }
      console.log(`line coverage ${total.total.lines.pct} % (${total.total.lines.covered} of ${total.total.lines.total})`)
      return total.total.lines.pct >= LINES_FLOOR
    })
  }
} finally {
  rmSync(reports, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exit(failed === 0 && passed > 0 ? 0 : 1)
