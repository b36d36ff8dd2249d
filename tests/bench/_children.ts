import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { readKubeconfig } from '@binnacle/source-kubernetes'
import { Agent, request } from 'undici'

/** Where a lab server is, and the right to everything there. */
export interface LabAccess {
  readonly server: string
  readonly ca: string
  readonly token: string
}

/** A lab API server in a process of its own. */
export interface BenchLab {
  readonly access: LabAccess
  readonly pid: number
  /** Path of the administrator's kubeconfig. */
  readonly kubeconfig: string
  control(command: string, body?: Readonly<Record<string, unknown>>): Promise<unknown>
  stop(): Promise<void>
}

const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url))
const READY_MS = 60_000
/** The longest of the runs inside one child: 100,000 objects. */
const CHILD_MS = 600_000
/** Objects in one control request: its body is bounded. */
const SEED_OBJECTS = 5_000

async function firstLine(child: ChildProcess, what: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const timer = setTimeout(() => reject(new Error(`${what} was not ready within ${READY_MS / 1_000} s`)), READY_MS)
  if (child.stdout === null) throw new Error(`${what} has no standard output`)
  createInterface({ input: child.stdout }).once('line', resolve)
  child.once('exit', (code) => reject(new Error(`${what} ended with code ${String(code)}`)))
  try {
    return await promise
  } finally {
    clearTimeout(timer)
  }
}

/** Starts the lab's API server; `args` as its main file takes them. */
export async function startBenchLab(args: readonly string[] = []): Promise<BenchLab> {
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-bench-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const main = fileURLToPath(new URL('apiserver/main.ts', import.meta.resolve('@binnacle/lab')))
  const child = spawn(
    process.execPath,
    ['--conditions=@binnacle/source', '--max-old-space-size=8192', main, '--kubeconfig', kubeconfig, ...args],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const { controlToken } = JSON.parse(await firstLine(child, 'the lab')) as { controlToken: string }
  const { server, ca, secret } = readKubeconfig(readFileSync(kubeconfig, 'utf8'))
  const access = { server, ca: ca ?? '', token: secret?.token ?? '' }
  const agent = new Agent({ connect: { ca: access.ca }, headersTimeout: 0, bodyTimeout: 0 })
  return {
    access,
    pid: child.pid ?? 0,
    kubeconfig,
    control: async (command, body = {}) => {
      const { statusCode, body: answer } = await request(`${server}/lab/control`, {
        dispatcher: agent,
        method: 'POST',
        headers: { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ command, ...body }),
      })
      const text = await answer.text()
      if (statusCode !== 200) throw new Error(`the lab answered ${statusCode} to ${command}: ${text}`)
      return (JSON.parse(text) as { result: unknown }).result
    },
    stop: async () => {
      await agent.close()
      if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
      await ended
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Puts objects into the lab. */
export async function seedLab(lab: BenchLab, objects: Iterable<object>): Promise<void> {
  let part: object[] = []
  const send = async (): Promise<void> => {
    await lab.control('seed', { objects: part })
    part = []
  }
  for (const object of objects) {
    part.push(object)
    if (part.length === SEED_OBJECTS) await send()
  }
  if (part.length > 0) await send()
}

/** A measuring program in a process of its own. */
export interface BenchChild {
  readonly pid: number
  /** The next JSON line that it prints. */
  next<T>(): Promise<T>
  /** Tells it to come to an end; resolves with its last line. */
  finish<T>(): Promise<T>
  kill(): Promise<void>
}

/** Starts a program beside this file. It gets one JSON argument, prints JSON lines, and ends when its standard input does. */
export function startChild(file: string, argument: object): BenchChild {
  const child = spawn(
    process.execPath,
    ['--conditions=@binnacle/source', '--disable-warning=ExperimentalWarning', here(file), JSON.stringify(argument)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  const lines: string[] = []
  let wake: () => void = () => undefined
  let code: number | string | null | undefined
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    wake()
  })
  const ended = new Promise<void>((resolve) =>
    child.once('close', (status, signal) => {
      code = status ?? signal
      wake()
      resolve()
    }),
  )
  const next = async <T>(): Promise<T> => {
    const end = performance.now() + CHILD_MS
    for (;;) {
      const line = lines.shift()
      if (line !== undefined) return JSON.parse(line) as T
      if (code !== undefined) throw new Error(`${file} ended with ${String(code)}`)
      const left = end - performance.now()
      if (left <= 0) throw new Error(`${file} said nothing for ${CHILD_MS / 1_000} s`)
      const { promise, resolve } = Promise.withResolvers<void>()
      wake = resolve
      const timer = setTimeout(resolve, left)
      await promise
      clearTimeout(timer)
    }
  }
  return {
    pid: child.pid ?? 0,
    next,
    finish: async <T>() => {
      child.stdin.end()
      const line = await next<T>()
      await ended
      return line
    },
    kill: async () => {
      if (code === undefined) child.kill('SIGKILL')
      await ended
    },
  }
}

/** Runs a program to its end and gives what it found. */
export async function runChild<T>(file: string, argument: object): Promise<T> {
  const child = startChild(file, argument)
  try {
    return await child.next<T>()
  } finally {
    await child.kill()
  }
}
