import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createInterface } from 'node:readline'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const MAIN = join(ROOT, 'apps/binnacle/src/main.ts')
const READY_MS = 60_000
const COMMAND_MS = 120_000

/** How a hub process is started. */
export interface HubOptions {
  /** Configuration beyond listen and data_dir, as YAML is JSON here. */
  readonly config?: Readonly<Record<string, unknown>>
  /** A data folder to come back to; a new one when absent. */
  readonly dataDir?: string
  readonly port?: number
}

/** How a command ended. */
export interface CommandResult {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A hub as a process of its own, started through the real command line. */
export interface HubProcess {
  readonly url: string
  readonly pid: number
  readonly dataDir: string
  readonly process: ChildProcess
  /** Runs another `binnacle` command against the same installation. */
  cli(...args: string[]): CommandResult
  /** The same without holding up this process: for tests that serve a lab meanwhile. */
  run(...args: string[]): Promise<CommandResult>
  /** Everything it wrote to standard error so far. */
  log(): string
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>
  /** SIGTERM, and the data folder is removed if it was made here. */
  close(): Promise<void>
}

/** Runs a `binnacle` command with a configuration file, to its end. */
export function cliWith(
  configFile: string,
  ...args: string[]
): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--conditions=@binnacle/source', MAIN, ...args, '--config', configFile], {
    encoding: 'utf8',
    timeout: 120_000,
  })
  return { status, stdout, stderr }
}

/** Starts `binnacle serve` and resolves when it answers. */
export async function startHubProcess(options: HubOptions = {}): Promise<HubProcess> {
  const own = options.dataDir === undefined
  const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'binnacle-system-'))
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const configFile = join(dataDir, 'binnacle.yaml')
  writeFileSync(
    configFile,
    JSON.stringify({ data_dir: dataDir, listen: { host: '127.0.0.1', port: options.port ?? 0 }, ...options.config }),
  )
  const node = ['--conditions=@binnacle/source', MAIN]
  const child = spawn(process.execPath, [...node, 'serve', '--config', configFile], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8')
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the hub did not become ready:\n${log}`)), READY_MS)
    createInterface({ input: child.stdout }).on('line', (line) => {
      const match = /(http:\/\/127\.0\.0\.1:\d+)/.exec(line)
      if (match?.[1] === undefined) return
      clearTimeout(timer)
      resolve(match[1])
    })
    void ended.then((code) => {
      clearTimeout(timer)
      return reject(new Error(`the hub ended with code ${String(code)}:\n${log}`))
    })
  })
  const kill = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal)
    return ended
  }
  return {
    url,
    pid: child.pid ?? 0,
    dataDir,
    process: child,
    cli: (...args) => cliWith(configFile, ...args),
    run: (...args) => runCommand([...node, ...args, '--config', configFile]),
    log: () => log,
    kill,
    close: async () => {
      await kill('SIGTERM')
      if (own) rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function runCommand(args: readonly string[]): Promise<CommandResult> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], timeout: COMMAND_MS })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  return new Promise((resolve) => child.once('close', (status) => resolve({ status, stdout, stderr })))
}

/** An API token made through the command line. */
export function tokenOf(hub: HubProcess, role = 'admin', scope = '*'): string {
  const made = hub.cli('token', 'create', '--user', `test-${role}`, '--role', role, '--scope', scope, '--ttl', '1h', '--json')
  if (made.status !== 0) throw new Error(made.stderr)
  return (JSON.parse(made.stdout) as { token: string }).token
}

/** The same without holding up this process. */
export async function newToken(hub: HubProcess, role = 'admin', scope = '*'): Promise<string> {
  const made = await hub.run('token', 'create', '--user', `test-${role}`, '--role', role, '--scope', scope, '--ttl', '1h', '--json')
  if (made.status !== 0) throw new Error(made.stderr)
  return (JSON.parse(made.stdout) as { token: string }).token
}
