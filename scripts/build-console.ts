import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Source folders whose content decides whether the console has to be built again. */
const SOURCES = ['packages/console', 'packages/client/src', 'packages/hedgehog/src', 'packages/protocol/src', 'package-lock.json']

function* filesBelow(path: string): Generator<string> {
  const entries = readdirSync(path, { withFileTypes: true })
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name === 'dist' || entry.name === 'node_modules') continue
    const child = join(path, entry.name)
    if (entry.isDirectory()) yield* filesBelow(child)
    else yield child
  }
}

function sourcesHash(root: string): string {
  const hash = createHash('sha256')
  for (const source of SOURCES) {
    const path = join(root, source)
    const files = source.endsWith('.json') ? [path] : filesBelow(path)
    for (const file of files) hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0')
  }
  return hash.digest('hex')
}

/**
 * Builds the web console into packages/console/dist/web unless it was built from exactly these sources before.
 * Returns the folder; throws when Vite failed (its messages went to standard error).
 */
export function buildConsole(root: string): string {
  const folder = join(root, 'packages/console/dist/web')
  const stamp = join(root, 'packages/console/dist/.sources')
  const hash = sourcesHash(root)
  if (existsSync(join(folder, 'index.html')) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return folder
  console.error('binnacle: building the console (Vite)')
  const built = spawnSync(process.execPath, [join(root, 'node_modules/vite/bin/vite.js'), 'build', '--logLevel', 'warn'], {
    cwd: join(root, 'packages/console'),
    stdio: ['ignore', 2, 2],
  })
  if (built.status !== 0) throw new Error('the console could not be built; Vite said why above')
  writeFileSync(stamp, hash)
  return folder
}
