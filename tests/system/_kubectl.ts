import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A home of its own: kubectl keeps discovery caches there. */
const HOME = mkdtempSync(join(tmpdir(), 'binnacle-kubectl-'))

/** Runs the real kubectl; throws with what it said when it fails. */
export function kubectl(kubeconfig: string, args: readonly string[], input?: unknown): string {
  const { status, stdout, stderr, error } = spawnSync('kubectl', ['--kubeconfig', kubeconfig, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env['PATH'] ?? '', HOME },
    ...(input === undefined ? {} : { input: JSON.stringify(input) }),
  })
  if (error !== undefined) throw new Error('kubectl is not on PATH; install 1.27 or later', { cause: error })
  if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stderr}`)
  return stdout
}
