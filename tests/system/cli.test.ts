import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout } from 'node:timers/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { cliWith, startHubProcess, tokenOf, type HubProcess } from './_hub-process.ts'
import { kubectl } from './_kubectl.ts'
import { startLabServerProcess, type LabServerProcess } from './_lab-server.ts'

let folder: string
let lab: LabServerProcess
let hub: HubProcess
let kubeconfig: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-cli-'))
  kubeconfig = join(folder, 'admin.kubeconfig')
  lab = await startLabServerProcess(kubeconfig)
  hub = await startHubProcess({ config: { destinations: { loopback: true } } })
}, 120_000)

afterAll(async () => {
  await hub.close()
  await lab.close()
  rmSync(folder, { recursive: true, force: true })
})

const openWatches = async (): Promise<number> => ((await lab.control('watches')) as unknown[]).length

const get = async (path: string, token: string) => fetch(`${hub.url}${path}`, { headers: { authorization: `Bearer ${token}` } })

async function until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 40_000
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > end) throw new Error(`not in time: ${what}`)
    await setTimeout(50)
  }
}

test('[SY7] a fabric is added, proven, listed and removed from the command line while the hub runs', async () => {
  const added = hub.cli('fabric', 'add', 'by-cli', '--kubeconfig', kubeconfig)
  expect(added.stderr).toBe('')
  expect(added.stdout).toMatch(/fabric by-cli has id \d+/)
  const proven = hub.cli('fabric', 'test', 'by-cli')
  expect(proven.stdout).toContain('v1.32')
  expect(proven.stdout).toMatch(/VPC +yes +0 +\d+ ms +\d+ ms/)
  expect(proven.status).toBe(0)
  const token = tokenOf(hub)
  await until('connected', async () => {
    const { fabrics } = (await (await get('/api/v1/fabrics', token)).json()) as { fabrics: { name: string; status: string }[] }
    return fabrics.find(({ name, status }) => name === 'by-cli' && status === 'connected')
  })
  expect(hub.cli('fabric', 'list').stdout).toMatch(/by-cli +connected/)
  expect(hub.cli('fabric', 'remove', 'by-cli').status).toBe(0)
  expect(hub.cli('fabric', 'list').stdout).not.toContain('by-cli')
  await until('no watch left', async () => ((await openWatches()) === 0 ? true : undefined))
})

test('[SY7] a fabric whose cluster is not there is told with cause and remedy, and the exit code says it', () => {
  writeFileSync(join(folder, 'nobody.kubeconfig'), readFileSync(kubeconfig, 'utf8').replaceAll(String(lab.port), '9'))
  hub.cli('fabric', 'add', 'nobody', '--kubeconfig', join(folder, 'nobody.kubeconfig'))
  const proven = hub.cli('fabric', 'test', 'nobody')
  expect(proven.status).toBe(1)
  expect(proven.stdout).toContain('Check address, network and firewall.')
  expect(hub.cli('doctor').stdout).toMatch(/WRONG +fabrics +nobody: unreachable/)
  hub.cli('fabric', 'remove', 'nobody')
})

test('[SY8] a token is shown once, works with its role and no further, and a wrong time is refused', async () => {
  const token = tokenOf(hub, 'viewer', 'fabric/*')
  expect((await get('/api/v1/fabrics', token)).status).toBe(200)
  expect((await get('/api/v1/users', token)).status).toBe(403)
  const refused = hub.cli('token', 'create', '--user', 'x', '--role', 'viewer', '--ttl', 'soon')
  expect(refused.status).toBe(1)
  expect(refused.stderr).toContain('30m, 12h or 7d')
})

