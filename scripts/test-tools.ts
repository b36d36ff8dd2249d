import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A program that tests need: how to check for it, and what to do when it is not there. */
export interface TestTool {
  readonly name: string
  /** True when it is there and new enough; otherwise prints the remedy. */
  check(): boolean
}

const answers = (program: string, args: readonly string[]): string | null => {
  const result = spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 })
  return result.status === 0 ? result.stdout : null
}

const isDebian = (): boolean => {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    // No such file: some other system, where a person installs packages.
    return false
  }
}

function install(packages: readonly string[]): boolean {
  const line = `apt-get install -y --no-install-recommends ${packages.join(' ')}`
  if (process.getuid?.() !== 0 || !isDebian()) {
    console.error(`missing; install it with: sudo ${line}`)
    return false
  }
  console.log(`missing; running: ${line}`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const options = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env, timeout: 600_000 }
  spawnSync('apt-get', ['update'], options)
  return spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], options).status === 0
}

const chromium = (): boolean =>
  [process.env['BINNACLE_BROWSER'], 'chromium', 'chromium-browser', 'google-chrome'].some(
    (name) => name !== undefined && name !== '' && answers(name, ['--version']) !== null,
  )

/** The programs that `npm test` needs beyond npm packages; installs what Debian has when it is root there. */
export function ensureTestTools(): readonly TestTool[] {
  return [
    { name: 'git', check: () => answers('git', ['--version']) !== null || (install(['git']) && answers('git', ['--version']) !== null) },
    { name: 'chromium', check: () => chromium() || (install(['chromium']) && chromium()) },
    {
      name: 'kubectl 1.27 or later',
      check: () => {
        const text = answers('kubectl', ['version', '--client', '-o', 'json'])
        const version =
          text === null ? undefined : (JSON.parse(text) as { clientVersion?: { major?: string; minor?: string } }).clientVersion
        const minor = Number.parseInt(version?.minor ?? '', 10)
        if (version?.major === '1' && minor >= 27) return true
        console.error(
          `kubectl 1.27 or later must be on PATH (found: ${version === undefined ? 'none' : `${version.major}.${version.minor}`}); Debian 12 only packages 1.20, so take it from your Kubernetes distribution`,
        )
        return false
      },
    },
  ]
}
