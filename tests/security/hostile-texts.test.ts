import { hedgehogCrds, startLabServer, type LabFabric, type LabServer } from '@binnacle/lab'
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../faults/_until.ts'
import { openBrowser } from '../system/_browser.ts'
import { newToken, startHubProcess, type HubProcess } from '../system/_hub-process.ts'
import { ask } from './_collect.ts'
import { startTlsPeer, type TlsPeer } from './_tls-peer.ts'

type LabObject = LabFabric['objects'][number]

const MAIN = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'apps/binnacle/src/main.ts')
const MARKUP = '<img src="http://foreign.example/x" onerror="alert(1)">'
const SCRIPT = '"><script src="http://foreign.example/y.js"></script><svg onload=alert(2)>'
/** A name like a picture; without a slash, which no path of ours takes encoded. */
const PICTURE = '<img src=x onerror=alert(4)>'
const LINK = 'javascript:alert(3)'
/** Everything a terminal or a reader could be led astray with: colour, title, C1, bell, a line of its own, reversed text. */
const CONTROL = 'red\u001b[31m\u001b]0;title\u0007\u009b31m\r\n2026-01-01 forged line\u202egnp.exe\u2066'
const HOSTILE_NAME = `name${CONTROL}`

const object = (kind: string, group: string, name: string, spec: object, metadata: object = {}): LabObject =>
  ({ apiVersion: `${group}.githedgehog.com/v1beta1`, kind, metadata: { name, uid: randomUUID(), ...metadata }, spec }) as LabObject

const beside = {
  labels: { 'lab.example/markup': MARKUP, [SCRIPT]: 'x', bidi: CONTROL },
  annotations: { 'lab.example/link': LINK, 'lab.example/runbook': `//foreign.example/\t${MARKUP}` },
}
const objects = [
  object('Server', 'wiring', 'plain', { description: MARKUP }, beside),
  object('Server', 'wiring', 'scripted', { description: SCRIPT, profile: LINK }, beside),
  object('Server', 'wiring', PICTURE, { description: 'named like a picture' }),
  object('Server', 'wiring', HOSTILE_NAME, { description: CONTROL }),
  object('VPC', 'vpc', 'linked', { ipv4Namespace: MARKUP, vlanNamespace: LINK, subnets: { [SCRIPT]: { subnet: LINK, vlan: 1 } } }, beside),
  object('Switch', 'wiring', 'described', { role: SCRIPT, description: MARKUP, profile: LINK, ip: MARKUP }, beside),
]

let folder: string
let lab: LabServer
let peer: TlsPeer
let hub: HubProcess
let token: string
let browser: Browser

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-hostile-'))
  lab = await startLabServer({ crds: hedgehogCrds({ expectedOnly: true }) })
  lab.control.seed(objects)
  peer = await startTlsPeer((request, response) => {
    if (request.url === '/version') return void response.end(JSON.stringify({ gitVersion: CONTROL }))
    response.writeHead(403, { 'content-type': 'application/json' })
    return void response.end(JSON.stringify({ kind: 'Status', code: 403, message: `${CONTROL}${MARKUP}` }))
  })
  const kubeconfig = join(folder, 'harbor.kubeconfig')
  writeFileSync(kubeconfig, lab.kubeconfig('readonly'), { mode: 0o600 })
  ;[hub, browser] = await Promise.all([
    startHubProcess({
      config: { log: { level: 'trace' }, destinations: { loopback: true }, fabrics: [{ id: 1, name: 'harbor', kubeconfig }] },
    }),
    openBrowser(),
  ])
  token = await newToken(hub)
  const connection = { type: 'url', server: peer.url, ca: peer.ca, token: 't' }
  expect((await ask(hub, '/api/v1/fabrics', token, { name: 'hostile', description: MARKUP, connection })).status).toBe(201)
  await until('the objects are listed', async () => /"total":4/.test((await ask(hub, '/api/v1/resources/servers?fabric=1', token)).text))
  // A change after the first listing makes events that name the objects.
  lab.control.seed(objects.map((each) => ({ ...each, spec: { ...(each['spec'] as object), description: `${MARKUP} changed` } })))
  await until('the changes are events', async () => {
    const { text } = await ask(hub, '/api/v1/events?limit=100&types=cr_updated', token)
    return (text.match(/"event_type":"cr_updated"/g) ?? []).length >= objects.length
  })
})

afterAll(async () => {
  await Promise.all([browser?.close(), hub?.close(), lab?.close(), peer?.close()])
  rmSync(folder, { recursive: true, force: true })
})

test('[SE30] hostile texts come back as data: their own bytes, a JSON type, no sniffing, no page', async () => {
  for (const path of [
    '/api/v1/resources/servers?fabric=1',
    '/api/v1/fabrics/1/resources/servers/scripted',
    `/api/v1/fabrics/1/resources/servers/${encodeURIComponent(PICTURE)}`,
    '/api/v1/fabrics/1/resources/servers/scripted/history',
    '/api/v1/fabrics/2',
    '/api/v1/events?limit=100',
    `/api/v1/resources/servers?q=${encodeURIComponent(SCRIPT)}`,
    `/api/v1/nowhere/${encodeURIComponent(SCRIPT)}`,
  ]) {
    const answer = await fetch(hub.url + path, { headers: { authorization: `Bearer ${token}`, accept: 'text/html' } })
    expect(answer.headers.get('content-type'), path).toMatch(/^application\/(problem\+)?json/)
    expect(answer.headers.get('x-content-type-options'), path).toBe('nosniff')
    expect(answer.headers.get('content-security-policy'), path).toContain("default-src 'none'")
    await answer.json()
  }
  const { text } = await ask(hub, '/api/v1/fabrics/1/resources/servers/plain', token)
  const { actual } = JSON.parse(text.slice(text.indexOf('\n\n') + 2)) as { actual: LabObject }
  expect(actual.metadata.labels).toEqual(beside.labels)
  expect(actual.metadata.annotations).toEqual(beside.annotations)
})

