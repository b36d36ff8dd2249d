// `npm run evidence -- ISSUE [--short] [--only test,bench,soak,conformance]`: everything an issue wants to see, from a
// fresh clone of HEAD with an empty HOME and only Node 20 on PATH. Writes docs/evidence/ISSUE.json and docs/performance.md.
import { spawn, spawnSync } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Evidence, EvidenceResult, EvidenceStep } from './evidence-file.ts'
import { writePerformance } from './performance.ts'

const PARTS = ['test', 'bench', 'soak', 'conformance'] as const
type Part = (typeof PARTS)[number]

/** Issues whose evidence can be made: every bench and every soak that there is belongs to it. */
const ISSUES: readonly string[] = ['2']
/** How the lab is started for the conformance suite. */
const LAB_MODES: Readonly<Record<string, readonly string[]>> = {
  '1.32': ['--mode', '1.32'],
  '1.27': ['--mode', '1.27'],
  '1.20': ['--mode', '1.20'],
  'no admission': ['--no-admission'],
}
/** The Node.js a stranger is assumed to have. */
const OLD_NODE = 20
const LAB_READY_MS = 60_000

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, only: { type: 'string' } },
})
const [issue = ''] = positionals
if (!ISSUES.includes(issue)) {
  console.error(`give an issue: ${ISSUES.join(', ')}`)
  process.exit(2)
}
const named = values.only?.split(',') ?? PARTS
const unknown = named.filter((name) => !(PARTS as readonly string[]).includes(name))
if (unknown.length > 0) {
  console.error(`--only knows ${PARTS.join(', ')}, not ${unknown.join(', ')}`)
  process.exit(2)
}
const parts = PARTS.filter((part) => named.includes(part))

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

