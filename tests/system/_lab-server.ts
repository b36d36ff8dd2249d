import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

const MAIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'packages/lab/src/apiserver/main.ts')

/** A lab API server as a process of its own: tests that wait for kubectl or the command line must not be the server they talk to. */
export interface LabServerProcess {
  readonly port: number
  /** An administrator's kubeconfig. */
  readonly kubeconfig: string
  /** A command of the lab's control endpoint; resolves with its result. */
  control(command: string, body?: Record<string, unknown>): Promise<unknown>
  close(): Promise<void>
}

/** Starts it; `kubeconfig` is where the administrator's kubeconfig is written. */
export async function startLabServerProcess(kubeconfig: string, ...args: string[]): Promise<LabServerProcess> {
  const child = spawn(process.execPath, ['--conditions=@binnacle/source', MAIN, '--kubeconfig', kubeconfig, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve)
    child.once('exit', () => reject(new Error('the lab server ended')))
  })
  const { port, controlToken } = JSON.parse(first) as { port: number; controlToken: string }
  const ca = Buffer.from(/certificate-authority-data"?:\s*"?([A-Za-z0-9+/=]+)/.exec(readFileSync(kubeconfig, 'utf8'))?.[1] ?? '', 'base64')
  return {
    port,
    kubeconfig,
    control: (command, body = {}) =>
      new Promise((resolve, reject) => {
        const call = request(
          {
            host: '127.0.0.1',
            port,
            path: '/lab/control',
            method: 'POST',
            ca,
            headers: { authorization: `Bearer ${controlToken}`, 'content-type': 'application/json' },
          },
          (answer) => {
            const chunks: Buffer[] = []
            answer.on('data', (chunk: Buffer) => chunks.push(chunk))
            answer.on('end', () => resolve((JSON.parse(Buffer.concat(chunks).toString('utf8')) as { result?: unknown }).result))
          },
        )
        call.on('error', reject)
        call.end(JSON.stringify({ command, ...body }))
      }),
    close: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}
