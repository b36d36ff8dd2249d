import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startLabServer, type LabServer, type LabServerOptions } from './lab-server.ts'
import { gadget, GADGETS } from './test-crd.ts'
import { hedgehogCrds } from './hedgehog-crds.ts'

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

let home: string
const servers: LabServer[] = []
beforeAll(async () => {
  const { error } = spawnSync('kubectl', ['version', '--client'])
  if (error !== undefined)
    throw new Error('kubectl is not on PATH: install kubectl 1.27 or later and run the tests again', { cause: error })
  home = await mkdtemp(join(tmpdir(), 'binnacle-kubectl-'))
})
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close()
})
afterAll(async () => {
  await rm(home, { recursive: true, force: true })
})

interface Kubectl {
  (...args: string[]): Promise<Outcome>
  readonly server: LabServer
  readonly kubeconfig: string
}

async function lab(options: LabServerOptions = {}, account = 'admin'): Promise<Kubectl> {
  const server = await startLabServer({ crds: [GADGETS, ...hedgehogCrds({ expectedOnly: true })], ...options })
  servers.push(server)
  const kubeconfig = join(home, `kubeconfig-${server.port}`)
  await writeFile(kubeconfig, server.kubeconfig(account), { mode: 0o600 })
  return Object.assign((...args: string[]) => run(kubeconfig, args), { server, kubeconfig })
}

function environment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, HOME: home, KUBE_EDITOR: 'sed -i "s/size: 3/size: 7/"' }
}

function run(kubeconfig: string, args: readonly string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile('kubectl', ['--kubeconfig', kubeconfig, ...args], { env: environment(), timeout: 20_000 }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, out, err })
    })
  })
}

async function file(name: string, ...objects: object[]): Promise<string> {
  const path = join(home, name)
  await writeFile(path, objects.map((object) => JSON.stringify(object)).join('\n---\n'))
  return path
}

const squeezed = (text: string): string[] =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim().replaceAll(/\s+/g, ' '))

for (const mode of ['1.20', '1.27', '1.32'] as const) {
  test(`[LA32] ${mode}: apply, get, diff, server-side apply, explain, delete`, async () => {
    const kubectl = await lab({ mode })
    const first = await file('first.yaml', gadget('a', { parts: { web: { vlan: 1 } } }))
    expect(await kubectl('apply', '-f', first)).toMatchObject({ code: 0, out: 'gadget.lab.example/a created\n' })
    expect((await kubectl('apply', '-f', first)).out).toBe('gadget.lab.example/a unchanged\n')
    const wide = squeezed((await kubectl('get', 'gadgets', '-o', 'wide')).out)
    expect(wide[0]).toBe('NAME ROLE SIZE PARTS AGE')
    expect(wide[1]).toMatch(/^a leaf 3 \{"web":\{"mode":"auto","vlan":1\}\} \d+s$/)
    expect(JSON.parse((await kubectl('get', 'gd', 'a', '-o', 'json')).out)).toMatchObject({ kind: 'Gadget', spec: { size: 3 } })
    expect((await kubectl('get', 'gd', 'a', '-o', 'yaml')).out).toContain('resourceVersion: "')
    const second = await file('second.yaml', gadget('a', { parts: { web: { vlan: 2 } } }))
    const diff = await kubectl('diff', '-f', second)
    expect(diff.code).toBe(1)
    expect(diff.out).toMatch(/^-\s+vlan: 1$/m)
    expect(diff.out).toMatch(/^\+\s+vlan: 2$/m)
    const refused = await kubectl('apply', '--server-side', '-f', second)
    expect(refused.err).toContain('Apply failed with 1 conflict: conflict with "kubectl-client-side-apply"')
    expect((await kubectl('apply', '--server-side', '--force-conflicts', '-f', second)).out).toBe(
      'gadget.lab.example/a serverside-applied\n',
    )
    expect((await kubectl('diff', '-f', second)).code).toBe(0)
    const explained = (await kubectl('explain', 'gadget.spec.parts')).out
    expect(squeezed(explained)).toContain('vlan <integer>')
    expect((await kubectl('delete', 'gadget', 'a')).out).toContain('gadget.lab.example "a" deleted')
    expect((await kubectl('get', 'gd')).err).toContain('No resources found in default namespace.')
    expect((await kubectl('get', 'gd', 'a')).err).toContain('gadgets.lab.example "a" not found')
  }, 120_000)
}