test('[SY9] a new set-up link works once and the one before does not', async () => {
  const secretOf = (output: string): string => /#(\S+)/.exec(output)?.[1] ?? ''
  const claim = (secret: string) =>
    fetch(`${hub.url}/api/v1/auth/setup`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ secret, name: 'root', password: 'a long enough password' }),
    })
  const first = secretOf(hub.cli('setup-link').stdout)
  const second = secretOf(hub.cli('setup-link').stdout)
  expect((await claim(first)).status).toBe(410)
  expect((await claim(second)).status).toBe(201)
  expect((await claim(second)).status).toBe(410)
})

test('[SY10] config tells each value with its origin and hides secrets; doctor finds nothing wrong', () => {
  const shown = hub.cli('config').stdout
  expect(shown).toMatch(/listen\.port +0 +.*binnacle\.yaml:1/)
  expect(shown).toMatch(/log\.level +"info" +default/)
  const checked = hub.cli('doctor')
  expect(checked.stdout).toContain('ok')
  expect(checked.stdout).not.toContain('WRONG')
  expect(checked.status).toBe(0)
})

test('[SY11] tail follows what happens, and a second hub on the same folder is refused', async () => {
  hub.cli('fabric', 'add', 'tailed', '--kubeconfig', kubeconfig)
  const tail = spawn(
    process.execPath,
    [
      '--conditions=@binnacle/source',
      join(import.meta.dirname, '../../apps/binnacle/src/main.ts'),
      'tail',
      '--type',
      'cr_*',
      '--config',
      join(hub.dataDir, 'binnacle.yaml'),
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let seen = ''
  let told = ''
  tail.stdout.on('data', (chunk: Buffer) => {
    seen += chunk.toString('utf8')
  })
  tail.stderr.on('data', (chunk: Buffer) => {
    told += chunk.toString('utf8')
  })
  await until('tail is live', async () => (told.includes('live') ? true : undefined))
  await until('the namespaces are watched', async () => ((await openWatches()) >= 12 ? true : undefined))
  kubectl(kubeconfig, ['apply', '-f', '-'], {
    apiVersion: 'wiring.githedgehog.com/v1beta1',
    kind: 'SwitchGroup',
    metadata: { name: 'seen-by-tail' },
    spec: {},
  })
  await until('the event', async () => (/cr_created +SwitchGroup\/seen-by-tail/.test(seen) ? true : undefined))
  tail.kill('SIGINT')
  await new Promise((resolve) => tail.once('exit', resolve))
  const second = hub.cli('serve')
  expect(second.status).toBe(1)
  expect(second.stderr).toContain(`process ${hub.pid}`)
  hub.cli('fabric', 'remove', 'tailed')
})

test('[SY12] a backup is made while the hub runs, and a restored one begins a new epoch', async () => {
  const copy = join(folder, 'copy.db')
  const made = hub.cli('backup', copy)
  expect(made.status).toBe(0)
  expect(statSync(copy).size).toBeGreaterThan(10_000)
  const before = (await (await get('/api/v1/events?limit=1', tokenOf(hub))).json()) as { at: string }
  const other = mkdtempSync(join(tmpdir(), 'binnacle-restored-'))
  try {
    writeFileSync(
      join(other, 'binnacle.yaml'),
      JSON.stringify({ data_dir: other, listen: { port: 0 }, secret_key_file: join(hub.dataDir, 'secret.key') }),
    )
    const restored = cliWith(join(other, 'binnacle.yaml'), 'restore', copy)
    expect(restored.stderr).toBe('')
    expect(existsSync(join(other, 'binnacle.db'))).toBe(true)
    const again = await startHubProcess({ dataDir: other, config: { secret_key_file: join(hub.dataDir, 'secret.key') } })
    try {
      const token = tokenOf(again)
      const after = (await (
        await fetch(`${again.url}/api/v1/events?limit=1`, { headers: { authorization: `Bearer ${token}` } })
      ).json()) as { at: string }
      expect(after.at.split(':')[0]).not.toBe(before.at.split(':')[0])
    } finally {
      await again.kill('SIGTERM')
    }
  } finally {
    rmSync(other, { recursive: true, force: true })
  }
})
