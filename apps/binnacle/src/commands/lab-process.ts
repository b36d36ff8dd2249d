import { BinnacleError } from '@binnacle/protocol'
import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** A fabric of the lab, as its process announces it. */
export interface LabFabric {
  readonly name: string
  readonly server: string
  /** Path of an administrator's kubeconfig, for kubectl. */
  readonly kubeconfig: string
  /** Path of the kubeconfig of an account that may only read. */
  readonly readerKubeconfig: string
}

/** A running lab. */
export interface LabProcess {
  readonly fabrics: readonly LabFabric[]
  readonly process: ChildProcess
  stop(): Promise<void>
}

/** The lab must announce itself within this time. */
const READY_MS = 60_000

/**
 * Starts the lab as a process of its own: Kubernetes API servers with the lab's fabrics and their life. Resolves when
 * it announced its fabrics on standard output; throws UNAVAILABLE when it ended or stayed silent.
 */
export async function startLabProcess(args: readonly string[]): Promise<LabProcess> {
  const main = fileURLToPath(new URL('main.ts', import.meta.resolve('@binnacle/lab')))
  const child = spawn(process.execPath, [...process.execArgv, main, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
  }
  const lines = createInterface({ input: child.stdout })
  const ready = new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new BinnacleError('UNAVAILABLE', 'the lab did not become ready')), READY_MS)
    lines.once('line', (line) => {
      clearTimeout(timer)
      resolve(line)
    })
    child.once('exit', (code) => {
      clearTimeout(timer)
      reject(new BinnacleError('UNAVAILABLE', `the lab ended with code ${String(code)}`))
    })
  })
  try {
    const { fabrics } = JSON.parse(await ready) as { fabrics: LabFabric[] }
    return { fabrics, process: child, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
