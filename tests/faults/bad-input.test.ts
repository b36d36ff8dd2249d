import { FabricLife, hedgehogCrds, labClock, spineLeafFabric, startLabServer, type LabServerOptions } from '@binnacle/lab'
import { gaugeSchema, type Cause } from '@binnacle/protocol'
import { z } from 'zod'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startHubProcess, type HubProcess } from '../system/_hub-process.ts'
import { probe, resourceOf, startFaultFabric, TWELVE, type FaultFabric } from './_fault-fabric.ts'
import { viewHub, type HubView } from './_hub-view.ts'
import { until } from './_until.ts'

const folder = mkdtempSync(join(tmpdir(), 'binnacle-bad-input-'))
const undo: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })]
const fileOf = (name: string): string => join(folder, `${name}.kubeconfig`)
const SKEW_MS = 600_000
const NAMES = ['sound', 'expired', 'denied', 'without', 'odd', 'old', 'unreadable', 'absent', 'unreachable', 'bad-ca', 'skewed']
let hub: HubProcess
let view: HubView
let sound: FaultFabric
let expired: FaultFabric
let odd: FaultFabric

async function fabric(name: string, server?: LabServerOptions, account = 'admin'): Promise<FaultFabric> {
  const made = await startFaultFabric(folder, name, { account, ...(server === undefined ? {} : { server }) })
  undo.push(() => made.close())
  return made
}

/** Switch agents that beat, by a clock that is wrong. */
async function skewedFabric(): Promise<void> {
  const lab = await startLabServer({ watch: { bookmarkMs: 1_500 } })
  undo.push(() => lab.close())
  const { objects, plan } = spineLeafFabric({ name: 'skewed', at: Date.now() - SKEW_MS })
  lab.control.seed(objects)
  writeFileSync(fileOf('skewed'), lab.kubeconfig(), { mode: 0o600 })
  const clock = { ...labClock, now: () => Date.now() - SKEW_MS }
  const life = new FabricLife({ access: { server: lab.url, ca: lab.ca, token: lab.token() }, plan, clock, speed: 15, script: 'none' })
  undo.push(() => life.stop())
  life.start()
}

beforeAll(async () => {
  sound = await fabric('sound')
  expired = await fabric('expired')
  odd = await fabric('odd')
  await fabric('denied', {}, 'denied')
  await fabric('without', { crds: hedgehogCrds({ expectedOnly: true, without: ['VPCPeering'] }) })
  await skewedFabric()
  const old = await startLabServer({ crds: hedgehogCrds({ expectedOnly: true, version: 'v1alpha2' }) })
  undo.push(() => old.close())
  const write = (name: string, text: string): void => writeFileSync(fileOf(name), text, { mode: 0o600 })
  write('old', old.kubeconfig())
  write('unreadable', '{ this is : [ no kubeconfig')
  write('unreachable', sound.lab.kubeconfig().replaceAll(sound.lab.url, 'https://127.0.0.1:1'))
  const base64 = (text: string): string => Buffer.from(text).toString('base64')
  write('bad-ca', sound.lab.kubeconfig().replace(base64(sound.lab.ca), base64(odd.lab.ca)))
  hub = await startHubProcess({
    config: { fabrics: NAMES.map((name) => ({ name, kubeconfig: fileOf(name), settings: { stall_deadline_seconds: 10 } })) },
  })
  undo.push(() => hub.close())
  view = await viewHub(hub)
  undo.push(() => view.close())
  for (const name of ['sound', 'expired', 'odd', 'skewed']) await view.live(await view.id(name))
}, 240_000)

afterAll(async () => {
  for (const step of undo.toReversed()) await step()
})

/** What is wrong with a fabric, on its page, in `fabric test` and in the log. */
interface Shown {
  readonly status: string
  readonly code: string
  /** Kinds that are touched; all others must be live. */
  readonly kinds: readonly string[]
  readonly state: string
}

async function expectShown(name: string, wanted: Shown): Promise<Cause> {
  const id = await view.id(name)
  const detail = await until(
    `${name} is ${wanted.status}`,
    async () => {
      const seen = await view.detail(id)
      const touched = seen.watches.filter(({ kind }) => wanted.kinds.includes(kind))
      return (
        seen.fabric.status === wanted.status &&
        touched.every(({ state, cause }) => state === wanted.state && cause?.code === wanted.code) &&
        seen
      )
    },
    30_000,
  )
  const { cause } = detail.fabric
  expect(cause?.code).toBe(wanted.code)
  expect(cause?.message).not.toBe('')
  expect(cause?.remedy).not.toBe('')
  for (const watch of detail.watches.filter(({ expected, kind }) => expected && !wanted.kinds.includes(kind))) {
    expect(watch, `${watch.kind} goes on`).toMatchObject({ state: 'live', cause: null })
  }
  const proof = await hub.run('fabric', 'test', name)
  const output = proof.stdout + proof.stderr
  expect(output, '`fabric test` tells the remedy').toContain(cause?.remedy)
  expect(proof.status).toBe(wanted.state === 'live' ? 0 : 1)
  const logged = hub
    .log()
    .split('\n')
    .filter((line) => line.includes(`"code":"${wanted.code}"`) && line.includes(`"scope":"fabric/${id}"`))
    .map((line) => JSON.parse(line) as { readonly cause: string; readonly remedy: string })
  expect(logged.length, 'the log tells it').toBeGreaterThan(0)
  expect(logged[0]?.remedy).toBe(cause?.remedy)
  expect(logged[0]?.cause).not.toBe('')
  if (cause === null) throw new Error('there is no cause')
  return cause
}

