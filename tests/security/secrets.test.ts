import { CRDS, credentialPaths, EXPECTED_KINDS, KINDS } from '@binnacle/hedgehog'
import { projectorModule } from '@binnacle/hub'
import { hedgehogCrds, labClock, startLabServer, type LabServer } from '@binnacle/lab'
import { fabricScope } from '@binnacle/protocol'
import { createKubernetesSource, inspectConnection, openConnection } from '@binnacle/source-kubernetes'
import { openSqliteStore, type Store } from '@binnacle/store'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../faults/_until.ts'
import { newToken, startHubProcess, type HubProcess } from '../system/_hub-process.ts'
import { ask, collectAnswers, collectFrames, type Answer, type Frames } from './_collect.ts'
import { changed, CORE, markedObjects, VAULT_CRD, type LabObject } from './_marked-objects.ts'
import { filesOf, rowsOf, search, type Hay, type Needle } from './_needles.ts'

const PASSWORD = `password-${CORE}-correct`
const WRONG_PASSWORD = `password-${CORE}-mistyped`
const RETENTION = { eventsMs: 86_400_000, eventsMax: 100_000, versionsMs: 86_400_000, versionsPerObject: 50 }
/** Kinds the fabric serves: Hedgehog's and one of the configuration. */
const SERVED = KINDS.length + 1

const marked = markedObjects()
const anyMarker: Needle = { name: 'a marker', text: CORE }
const pluralOf = (object: LabObject): string => KINDS.find(({ kind }) => kind === object.kind)?.plural ?? 'vaults'

let folder: string
let lab: LabServer
let hub: HubProcess
let admin: string
let frames: Frames
let answers: Answer[]
const credentials: Needle[] = []
let backup: string

const jsonOf = (answer: Answer): Record<string, unknown> =>
  JSON.parse(answer.text.slice(answer.text.indexOf('\n\n') + 2)) as Record<string, unknown>

const live = (id: number, wanted: number): Promise<unknown> =>
  until(
    `${wanted} kinds of fabric ${id} are live`,
    async () => {
      const { watches } = jsonOf(await ask(hub, `/api/v1/fabrics/${id}/watches`, admin)) as { watches: { state: string }[] }
      return (
        watches.filter(({ state }) => state === 'live').length === wanted &&
        watches.every(({ state }) => state === 'live' || state === 'disabled')
      )
    },
    30_000,
  )

