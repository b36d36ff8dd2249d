import { spawn, type ChildProcess } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const READY_MS = 90_000

/** The demo as a person starts it. */
export interface Demo {
  readonly process: ChildProcess
  /** Address of the console. */
  readonly url: string
  /** The one-time link as printed. */
  readonly setupLink: string
  /** Kubeconfigs as printed, in the order of the fabrics. */
  readonly kubeconfigs: readonly string[]
  output(): string
  close(): Promise<void>
}

/** Starts `binnacle demo` and resolves when it has printed everything a person needs. */
export async function startDemo(...args: string[]): Promise<Demo> {
  const child = spawn(
    process.execPath,
    ['--conditions=@binnacle/source', join(ROOT, 'apps/binnacle/src/main.ts'), 'demo', '--port', '0', ...args],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the demo did not become ready:\n${output}`)), READY_MS)
    const hear = (chunk: Buffer): void => {
      output += chunk.toString('utf8')
      if (!output.includes('Ctrl-C ends everything')) return
      clearTimeout(timer)
      resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('exit', () => {
      clearTimeout(timer)
      reject(new Error(`the demo ended:\n${output}`))
    })
  })
  await ready
  const setupLink = /http:\/\/\S+\/setup#\S+/.exec(output)?.[0] ?? ''
  return {
    process: child,
    url: new URL(setupLink).origin,
    setupLink,
    kubeconfigs: [...output.matchAll(/--kubeconfig (\S+) get vpcs/g)].map((match) => match[1] ?? ''),
    output: () => output,
    close: async () => {
      child.kill('SIGCONT')
      child.kill('SIGTERM')
      await ended
    },
  }
}