/** Major version of a Node.js, or 0. */
const majorOf = (node: string): number =>
  Number(/^v(\d+)\./.exec(spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 0)

/** A folder with every program of PATH but Node.js, and the old Node.js as the only one. */
function oldPath(folder: string): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((path) => path !== '')
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const old = folders.map((path) => join(path, 'node')).find((path) => isProgram(path) && majorOf(path) === OLD_NODE)
  let home = old === undefined ? undefined : dirname(old)
  if (home === undefined) {
    const prefix = join(folder, 'old-node')
    const { status } = spawnSync(
      'npm',
      ['install', '--prefix', prefix, '--no-save', '--no-audit', '--no-fund', `node@${OLD_NODE}`, 'npm@10'],
      {
        stdio: 'inherit',
      },
    )
    if (status !== 0) throw new Error(`Node ${OLD_NODE} is not on PATH and could not be installed from npm`)
    home = join(prefix, 'node_modules', '.bin')
  }
  for (const name of ['node', 'npm', 'npx']) symlinkSync(join(home, name), join(bin, name))
  for (const path of folders) {
    let entries: string[]
    try {
      entries = readdirSync(path)
    } catch {
      // PATH may name folders that are not there.
      continue
    }
    for (const name of entries) {
      if (/^(node|npm|npx|corepack|nodejs|binnacle)$/.test(name) || !isProgram(join(path, name))) continue
      try {
        symlinkSync(join(path, name), join(bin, name))
      } catch (error) {
        // The first of a name on PATH is the one that counts.
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
    }
  }
  return bin
}

const load = (): number => Number((loadavg()[0] ?? 0).toFixed(2))

const work = mkdtempSync(join(tmpdir(), 'binnacle-evidence-'))
const clone = join(work, 'repository')
const home = join(work, 'home')
mkdirSync(home)
const env: NodeJS.ProcessEnv = { PATH: oldPath(work), HOME: home, LANG: process.env['LANG'] ?? 'C.UTF-8', TMPDIR: tmpdir() }
// Where packages and the browser come from is the machine's affair, not the home's.
for (const [name, value] of Object.entries(process.env))
  if (/^(npm_config_registry|https?_proxy|no_proxy|node_extra_ca_certs|binnacle_browser)$/i.test(name)) env[name] = value

const steps: EvidenceStep[] = []

/** Runs a command in the clone, shows what it prints, and keeps how it ended. */
async function step(name: string, about: string, args: readonly string[]): Promise<void> {
  const command = `npm ${args.join(' ')}`
  console.log(`\n══ ${name}: ${command}`)
  const before = load()
  const begun = performance.now()
  const child = spawn('npm', args, { cwd: clone, env, stdio: ['ignore', 'pipe', 'inherit'] })
  let result: EvidenceResult | null = null
  let summary: string | null = null
  for await (const line of createInterface({ input: child.stdout })) {
    console.log(line)
    if (line.startsWith('RESULT ')) result = JSON.parse(line.slice('RESULT '.length)) as EvidenceResult
    if (/^\d+ passed, \d+ failed/.test(line)) summary = line
  }
  const exit = child.exitCode ?? (await new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1))))
  const seconds = Number(((performance.now() - begun) / 1_000).toFixed(1))
  steps.push({ name, command: command.replace(/(?<= )\/\S+\//, ''), about, exit, seconds, load: [before, load()], result, summary })
}

/** What each bench or soak says it is about. */
function aboutOf(kind: 'bench' | 'soak'): ReadonlyMap<string, string> {
  const { stdout, status } = spawnSync('npm', ['run', '--silent', kind, '--', '--list'], {
    cwd: clone,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (status !== 0) throw new Error(`${kind} could not be listed`)
  return new Map(stdout.split('\n').flatMap((line) => (line.includes('\t') ? [line.split('\t', 2) as [string, string]] : [])))
}

/** A lab in the clone; resolves with the first line it prints. */
async function withLab(args: readonly string[], run: (line: string) => Promise<void>): Promise<void> {
  const child = spawn(join(clone, '.node/bin/node'), ['--conditions=@binnacle/source', ...args], {
    cwd: clone,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  try {
    const first = new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the lab did not become ready')), LAB_READY_MS)
      createInterface({ input: child.stdout }).once('line', (line) => {
        clearTimeout(timer)
        resolve(line)
      })
    })
    await run(await first)
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

async function conformance(): Promise<void> {
  const run = (mode: string, kubeconfig: string, ...more: string[]): Promise<void> =>
    step(`conformance:kubernetes ${mode}`, `the source's contract against the lab as ${mode}`, [
      'run',
      '--silent',
      'conformance:kubernetes',
      '--',
      '--kubeconfig',
      kubeconfig,
      ...more,
    ])
  for (const [mode, args] of Object.entries(LAB_MODES)) {
    const kubeconfig = join(work, `${mode.replace(' ', '-')}.kubeconfig`)
    await withLab(['packages/lab/src/apiserver/main.ts', '--kubeconfig', kubeconfig, ...args], () => run(mode, kubeconfig))
  }
  await withLab(['packages/lab/src/main.ts', '--life', 'still'], async (line) => {
    const { fabrics } = JSON.parse(line) as { fabrics: { readerKubeconfig: string }[] }
    await run('read-only account', fabrics[0]?.readerKubeconfig ?? '')
  })
}

/** Everything that was asked for; the first command installs what all need, as it would for a person. */
async function everything(chosen: readonly Part[]): Promise<void> {
  const short = values.short ? ['--short'] : []
  if (chosen.includes('test')) await step('test', 'types, lint, format, all tests, coverage', ['test'])
  for (const kind of ['bench', 'soak'] as const) {
    if (!chosen.includes(kind)) continue
    for (const [name, about] of aboutOf(kind)) await step(`${kind} ${name}`, about, ['run', '--silent', kind, '--', name, ...short])
  }
  if (chosen.includes('conformance')) await conformance()
}

try {
  const cloned = spawnSync('git', ['clone', '--quiet', root, clone], { stdio: 'inherit' })
  if (cloned.status !== 0) throw new Error('the repository could not be cloned')
  const git = (...args: string[]): string => spawnSync('git', args, { cwd: clone, encoding: 'utf8' }).stdout.trim()
  const nodeOnPath = spawnSync('node', ['--version'], { env, encoding: 'utf8' }).stdout.trim()
  await everything(parts)
  const evidence: Evidence = {
    issue,
    commit: git('rev-parse', 'HEAD'),
    date: new Date().toISOString(),
    scale: values.short ? 'short' : 'full',
    left_out: PARTS.filter((part) => !parts.includes(part)),
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memory_gib: Number((totalmem() / 1_073_741_824).toFixed(1)),
      os: `${type()} ${release()}`,
      node_on_path: nodeOnPath,
      node: spawnSync(join(clone, '.node/bin/node'), ['--version'], { encoding: 'utf8' }).stdout?.trim() ?? '',
    },
    steps,
    met: steps.length > 0 && steps.every(({ exit }) => exit === 0),
  }
  const file = join(root, 'docs', 'evidence', `${issue}.json`)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(evidence, null, 2)}\n`)
  writePerformance(root)
  console.log(
    `\n${steps.filter(({ exit }) => exit === 0).length} passed, ${steps.filter(({ exit }) => exit !== 0).length} failed; see ${file}`,
  )
  process.exitCode = evidence.met ? 0 : 1
} finally {
  rmSync(work, { recursive: true, force: true })
}
