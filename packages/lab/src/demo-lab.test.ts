import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import type { DemoFabric } from './demo-lab.ts'
import { LabClient } from './life/lab-client.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

function start(...args: readonly string[]) {
  const child = spawn(process.execPath, ['--conditions=@binnacle/source', MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  return child
}

test('[LF23] the lab process announces both fabrics in one line, serves them, and ends cleanly on SIGTERM', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'lab-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const child = start('--folder', folder, '--speed', '10', '--objects', '20')
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  const { fabrics } = JSON.parse(line) as { fabrics: DemoFabric[] }
  expect(fabrics.map(({ name }) => name)).toEqual(['harbor', 'quay'])
  expect(new Set(fabrics.map(({ server }) => server)).size).toBe(2)
  for (const { kubeconfig, server } of fabrics) {
    expect(statSync(kubeconfig ?? '').mode & 0o777).toBe(0o600)
    expect(readFileSync(kubeconfig ?? '', 'utf8')).toContain(server)
  }
  for (const [place, expected] of [28, 4].entries()) {
    const fabric = fabrics[place]
    if (fabric === undefined) throw new Error('not announced')
    const client = new LabClient(fabric)
    onTestFinished(() => client.close())
    const { items } = await client.list('VPC')
    // The announced account sees everything and may change nothing.
    expect(items.length).toBeGreaterThanOrEqual(expected)
    await expect(client.remove('VPC', items[0]?.metadata.name ?? '')).rejects.toMatchObject({ status: 403 })
  }
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('[LF24] a wrong option ends the lab process with the name of the option', async () => {
  const child = start('--life', 'wild')
  let said = ''
  child.stderr.on('data', (data: Buffer) => {
    said += data.toString()
  })
  const [code] = (await once(child, 'close')) as [number]
  expect(code).not.toBe(0)
  expect(said).toContain('--life wild is not known; use one of story, beats, still')
})
