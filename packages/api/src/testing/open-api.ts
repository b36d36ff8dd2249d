import { LiveHub, projectorModule } from '@binnacle/hub'
import { Identity } from '@binnacle/identity'
import { BinnacleError, type Clock, type FabricAdmin, type FabricRecord, type FabricView, type Grant } from '@binnacle/protocol'
import { openSqliteStore, type Store } from '@binnacle/store'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApi, type Api } from '../create-api.ts'
import type { ApiOptions } from '../ports.ts'

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, fire) => {
    const timer = setTimeout(fire, ms).unref()
    return { cancel: () => clearTimeout(timer) }
  },
}

/** An answer as it came over the socket. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly body: Record<string, unknown>
}

/** What is asked. `body` is sent as JSON unless it is text. */
export interface Ask {
  readonly method?: string
  readonly token?: string
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The API on a socket, over a real store and identity, with one fabric that has no cluster. */
export interface ApiSubject {
  readonly api: Api
  readonly store: Store
  readonly identity: Identity
  readonly url: string
  readonly fabricId: number
  ask(target: string, ask?: Ask): Promise<Answer>
  /** A token of a new user with these grants. */
  tokenFor(grants: readonly Grant[]): Promise<string>
  close(): Promise<void>
}

/** Fabrics as rows of the store; nothing is watched. */
function storedFabrics(store: Store): FabricAdmin {
  const view = (record: FabricRecord): FabricView => ({
    id: record.id,
    name: record.name,
    description: record.description,
    enabled: record.enabled,
    origin: record.origin,
    connection: record.connection,
    settings: record.settings,
    created_at: new Date(record.createdAt).toISOString(),
    updated_at: new Date(record.updatedAt).toISOString(),
    status: 'disabled',
    status_since: new Date(record.createdAt).toISOString(),
    cause: null,
  })
  const connection: FabricRecord['connection'] = {
    type: 'url',
    server: 'https://127.0.0.1:6443',
    ca: null,
    insecure: false,
    tls_server_name: null,
    path: null,
    context: null,
    credential: 'token',
  }
  return {
    list: async () => (await store.fabrics.all()).map(view),
    get: async (id) => {
      const record = await store.fabrics.get(id)
      return record === undefined ? undefined : view(record)
    },
    create: async ({ name, description, enabled, settings }) =>
      view(
        await store.fabrics.create(
          { name, description, enabled, settings, connection, origin: 'api', createdAt: clock.now(), updatedAt: clock.now() },
          { token: 'cluster-secret' },
        ),
      ),
    update: async (id, { name, description, enabled, settings }) =>
      view(await store.fabrics.update(id, { name, description, enabled, settings, updatedAt: clock.now() })),
    remove: (id) => store.fabrics.remove(id),
    test: () => Promise.reject(new BinnacleError('CLUSTER_UNREACHABLE')),
  }
}

/** Starts the API on a free port of the loopback address. */
export async function openApi(change: Partial<ApiOptions> = {}): Promise<ApiSubject> {
  const folder = await mkdtemp(join(tmpdir(), 'binnacle-api-'))
  const consoleDir = join(folder, 'console')
  await mkdir(join(consoleDir, 'assets'), { recursive: true })
  await writeFile(join(consoleDir, 'index.html'), '<!doctype html><title>Binnacle</title>')
  await writeFile(join(consoleDir, 'assets/app-1a2b3c4d.js'), 'export {}')
  await writeFile(join(folder, 'outside.txt'), 'not for readers')
  const store = await openSqliteStore({
    path: join(folder, 'binnacle.db'),
    projector: projectorModule,
    keys: { current: Buffer.alloc(32, 1) },
    retention: { eventsMs: 86_400_000, eventsMax: 100_000, versionsMs: 86_400_000, versionsPerObject: 10 },
    now: () => clock.now(),
  })
  const identity = await Identity.open({
    accounts: store.accounts,
    audit: store.audit,
    sink: store.facts,
    clock,
    signingKey: new Uint8Array(32).fill(7),
    generation: '0',
  })
  const live = new LiveHub({ clock, sink: store.facts, onError: () => undefined })
  const fabrics = storedFabrics(store)
  let port = 0
  const api = await createApi(
    {
      grants: identity,
      signIns: identity,
      log: store.log,
      inventory: store.inventory,
      fabrics,
      live,
      store: store.control,
      audit: store.audit,
      connections: { connections: () => [], end: () => false },
      kinds: [
        { group: 'vpc.githedgehog.com', kind: 'VPC', plural: 'vpcs', slug: 'vpcs', expected: true, routeWords: ['vpc', 'vpcs'] },
        {
          group: 'vpc.githedgehog.com',
          kind: 'VPCAttachment',
          plural: 'vpcattachments',
          slug: 'vpc-attachments',
          expected: true,
          routeWords: ['vpcattachment', 'vpcattachments'],
        },
      ],
      topology: () => Promise.reject(new Error('a detail that nobody outside should read')),
      metrics: () => Promise.resolve('binnacle_up 1\n'),
      clock,
    },
    {
      hosts: () => [`127.0.0.1:${port}`],
      origins: () => [`http://127.0.0.1:${port}`],
      secureCookies: false,
      trustedProxies: [],
      consoleDir,
      metricsToken: null,
      features: {},
      version: '0.1.0',
      log: { error: () => undefined, warn: () => undefined, info: () => undefined },
      ...change,
    },
  )
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  port = (api.app.server.address() as AddressInfo).port
  const { id: fabricId } = await fabrics.create(
    {
      name: 'lab-one',
      description: '',
      enabled: false,
      settings: {
        disabled_kinds: [],
        extra_resources: [],
        stall_deadline_seconds: 90,
        heartbeat_deadline_seconds: 60,
        namespace: 'default',
      },
    },
    'test',
  )
  let serial = 0
  return {
    api,
    store,
    identity,
    url: `http://127.0.0.1:${port}`,
    fabricId,
    ask: (target, { method = 'GET', token, body, headers = {} } = {}) =>
      new Promise((resolve, reject) => {
        // node:http sends the target as it is written; fetch would tidy it first.
        const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
        const sent = request({
          host: '127.0.0.1',
          port,
          path: target,
          method,
          agent: false,
          headers: {
            ...(text === undefined ? {} : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
            ...headers,
          },
        })
        sent.on('error', reject)
        sent.on('response', (response) => {
          const parts: Buffer[] = []
          response.on('data', (part: Buffer) => parts.push(part))
          response.on('error', reject)
          response.on('end', () => {
            const answer = Buffer.concat(parts).toString('utf8')
            const json = /json/.test(String(response.headers['content-type'])) && answer !== ''
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text: answer,
              body: json ? (JSON.parse(answer) as Record<string, unknown>) : {},
            })
          })
        })
        sent.end(text)
      }),
    tokenFor: async (grants) => {
      serial += 1
      const user = await identity.createUser({ name: `user-${serial}`, displayName: '', password: undefined, grants }, 'test')
      return (await identity.createToken({ userId: user.id, name: 't', grants, ttlSeconds: 600 }, 'test')).secret
    },
    close: async () => {
      await api.app.close()
      live.close()
      identity.close()
      await store.control.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