const TABLE: readonly (Shown & { readonly name: string; readonly what: string })[] = [
  {
    name: 'unreadable',
    what: 'a kubeconfig that is none',
    status: 'unreachable',
    code: 'KUBECONFIG_UNREADABLE',
    kinds: TWELVE,
    state: 'unreachable',
  },
  {
    name: 'absent',
    what: 'a kubeconfig that is not there',
    status: 'unreachable',
    code: 'KUBECONFIG_UNREADABLE',
    kinds: TWELVE,
    state: 'unreachable',
  },
  {
    name: 'unreachable',
    what: 'a server that is not there',
    status: 'unreachable',
    code: 'CLUSTER_UNREACHABLE',
    kinds: TWELVE,
    state: 'unreachable',
  },
  { name: 'bad-ca', what: 'a certificate of another CA', status: 'unreachable', code: 'CLUSTER_TLS', kinds: TWELVE, state: 'unreachable' },
  {
    name: 'denied',
    what: 'an account that may not read one kind',
    status: 'degraded',
    code: 'CLUSTER_FORBIDDEN',
    kinds: ['VPC'],
    state: 'forbidden',
  },
  {
    name: 'without',
    what: 'a CRD that is not installed',
    status: 'degraded',
    code: 'KIND_NOT_SERVED',
    kinds: ['VPCPeering'],
    state: 'not_served',
  },
  { name: 'old', what: 'CRDs of another version', status: 'degraded', code: 'KIND_OTHER_VERSION', kinds: TWELVE, state: 'not_served' },
]

for (const { name, what, ...wanted } of TABLE) {
  test.concurrent(
    `[SY29] ${what} is shown with cause and remedy on the fabric, in its test and in the log`,
    { timeout: 150_000 },
    async () => {
      await expectShown(name, wanted)
    },
  )
}

test.concurrent(
  '[SY29] a token that expires under way is shown; a new one is not waited for in silence',
  { timeout: 150_000 },
  async () => {
    expired.lab.control.expireTokens('admin')
    expired.lab.control.endWatches({}, 'reset')
    await expectShown('expired', { status: 'unauthorized', code: 'CLUSTER_UNAUTHORIZED', kinds: TWELVE, state: 'unauthorized' })
  },
)

test.concurrent(
  '[SY30] an object of 3 MB and one that is none are set aside, named, and over when they are over; all others go on',
  { timeout: 150_000 },
  async () => {
    const id = await view.id('odd')
    odd.lab.control.inflate(resourceOf('VPC'), 'default', probe('VPC', 1), 3_000_000)
    const line = {
      type: 'ADDED',
      object: { apiVersion: 'wiring.githedgehog.com/v1beta1', kind: 'Server', metadata: { resourceVersion: '1' } },
    }
    await expectShown('odd', { status: 'connected', code: 'OBJECT_TOO_LARGE', kinds: ['VPC'], state: 'live' })
    odd.update('VPC', probe('VPC', 2))
    odd.lab.control.injectRaw(`${JSON.stringify(line)}\n`, { resource: resourceOf('Server') })
    const aside = await until('both are told', () => {
      const told = view.events.filter(({ event_type, fabric_id }) => event_type === 'cr_quarantined' && fabric_id === id)
      return told.length >= 2 && told
    })
    expect(aside.map(({ subject, data }) => [subject?.kind, (data['cause'] as Cause).code])).toEqual([
      ['VPC', 'OBJECT_TOO_LARGE'],
      ['Server', 'OBJECT_MALFORMED'],
    ])
    for (const { data } of aside) expect((data['cause'] as Cause).remedy).not.toBe('')
    await view.agrees(
      id,
      odd,
      TWELVE.filter((kind) => kind !== 'VPC'),
    )
    await until('the change after it is seen', () => view.changes(id).some(({ subject }) => subject?.name === probe('VPC', 2)))
    odd.remove('VPC', probe('VPC', 1))
    await view.agrees(id, odd)
    await until(
      'the cause is gone with the object',
      async () => (await view.detail(id)).watches.find(({ kind }) => kind === 'VPC')?.cause === null,
    )
  },
)

test.concurrent(
  '[SY31] a switch whose clock is wrong is as alive as its heart beats, and its skew is shown',
  { timeout: 150_000 },
  async () => {
    const id = await view.id('skewed')
    const schema = z.object({ at: z.string(), gauges: z.array(gaugeSchema) })
    const skews = await until('heartbeats are heard', async () => {
      const { gauges } = await view.api.get(`fabrics/${id}/gauges`, schema)
      const values = gauges.filter(({ kind }) => kind === 'Agent').map(({ values: { clock_skew_ms } }) => Number(clock_skew_ms))
      return values.length >= 7 && values
    })
    for (const skew of skews) expect(Math.abs(skew - SKEW_MS)).toBeLessThan(30_000)
    const { kinds, fabric: shown } = await until('all switches are judged', async () => {
      const detail = await view.detail(id)
      return detail.kinds.find(({ kind }) => kind === 'Switch')?.by_health['healthy'] === 7 && detail
    })
    expect(shown.status).toBe('connected')
    expect(kinds.find(({ kind }) => kind === 'Switch')?.by_health).toEqual({ healthy: 7 })
  },
)

test('[SY32] beside all that a sound fabric is live in all kinds, with no cause', async () => {
  const { fabric: shown, watches } = await view.detail(await view.id('sound'))
  expect(shown).toMatchObject({ status: 'connected', cause: null })
  expect(watches.filter(({ expected, state }) => expected && state !== 'live')).toEqual([])
  sound.update('VPC', probe('VPC', 1))
  await view.agrees(await view.id('sound'), sound)
})