test('[LA32] patch, label, edit, create, status, raw reads, discovery and rights', async () => {
  const kubectl = await lab()
  const path = await file('gadget.yaml', gadget('a'))
  expect((await kubectl('create', '-f', path)).code).toBe(0)
  expect((await kubectl('create', '-f', path)).err).toContain('(AlreadyExists)')
  expect((await kubectl('label', 'gd', 'a', 'x=y')).out).toContain('labeled')
  expect((await kubectl('get', 'gd', '-l', 'x=y', '-o', 'name')).out).toBe('gadget.lab.example/a\n')
  expect((await kubectl('edit', 'gd', 'a')).out).toContain('edited')
  expect((await kubectl('get', 'gd', 'a', '-o', 'jsonpath={.spec.size} {.metadata.generation}')).out).toBe('7 2')
  const wrong = await kubectl('patch', 'gd', 'a', '--type=merge', '-p', '{"spec":{"role":"bad"}}')
  expect(wrong.err).toContain('The Gadget "a" is invalid: spec.role: Unsupported value: "bad": supported values: "spine", "leaf"')
  expect((await kubectl('patch', 'gd', 'a', '--type=json', '-p', '[{"op":"replace","path":"/spec/role","value":"spine"}]')).code).toBe(0)
  expect((await kubectl('patch', 'gd', 'a', '--subresource=status', '--type=merge', '-p', '{"status":{"phase":"up"}}')).code).toBe(0)
  expect((await kubectl('wait', 'gd/a', '--for=jsonpath={.status.phase}=up', '--timeout=5s')).code).toBe(0)
  const unknown = await file('unknown.yaml', gadget('b', { rule: 1 }))
  expect((await kubectl('create', '-f', unknown)).err).toContain('strict decoding error: unknown field "spec.rule"')
  expect((await kubectl('create', '--validate=warn', '-f', unknown)).err).toContain('Warning: unknown field "spec.rule"')
  expect((await kubectl('get', '--raw', '/apis/lab.example/v1/gadgets?limit=1')).out).toContain('"remainingItemCount":1')
  const resources = squeezed((await kubectl('api-resources', '--api-group=vpc.githedgehog.com')).out)
  expect(resources).toContain('vpcattachments vpcattach vpc.githedgehog.com/v1beta1 true VPCAttachment')
  expect(squeezed((await kubectl('api-versions')).out)).toContain('wiring.githedgehog.com/v1beta1')
  expect((await kubectl('version')).out).toContain('v1.32.4+binnacle-lab')
  expect(squeezed((await kubectl('get', 'namespaces')).out).map((line) => line.split(' ').slice(0, 2))).toEqual([
    ['NAME', 'STATUS'],
    ['default', 'Active'],
    ['kube-system', 'Active'],
  ])
  expect((await kubectl('create', 'namespace', 'extra')).code).toBe(0)
  expect((await kubectl('auth', 'can-i', 'delete', 'gadgets.lab.example')).out).toBe('yes\n')
  expect((await kubectl('explain', 'vpc.spec.subnets')).out).toContain('FIELD: subnets')
  expect((await kubectl('get', 'crd', 'gadgets.lab.example')).code).toBe(0)
  expect((await kubectl('delete', 'crd', 'gadgets.lab.example')).code).toBe(0)
  expect((await kubectl('get', 'gadgets')).err).toMatch(/the server (could not find the requested resource|doesn't have a resource type)/)
}, 120_000)

test('[LA32] a read-only account reads, and is told why it cannot write', async () => {
  const kubectl = await lab({}, 'readonly')
  kubectl.server.control.seed([gadget('a')])
  expect(squeezed((await kubectl('get', 'gd', '-A')).out)[1]).toMatch(/^default a leaf/)
  const denied = await kubectl('delete', 'gd', 'a')
  expect(denied.err).toContain(
    'gadgets.lab.example "a" is forbidden: User "system:serviceaccount:default:readonly" cannot delete resource "gadgets" in API group "lab.example" in the namespace "default"',
  )
  expect((await kubectl('auth', 'can-i', 'create', 'gadgets.lab.example')).out).toBe('no\n')
}, 60_000)

test('[LA32] get -w shows each change as a row, under one header', async () => {
  const kubectl = await lab()
  kubectl.server.control.seed([gadget('a')])
  const child = spawn('kubectl', ['--kubeconfig', kubectl.kubeconfig, 'get', 'gadgets', '-w', '--output-watch-events'], {
    env: environment(),
  })
  const lines: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line.trim().replaceAll(/\s+/g, ' ')))
  await expect.poll(() => kubectl.server.control.watches().length, { timeout: 10_000 }).toBe(1)
  kubectl.server.control.seed([gadget('b', { role: 'spine' })])
  kubectl.server.control.remove('gadgets.lab.example', 'default', 'a')
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(4)
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill()
  await closed
  expect(lines.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual([
    'EVENT NAME ROLE',
    'ADDED a leaf',
    'ADDED b spine',
    'DELETED a leaf',
  ])
  await expect.poll(() => kubectl.server.control.watches().length).toBe(0)
}, 60_000)

test('[LA33] as a process of its own: one line, a private kubeconfig, an end on SIGTERM', async () => {
  const kubeconfig = join(home, 'own-process')
  const main = new URL('main.ts', import.meta.url).pathname
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=@binnacle/source', main, '--kubeconfig', kubeconfig, '--mode', '1.27'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const line = await new Promise<string>((resolve) => createInterface({ input: child.stdout! }).once('line', resolve))
  const ready = JSON.parse(line) as { url: string; port: number; kubeconfig: string; controlToken: string }
  expect(ready).toMatchObject({ url: `https://127.0.0.1:${ready.port}`, kubeconfig })
  expect((await stat(kubeconfig)).mode & 0o777).toBe(0o600)
  expect(await readFile(kubeconfig, 'utf8')).toContain('certificate-authority-data')
  expect((await run(kubeconfig, ['get', '--raw', '/version'])).out).toContain('v1.27.16+binnacle-lab')
  expect((await run(kubeconfig, ['get', 'vpcs'])).err).toContain('No resources found')
  child.kill('SIGTERM')
  expect(await exited).toBe(0)
}, 60_000)
