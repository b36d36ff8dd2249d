import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openBrowser } from './_browser.ts'
import { startDemo, type Demo } from './_demo.ts'
import { kubectl } from './_kubectl.ts'

const PASSWORD = 'a long enough password'
/** The 12 kinds as the console names them in its navigation, and as kubectl does. */
const KINDS: readonly (readonly [string, string])[] = [
  ['IPv4 namespaces', 'ipv4namespaces'],
  ['VPCs', 'vpcs'],
  ['Externals', 'externals'],
  ['VPC attachments', 'vpcattachments'],
  ['External attachments', 'externalattachments'],
  ['VPC peerings', 'vpcpeerings'],
  ['External peerings', 'externalpeerings'],
  ['VLAN namespaces', 'vlannamespaces'],
  ['Switch groups', 'switchgroups'],
  ['Switches', 'switches'],
  ['Servers', 'servers'],
  ['Connections', 'connections'],
]

let demo: Demo
let browser: Browser
let page: Page
const trouble: string[] = []

beforeAll(async () => {
  demo = await startDemo('--life', 'beats')
  browser = await openBrowser()
  page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
  page.on('pageerror', (error) => trouble.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) trouble.push(message.text())
  })
}, 120_000)

afterAll(async () => {
  await browser.close()
  await demo.close()
})

const counted = (kubeconfig: string, plural: string): number =>
  kubectl(kubeconfig, ['get', plural, '-o', 'name'])
    .split('\n')
    .filter((line) => line !== '').length

const vpc = (name: string, description: number) => ({
  apiVersion: 'vpc.githedgehog.com/v1beta1',
  kind: 'VPC',
  metadata: { name },
  spec: {
    ipv4Namespace: 'default',
    vlanNamespace: 'default',
    subnets: { only: { subnet: `10.40.${description}.0/24`, vlan: 2_000 + description } },
  },
})

test('[SY1] the printed link makes the administrator and leads to both fabrics', async () => {
  await page.goto(demo.setupLink)
  await page.getByLabel('Name').fill('ada')
  const passwords = page.locator('input[type=password]')
  await passwords.nth(0).fill(PASSWORD)
  await passwords.nth(1).fill(PASSWORD)
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'harbor' }).first().waitFor()
  await page.getByRole('link', { name: 'quay' }).first().waitFor()
  expect(page.url()).not.toContain('#')
})

test('[SY2] all 12 kinds are shown with the counts that kubectl gives', async () => {
  await page.goto(`${demo.url}/fabrics`)
  const navigation = page.getByRole('navigation')
  for (const [title, plural] of KINDS) {
    const wanted = demo.kubeconfigs.reduce((sum, kubeconfig) => sum + counted(kubeconfig, plural), 0)
    expect(wanted, plural).toBeGreaterThan(0)
    await navigation.getByRole('link', { name: new RegExp(`^${title}\\s*${wanted}$`) }).waitFor()
  }
})

test('[SY3] what kubectl applies, changes and deletes shows in the list without a reload', async () => {
  const [kubeconfig = ''] = demo.kubeconfigs
  await page.goto(`${demo.url}/vpcs?fabric=1`)
  await page.getByRole('link', { name: 'web', exact: true }).first().waitFor()
  await page.evaluate(() => {
    ;(globalThis as unknown as { notReloaded: boolean }).notReloaded = true
  })
  kubectl(kubeconfig, ['apply', '-f', '-'], vpc('by-hand', 250))
  const row = page.getByRole('row', { name: /by-hand/ })
  await row.waitFor()
  await page.getByText('only 10.40.250.0/24').waitFor()
  kubectl(kubeconfig, ['apply', '-f', '-'], vpc('by-hand', 251))
  await page.getByText('only 10.40.251.0/24').waitFor()
  kubectl(kubeconfig, ['delete', 'vpc', 'by-hand'])
  await row.waitFor({ state: 'detached' })
  expect(await page.evaluate(() => (globalThis as unknown as { notReloaded?: boolean }).notReloaded)).toBe(true)
})

test('[SY4] a new object shows on the pages of both ends of a relation, without a reload', async () => {
  const [kubeconfig = ''] = demo.kubeconfigs
  await page.goto(`${demo.url}/fabrics/1/vlan-namespaces/default?namespace=default`)
  await page.getByText('Referred to by').waitFor()
  kubectl(kubeconfig, ['apply', '-f', '-'], vpc('related', 252))
  const link = page.getByRole('link', { name: 'related', exact: true }).first()
  await link.waitFor()
  await link.click()
  await page.getByRole('heading', { name: 'related' }).waitFor()
  await page.getByText('VLAN namespace · as vlan namespace').waitFor()
  kubectl(kubeconfig, ['delete', 'vpc', 'related'])
})

test('[SY5] when the server is cut the screen says since when it is stale, and comes back by itself', async () => {
  await page.goto(`${demo.url}/fabrics`)
  const link = page.getByRole('button', { name: /^Live connection/ })
  await page.getByRole('button', { name: /^Live connection: live/ }).waitFor()
  demo.process.kill('SIGSTOP')
  try {
    await page.getByRole('button', { name: /^Live connection: .*stale since/ }).waitFor({ timeout: 30_000 })
  } finally {
    demo.process.kill('SIGCONT')
  }
  await page.getByRole('button', { name: /^Live connection: live/ }).waitFor({ timeout: 30_000 })
  expect(await link.getAttribute('data-link')).toBe('live')
})

test('[SY6] no page broke its security policy or threw', () => {
  expect(trouble).toEqual([])
})