/** What a page did that no page may do. */
async function watchedPage(): Promise<{ readonly page: Page; readonly trouble: string[] }> {
  const page = await browser.newPage()
  const trouble: string[] = []
  page.on('dialog', (dialog) => {
    trouble.push(`dialog ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(hub.url) && !request.url().startsWith('data:')) trouble.push(`request ${request.url()}`)
  })
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) trouble.push(message.text())
  })
  page.on('pageerror', (error) => trouble.push(error.message))
  return { page, trouble }
}

test('[SE31] the console shows hostile texts as they were typed: no dialog, no foreign request, no report of its policy', async () => {
  const { page, trouble } = await watchedPage()
  const link = /http\S+\/setup#\S+/.exec((await hub.run('setup-link')).stdout)?.[0] ?? ''
  await page.goto(link)
  await page.getByLabel('Name').fill('ada')
  for (const field of await page.locator('input[type=password]').all()) await field.fill('a long enough password')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'harbor' }).first().waitFor()
  const object = (slug: string, name: string): string => `/fabrics/1/${slug}/${encodeURIComponent(name)}?namespace=default`
  const screens: [string, string][] = [
    ['/fabrics', 'harbor'],
    ['/fabrics/1', 'harbor'],
    ['/fabrics/2', 'hostile'],
    ['/servers?fabric=1', MARKUP],
    ['/servers?fabric=1', PICTURE],
    [object('servers', 'plain'), MARKUP],
    [object('servers', 'scripted'), MARKUP],
    [object('servers', PICTURE), PICTURE],
    [object('servers', HOSTILE_NAME), '\\u{202e}'],
    ['/vpcs?fabric=1', LINK],
    [object('vpcs', 'linked'), LINK],
    ['/switches?fabric=1', LINK],
    [object('switches', 'described'), LINK],
    ['/events', PICTURE],
    ['/realtime', 'ada'],
    [`/servers?q=${encodeURIComponent(SCRIPT)}`, 'Servers'],
    [object('servers', '<svg onload=alert(5)>'), 'Servers'],
  ]
  for (const [path, shown] of screens) {
    await page.goto(hub.url + path)
    await page
      .getByText(shown)
      .first()
      .waitFor({ timeout: 10_000 })
      .catch((error: unknown) => {
        throw new Error(`${path} does not show ${shown}`, { cause: error })
      })
    const built = await page.evaluate(() => ({
      foreign: [...document.querySelectorAll('img, iframe, script, link, svg, a, form, object, embed')]
        .flatMap((element) => ['src', 'href', 'action', 'data'].map((name) => element.getAttribute(name) ?? ''))
        .filter(
          (address) =>
            address !== '' && !address.startsWith('data:image/') && new URL(address, document.baseURI).origin !== location.origin,
        ),
      handlers: document.querySelectorAll('[onerror], [onload], [onclick]').length,
      hidden: /[\u202a-\u202e\u2066-\u2069\u009b]/.test(document.body.textContent ?? ''),
    }))
    expect(built, path).toEqual({ foreign: [], handlers: 0, hidden: false })
  }
  expect(trouble).toEqual([])
  await page.close()
}, 90_000)

test('[SE31] the same markup in a page that builds it does all of it', async () => {
  const { page, trouble } = await watchedPage()
  await page.setContent(`<p>${MARKUP}${SCRIPT}</p>`)
  await until('the page shows dialogs and asks foreign servers', () =>
    ['dialog 1', 'dialog 2', 'request http://foreign.example/x'].every((each) => trouble.includes(each)),
  )
  await page.close()
})

test('[SE32] commands print hostile names, causes and versions without any control byte, a line for a line', async () => {
  const clean = (text: string, what: string): void => {
    // eslint-disable-next-line no-control-regex -- finding control characters is the purpose
    expect(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.exec(text)?.[0], what).toBeUndefined()
    expect(
      text.split('\n').filter((line) => line.startsWith('2026-01-01 forged')),
      what,
    ).toEqual([])
  }
  for (const args of [[], ['--json']]) {
    const child = spawn(
      process.execPath,
      ['--conditions=@binnacle/source', MAIN, 'tail', '--from', 'oldest', ...args, '--config', join(hub.dataDir, 'binnacle.yaml')],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    )
    const closed = once(child, 'close')
    let out = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
    await until('tail shows the hostile name', () => out.includes('forged line') && out.endsWith('\n'), 30_000)
    child.kill('SIGTERM')
    await closed
    expect(out).toContain('\\u001b[31m')
    clean(out, `tail ${args.join(' ')}`)
  }
  const listed = await hub.run('fabric', 'list')
  expect([listed.status, listed.stdout.split('\n').length]).toEqual([0, 4])
  clean(listed.stdout + listed.stderr, 'fabric list')
  const tested = await hub.run('fabric', 'test', 'hostile')
  expect(tested.status).toBe(1)
  clean(tested.stdout + tested.stderr, 'fabric test')
  clean(hub.log(), 'log')
  // Over the API the name is what it is; whoever prints that prints the controls.
  const { text } = await ask(hub, '/api/v1/resources/servers?fabric=1', token)
  const { rows } = JSON.parse(text.slice(text.indexOf('\n\n') + 2)) as { rows: { name: string }[] }
  expect(rows.map(({ name }) => name)).toContain(HOSTILE_NAME)
  expect(() => clean(rows.map(({ name }) => name).join('\n'), 'printed as it is')).toThrow(/printed as it is/)
}, 60_000)
