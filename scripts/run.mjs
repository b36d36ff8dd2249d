// The way in of `npm start`, `npm test` and the other commands. Plain JavaScript that runs on Node 20 without any
// package: it fetches Node 24 privately where the installed one is older, installs the locked dependencies where they
// are missing or old, and then runs the command's TypeScript file on Node 24.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The Node.js that is fetched when the installed one is older than the floor (package.json `engines`). */
const PRIVATE_NODE = '24.21.0'
const FLOOR = 24

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [command = '', ...rest] = process.argv.slice(2)
const COMMANDS = {
  start: 'scripts/start.ts',
  test: 'scripts/test.ts',
  bench: 'scripts/bench.ts',
  soak: 'scripts/soak.ts',
  evidence: 'scripts/evidence.ts',
  binnacle: 'apps/binnacle/src/main.ts',
  'conformance:kubernetes': 'scripts/conformance-kubernetes.ts',
}

function fail(text) {
  console.error(`binnacle: ${text}`)
  process.exit(1)
}

function run(program, args, options = {}) {
  const result = spawnSync(program, args, { cwd: root, stdio: 'inherit', ...options })
  if (result.error) fail(`${program} could not be started: ${result.error.message}`)
  return result.status ?? 1
}

/** The path of a Node.js at or above the floor. */
function nodeBinary() {
  if (Number(process.versions.node.split('.')[0]) >= FLOOR) return process.execPath
  const folder = join(root, '.node')
  const binary = join(folder, 'bin', 'node')
  const stamp = join(folder, 'version')
  if (existsSync(binary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === PRIVATE_NODE) return binary
  console.error(`binnacle: Node ${process.versions.node} is older than ${FLOOR}; fetching Node ${PRIVATE_NODE} from npm into .node/ (once)`)
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  const status = run('npm', [
    'install',
    '--prefix',
    folder,
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    `node@${PRIVATE_NODE}`,
  ])
  const fetched = join(folder, 'node_modules', 'node', 'bin', 'node')
  if (status !== 0 || !existsSync(fetched))
    fail(`Node ${PRIVATE_NODE} could not be installed from npm; install Node ${FLOOR} or later yourself and run this again`)
  spawnSync('ln', ['-sf', fetched, binary])
  if (!existsSync(binary)) fail(`could not link ${binary}`)
  writeFileSync(stamp, PRIVATE_NODE)
  return binary
}

/** Installs exactly what package-lock.json says, when that has not been done for this lock file yet. */
function installDependencies(env) {
  const lock = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex')
  const stamp = join(root, 'node_modules', '.binnacle-lock')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  console.error('binnacle: installing the locked dependencies (npm ci)')
  const status = run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { env })
  if (status !== 0) fail('npm ci failed; its messages are above')
  writeFileSync(stamp, lock)
}

const file = COMMANDS[command]
if (file === undefined) fail(`unknown command '${command}'; known: ${Object.keys(COMMANDS).join(', ')}`)
const node = nodeBinary()
const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` }
installDependencies(env)
process.exit(
  run(node, ['--conditions=@binnacle/source', '--disable-warning=ExperimentalWarning', join(root, file), ...rest], {
    env,
    cwd: process.cwd(),
  }),
)
