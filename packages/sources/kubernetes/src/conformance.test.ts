import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLabServer, type LabServer } from '@binnacle/lab'
import { expect, onTestFinished, test } from 'vitest'
import { clusterOfText } from './contract/cluster-under-test.ts'
import { runKubernetesConformance } from './contract/conformance.ts'
import { SUITE_KINDS } from './contract/hedgehog-kinds.ts'
import { until } from './contract/source-cases.ts'

async function emptyLab(): Promise<{ readonly server: LabServer; readonly kubeconfig: string }> {
  const server = await startLabServer({})
  const folder = mkdtempSync(join(tmpdir(), 'binnacle-conformance-'))
  onTestFinished(async () => {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, server.kubeconfig())
  return { server, kubeconfig }
}

async function left(server: LabServer): Promise<string[]> {
  const cluster = await clusterOfText(server.kubeconfig())
  try {
    return (await Promise.all(SUITE_KINDS.map((kind) => cluster.list(kind)))).flat()
  } finally {
    await cluster.close()
  }
}

test('[KS41] on an empty server that may be written the suite sees objects of its own, and leaves none behind', async () => {
  const { server, kubeconfig } = await emptyLab()
  const lines: string[] = []
  expect(await runKubernetesConformance(['--kubeconfig', kubeconfig, '--only', 'KS1'], (line) => lines.push(line))).toBe(0)
  expect(lines.at(-1)).toBe('1 passed, 0 failed, 0 skipped')
  expect(lines.filter((line) => /^ +\S+ +[1-9]\d* objects/.test(line)).length).toBeGreaterThan(2)
  expect(await left(server)).toEqual([])
})

test('[KS41] an empty server that is only read proves nothing, and the suite says so', async () => {
  const { server, kubeconfig } = await emptyLab()
  const lines: string[] = []
  expect(await runKubernetesConformance(['--kubeconfig', kubeconfig, '--only', 'KS1', '--read-only'], (line) => lines.push(line))).toBe(1)
  expect(lines.join('\n')).toContain('nothing was proven')
  expect(await left(server)).toEqual([])
})

test('[KS41] interrupted in the middle, the suite still removes what it made', async () => {
  const { server, kubeconfig } = await emptyLab()
  const runner = new URL('./contract/conformance.ts', import.meta.url).href
  const program = `import { runKubernetesConformance } from ${JSON.stringify(runner)}; await runKubernetesConformance(['--kubeconfig', ${JSON.stringify(kubeconfig)}])`
  const child = spawn(process.execPath, ['--conditions=@binnacle/source', '--input-type=module', '-e', program], { stdio: 'ignore' })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  onTestFinished(() => void child.kill('SIGKILL'))
  await until('objects are made', async () => (await left(server)).length >= 5)
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(await left(server)).toEqual([])
})