/** A cookie or a body of an answer that signs somebody in. */
async function signIn(path: string, body: object): Promise<{ token: string; refresh: string }> {
  const answer = await fetch(`${hub.url}/api/v1/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  expect(answer.status, path).toBeLessThan(300)
  const { token } = (await answer.json()) as { token: string }
  const refresh = /=([^;]+);/.exec(answer.headers.get('set-cookie') ?? '')?.[1] ?? ''
  return { token, refresh }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'binnacle-secrets-'))
  lab = await startLabServer({ crds: [...hedgehogCrds(), VAULT_CRD] })
  lab.control.seed(marked.objects)
  const clusterToken = lab.control.addAccount('tokened', { verbs: ['get', 'list', 'watch'] })
  const kubeconfig = join(folder, 'harbor.kubeconfig')
  writeFileSync(kubeconfig, lab.kubeconfig('readonly'), { mode: 0o600 })
  hub = await startHubProcess({
    config: {
      log: { level: 'trace' },
      destinations: { loopback: true },
      fabrics: [{ id: 1, name: 'harbor', kubeconfig, settings: { extra_resources: [{ group: 'lab.example', plural: 'vaults' }] } }],
    },
  })
  admin = await newToken(hub)
  const certificate = lab.kubeconfig('readonly', 'certificate')
  const users = (JSON.parse(certificate) as { users: { user: Record<string, string> }[] }).users
  const clientKey =
    Buffer.from(users[0]?.user['client-key-data'] ?? '', 'base64')
      .toString('utf8')
      .split('\n')[1] ?? ''
  // One kind proves the credential.
  const settings = { disabled_kinds: KINDS.filter(({ kind }) => kind !== 'VPC').map(({ kind }) => kind) }
  for (const [name, connection] of [
    ['tokened', { type: 'url', server: lab.url, ca: lab.ca, token: clusterToken }],
    ['certified', { type: 'kubeconfig', kubeconfig: certificate }],
  ] as const)
    expect((await ask(hub, '/api/v1/fabrics', admin, { name, connection, settings })).status).toBe(201)
  const setup = await hub.run('setup-link')
  const setupSecret = /#(\S+)/.exec(setup.stdout)?.[1] ?? ''
  const first = await signIn('setup', { secret: setupSecret, name: 'ada', password: PASSWORD })
  const second = await signIn('login', { name: 'ada', password: PASSWORD })
  expect((await ask(hub, '/api/v1/auth/login', undefined, { name: 'ada', password: WRONG_PASSWORD })).status).toBe(401)
  credentials.push(
    { name: 'token of a cluster', text: clusterToken },
    { name: 'token of the operator’s kubeconfig', text: lab.token('readonly') },
    { name: 'client key of a cluster', text: clientKey },
    { name: 'set-up secret', text: setupSecret },
    { name: 'password', text: PASSWORD },
    { name: 'mistyped password', text: WRONG_PASSWORD },
    { name: 'API token', text: admin },
    { name: 'access token', text: first.token },
    { name: 'access token of a sign-in', text: second.token },
    { name: 'refresh token', text: first.refresh },
    { name: 'refresh token of a sign-in', text: second.refresh },
    { name: 'sealing key', text: readFileSync(join(hub.dataDir, 'secret.key'), 'utf8').trim() },
  )
  await live(1, SERVED)
  await live(2, 1)
  await live(3, 1)
  frames = await collectFrames(hub, admin)
  for (const turn of [1, 2, 3]) lab.control.seed(changed(marked.objects, turn))
  // What cannot be read holds secrets too: a broken line, and an object without identity.
  const fabricators = { resource: 'fabricators.fabricator.githedgehog.com' }
  lab.control.injectRaw(`{"type":"ADDED","object":{"kind":"Fabricator","spec":{"joinToken":"${CORE}broken"\n`, fabricators)
  const nameless = { apiVersion: 'fabricator.githedgehog.com/v1beta1', kind: 'Fabricator', metadata: {}, spec: { joinToken: `${CORE}x` } }
  lab.control.injectRaw(`${JSON.stringify({ type: 'ADDED', object: nameless })}\n`, fabricators)
  lab.control.remove('vaults.lab.example', 'default', 'full-vault')
  await until('the last change of all is in the log', async () => {
    const { events } = jsonOf(await ask(hub, '/api/v1/events?limit=1000&kinds=Vault&types=cr_deleted', admin)) as { events: unknown[] }
    return events.length > 0
  })
  lab.control.seed(changed(marked.objects.slice(-1), 4))
  await until('every object was changed three times', async () => {
    for (const object of marked.objects.filter(({ metadata }) => metadata.name?.startsWith('full-') === true)) {
      const { status, text } = await ask(hub, `/api/v1/fabrics/1/resources/${pluralOf(object)}/${object.metadata.name}`, admin)
      if (status !== 200 || !/"turn":"[34]"/.test(text)) return false
    }
    return frames.texts.some((text) => text.includes('cr_deleted'))
  })
  answers = await collectAnswers(
    hub,
    admin,
    marked.objects.map((object) => ({ plural: pluralOf(object), name: object.metadata.name ?? '' })),
  )
  for (const path of ['fabrics/1/sync/cluster', 'fabrics/1/test-connection', 'fabrics/2/test-connection'])
    answers.push(await ask(hub, `/api/v1/${path}`, admin, {}))
  answers.push(
    await ask(hub, '/api/v1/fabrics/test-connection', admin, {
      connection: { type: 'url', server: lab.url, ca: lab.ca, token: clusterToken },
    }),
  )
  backup = join(folder, 'backup.db')
  expect((await hub.run('backup', backup)).status).toBe(0)
}, 90_000)

afterAll(async () => {
  frames?.close()
  await hub?.close()
  await lab?.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Everything that the hub left anywhere: its folder with database, WAL and index, the backup, its rows, its log, what it sent. */
function* everything(): Generator<Hay> {
  // The key is in its own file, readable by its owner only; that is the one place for it.
  yield* filesOf(hub.dataDir, ['secret.key'])
  yield { name: 'backup', bytes: readFileSync(backup) }
  yield* rowsOf(backup, 'backup')
  yield* rowsOf(join(hub.dataDir, 'binnacle.db'), 'database')
  yield { name: 'log', bytes: Buffer.from(hub.log()) }
  yield { name: 'frames', bytes: Buffer.from(frames.texts.join('\n')) }
  for (const { path, text } of answers) yield { name: path, bytes: Buffer.from(text) }
}

test('[SE1] the search finds a text in every form in which it is looked for', () => {
  const text = anyMarker.text
  const planted: [string, Buffer][] = [
    ['plain', Buffer.from(`a${text}b`)],
    ['base64', Buffer.from(Buffer.from(`${text}:x`).toString('base64'))],
    ['base64', Buffer.from(Buffer.from(`1${text}:x`).toString('base64url'))],
    ['base64', Buffer.from(Buffer.from(`12${text}:x`).toString('base64'))],
    ['hex', Buffer.from(Buffer.from(text).toString('hex').toUpperCase())],
    [
      'percent',
      Buffer.from(
        text
          .split('')
          .map((letter) => `%${letter.charCodeAt(0).toString(16)}`)
          .join(''),
      ),
    ],
    [
      'json',
      Buffer.from(
        text
          .split('')
          .map((letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
          .join(''),
      ),
    ],
    ['plain', Buffer.concat([Buffer.from('before'), gzipSync(`${text} inside`), Buffer.from('after')])],
    ['base64', gzipSync(Buffer.from(`x${text}`).toString('base64'))],
  ]
  for (const [form, bytes] of planted)
    expect(
      search([anyMarker], [{ name: 'planted', bytes }]).map((found) => found.form),
      bytes.toString('latin1'),
    ).toContain(form)
  expect(search([anyMarker], [{ name: 'empty', bytes: Buffer.from(text.slice(1)) }])).toEqual([])
})

test('[SE2] every credential leaf of all served schemas is seeded, and the cluster really gives it out', async () => {
  expect(CRDS).toHaveLength(25)
  const leaves = CRDS.flatMap((crd) => credentialPaths(crd).map((path) => `${crd.spec.names.kind} ${path}`))
  expect(marked.markers.filter(({ from }) => from === 'schema').map(({ name }) => name)).toEqual(expect.arrayContaining(leaves))
  expect(leaves.length).toBeGreaterThan(40)
  for (const { kind } of EXPECTED_KINDS)
    expect(
      marked.markers.some(({ from, name }) => from === 'annotation' && name.startsWith(`${kind} `)),
      kind,
    ).toBe(true)
  const { view, secret } = inspectConnection(
    { type: 'url', server: lab.url, ca: lab.ca, token: lab.token('admin') },
    { trusted: true, allowInsecure: false, destinations: undefined },
  )
  const connection = await openConnection(view, secret, { clock: labClock, destinations: undefined })
  const lists = await Promise.all(
    CRDS.map(async ({ spec }) =>
      JSON.stringify(await connection.json(`/apis/${spec.group}/${spec.versions[0]?.name}/${spec.names.plural}`)),
    ),
  )
  lists.push(JSON.stringify(await connection.json('/apis/lab.example/v1/vaults')))
  await connection.close()
  const given = lists.join('\n')
  expect(marked.markers.filter(({ text }) => !given.includes(text))).toEqual([])
})

test('[SE3] no credential of an object is in database, WAL, backup, log, frames or any answer, in any form', () => {
  expect(answers.filter(({ status }) => status >= 400).map(({ path, status }) => `${status} ${path}`)).toEqual([])
  expect(answers.length).toBeGreaterThan(marked.objects.length * 3)
  expect(frames.texts.length).toBeGreaterThan(10)
  const told = frames.texts.join('\n')
  for (const { kind } of KINDS) expect(told, kind).toContain(`"kind":"${kind}"`)
  expect(hub.log().split('\n').length).toBeGreaterThan(SERVED)
  const hays = [...everything()]
  expect(hays.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['binnacle.db', 'binnacle.db-wal', 'backup', 'log', 'frames', 'database: objects', 'database: object_versions']),
  )
  expect(search([anyMarker], hays)).toEqual([])
})

test('[SE4] without the cut the same search finds every one of them in the store', async () => {
  const path = join(folder, 'uncut')
  const store = await openUncut(path)
  try {
    await watchUncut(store)
    // The files as they are while the store is open, the WAL included.
    const hays = [...filesOf(folder).filter(({ name }) => name.startsWith('uncut')), ...rowsOf(path, 'uncut')]
    expect(search([anyMarker], hays).map(({ hay }) => hay)).toEqual(expect.arrayContaining(['uncut-wal', 'uncut: objects']))
    const all = Buffer.concat(hays.map(({ bytes }) => bytes))
    const missed = marked.markers.filter(({ from, text }) => from !== 'managedFields' && !all.includes(text))
    expect(missed.map(({ name }) => name)).toEqual([])
  } finally {
    await store.control.close()
  }
})

const openUncut = (path: string): Promise<Store> =>
  openSqliteStore({ path, projector: projectorModule, keys: { current: Buffer.alloc(32, 1) }, retention: RETENTION, now: () => Date.now() })

/** Watches the lab with a boundary that lets everything through, until all is in the store. */
async function watchUncut(store: Store): Promise<void> {
  const { view, secret } = inspectConnection(
    { type: 'url', server: lab.url, ca: lab.ca, token: lab.token('admin') },
    { trusted: true, allowInsecure: false, destinations: undefined },
  )
  const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }
  const source = createKubernetesSource({
    scope: fabricScope(1),
    connect: () => openConnection(view, secret, { clock: labClock, destinations: undefined }),
    wanted: KINDS.map(({ group, kind, plural, version, expected }) => ({ group, kind, plural, version, expected })),
    extraResources: [{ group: 'lab.example', plural: 'vaults' }],
    cut: (_kind, _group, object) => ({ document: object }),
    sink: store.facts,
    observer: { watchChanged: () => undefined, volatile: () => undefined },
    clock: labClock,
    random: Math.random,
    log: silent,
    stallDeadlineMs: 90_000,
    limits: { objectBytes: 2_097_152 },
  })
  source.start()
  try {
    await until('everything is listed', () => source.watches().length === SERVED && source.watches().every(({ state }) => state === 'live'))
  } finally {
    await source.stop()
  }
}

test('[SE5] no credential of a cluster, of a person or of a program is anywhere but sealed or hashed', () => {
  for (const { name, text } of credentials) expect(text.length, name).toBeGreaterThan(20)
  expect(search(credentials, everything())).toEqual([])
  for (const needle of credentials)
    expect(search(credentials, [{ name: 'planted', bytes: Buffer.from(`x${needle.text}x`) }]).map(({ needle: found }) => found)).toContain(
      needle.name,
    )
})

test('[SE6] no credential stands in the arguments or the environment of the process', () => {
  const hays = ['cmdline', 'environ'].map((file) => ({ name: file, bytes: readFileSync(`/proc/${hub.pid}/${file}`) }))
  expect(hays[0]?.bytes.toString('utf8')).toContain('serve')
  expect(search([...credentials, anyMarker], hays)).toEqual([])
})

test('[SE7] the sealed column holds the credential for whoever has the key, and for nobody else', async () => {
  const open = async (name: string, key: Buffer): Promise<unknown[]> => {
    const path = join(folder, name)
    copyFileSync(backup, path)
    const store = await openSqliteStore({
      path,
      projector: projectorModule,
      keys: { current: key },
      retention: RETENTION,
      now: () => Date.now(),
    })
    try {
      return await Promise.all([2, 3].map((id) => store.fabrics.secret(id).catch((error: unknown) => error)))
    } finally {
      await store.control.close()
    }
  }
  const key = Buffer.from(readFileSync(join(hub.dataDir, 'secret.key'), 'utf8').trim(), 'hex')
  const opened = JSON.stringify(await open('with-key.db', key))
  expect(opened).toContain(credentials.find(({ name }) => name === 'token of a cluster')?.text)
  expect(opened).toContain(credentials.find(({ name }) => name === 'client key of a cluster')?.text)
  for (const refused of await open('without-key.db', Buffer.alloc(32, 7))) expect(refused).toMatchObject({ code: 'CREDENTIAL_UNREADABLE' })
})
