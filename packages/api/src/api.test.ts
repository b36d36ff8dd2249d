import type { Grant } from '@binnacle/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openApi, type Answer, type ApiSubject, type Ask } from './testing/open-api.ts'

let subject: ApiSubject
const tokens: Record<string, string> = {}
const PEOPLE: Record<string, readonly Grant[]> = {
  nothing: [],
  stranger: [{ role: 'admin', scope: 'fabric/999' }],
  viewer: [{ role: 'viewer', scope: 'fabric/1' }],
  operator: [{ role: 'operator', scope: 'fabric/1' }],
  fabricAdmin: [{ role: 'admin', scope: 'fabric/*' }],
  systemAdmin: [{ role: 'admin', scope: 'system' }],
  producer: [{ role: 'producer', scope: '*' }],
  admin: [{ role: 'admin', scope: '*' }],
}
beforeAll(async () => {
  subject = await openApi()
  expect(subject.fabricId).toBe(1)
  for (const [name, grants] of Object.entries(PEOPLE)) tokens[name] = await subject.tokenFor(grants)
})
afterAll(() => subject.close())
const ask = (target: string, as?: string, more: Ask = {}): Promise<Answer> =>
  subject.ask(target, { ...(as === undefined ? {} : { token: tokens[as] ?? '' }), ...more })

test('[RE1] every route answers each role as its declared right says, and nobody without a sign-in', async () => {
  const may = (as: string, right: { who: string; role?: string }): boolean => {
    if (right.who === 'anybody' || right.who === 'signed_in') return true
    if (as === 'admin') return true
    if (right.who === 'system') return as === 'systemAdmin'
    if (as === 'fabricAdmin') return true
    if (right.who === 'all_fabrics') return false
    return (right.role === 'viewer' && (as === 'viewer' || as === 'operator')) || (right.role === 'operator' && as === 'operator')
  }
  const wrong: unknown[] = []
  let asked = 0
  for (const { method, path, right } of subject.api.routes) {
    // A body that no schema takes: whoever has the right gets to the guard of the body and changes nothing.
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: { no_such_field: 1 } }
    const target = `/api/v1${path
      .replace(':id', path.startsWith('/fabrics') ? '1' : 'none')
      .replace(':plural', 'vpcs')
      .replace(':name', 'x')}`
    if (method === 'DELETE' && path === '/fabrics/:id') continue
    for (const as of [undefined, ...Object.keys(PEOPLE)]) {
      const { status } = await ask(target, as, { method, ...body })
      asked += 1
      if (as === undefined) {
        if (right.who !== 'anybody' && status !== 401) wrong.push([method, path, 'nobody', status])
        continue
      }
      const sees = right.who !== 'fabric' || ['viewer', 'operator', 'fabricAdmin', 'admin'].includes(as)
      const refused = may(as, right) ? undefined : sees ? 403 : 404
      if (refused === undefined ? status === 403 || (status === 401 && right.who !== 'anybody') : status !== refused)
        wrong.push([method, path, as, status, refused])
    }
  }
  expect(asked).toBeGreaterThan(200)
  expect(wrong).toEqual([])
})

test('[RE2] a fabric one may not see is answered like one that does not exist, in lists it is missing', async () => {
  const strip = ({ status, body: { correlation_id: _id, ...rest } }: Answer): unknown => [status, rest]
  expect(strip(await ask('/api/v1/fabrics/1', 'stranger'))).toEqual(strip(await ask('/api/v1/fabrics/2', 'stranger')))
  expect((await ask('/api/v1/fabrics', 'stranger')).body['fabrics']).toEqual([])
  expect((await ask('/api/v1/fabrics', 'viewer')).body['fabrics']).toHaveLength(1)
  expect((await ask('/api/v1/resources/vpcs?fabric=1', 'stranger')).status).toBe(404)
  expect((await ask('/api/v1/resources/vpcs?fabric=1', 'viewer')).status).toBe(200)
})

test('[RE3] answers have the shape their schema says, and those with state carry a position', async () => {
  let checked = 0
  for (const { method, path, answer } of subject.api.routes) {
    if (method !== 'GET' || answer === null) continue
    const target = `/api/v1${path.replace(':id', '1').replace(':plural', 'vpcs').replace(':name', 'x')}`
    const { status, body } = await ask(target, 'admin')
    if (status !== 200) continue
    checked += 1
    expect([path, answer.safeParse(body).error?.issues ?? []]).toEqual([path, []])
    if (/^\/(fabrics|resources|events)/.test(path)) expect([path, body['at']]).toEqual([path, expect.stringMatching(/^[0-9a-z]+:\d+$/i)])
  }
  expect(checked).toBeGreaterThan(10)
})

test('[RE4] odd spellings of a path and absolute targets are refused; the plain one is answered', async () => {
  expect((await ask('/api/v1/fabrics', 'admin')).status).toBe(200)
  const odd = [
    '//api/v1/fabrics',
    '/api//v1/fabrics',
    '/api/v1/%2e%2e/v1/fabrics',
    '/api/v1/../v1/fabrics',
    '/api%2fv1/fabrics',
    '/api/v1/fabrics;x=1',
  ]
  odd.push(
    `${subject.url}/api/v1/fabrics`,
    '/assets/..%2f..%2foutside.txt',
    '/assets/%2e%2e/%2e%2e/outside.txt',
    '/api/v1/fabrics%00',
    '/assets/..%5coutside.txt',
  )
  for (const target of odd) {
    const { status, text } = await ask(target, 'admin')
    expect([target, status]).toEqual([target, 400])
    expect(text).not.toContain('not for readers')
  }
  expect((await ask('/API/V1/fabrics', 'admin')).status).toBe(404)
  expect((await ask('/api/v1/fabrics/', 'viewer')).status).toBe(404)
})

test('[RE5] only our own hosts are answered and only our own pages may call, upgrades included', async () => {
  const own = { origin: subject.url, 'sec-fetch-site': 'same-origin' }
  expect((await ask('/api/v1/fabrics', 'admin', { headers: own })).status).toBe(200)
  expect((await ask('/api/v1/fabrics', 'admin', { headers: { host: 'evil.example' } })).status).toBe(421)
  for (const origin of ['https://evil.example', 'null', `${subject.url}.evil.example`])
    expect((await ask('/api/v1/fabrics', 'admin', { headers: { origin } })).status).toBe(403)
  expect((await ask('/api/v1/fabrics', 'admin', { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403)
  const upgrade = (headers: Record<string, string>) => () =>
    subject.api.guardUpgrade({ url: '/api/v1/ws', method: 'GET', headers: { host: new URL(subject.url).host, ...headers } } as never)
  expect(upgrade(own)).not.toThrow()
  expect(upgrade({ origin: 'https://evil.example' })).toThrow(expect.objectContaining({ code: 'ORIGIN_REFUSED' }))
  expect(upgrade({ host: 'evil.example' })).toThrow(expect.objectContaining({ code: 'HOST_REFUSED' }))
})

test('[RE6] a form of a foreign page cannot write: bodies are application/json and nothing else', async () => {
  const body = '{"name":"root","password":"x"}'
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/json, text/plain',
    'application/json;a=b',
  ])
    expect([
      type,
      (await ask('/api/v1/auth/login', undefined, { method: 'POST', body, headers: { 'content-type': type } })).status,
    ]).toEqual([type, 415])
  expect((await ask('/api/v1/auth/login', undefined, { method: 'POST' })).status).toBe(415)
  expect((await ask('/api/v1/auth/login', undefined, { method: 'POST', body })).status).toBe(401)
  expect((await ask('/api/v1/auth/login', undefined, { method: 'POST', body: `"${'x'.repeat(1_100_000)}"` })).status).toBe(413)
})

test('[RE7] a field that nobody declared is refused with the nearest name, whatever it would have set', async () => {
  const user = { name: 'mass', grants: [] }
  const extras = [{ id: 'chosen' }, { passwordHash: 'x' }, { rights_version: 9 }, { disabled: false }]
  for (const extra of extras) {
    const { status, body } = await ask('/api/v1/users', 'admin', { method: 'POST', body: { ...user, ...extra } })
    expect([status, body['code']]).toEqual([400, 'UNKNOWN_FIELD'])
  }
  const proto = await ask('/api/v1/users', 'admin', { method: 'POST', body: '{"name":"mass","grants":[],"__proto__":{"admin":true}}' })
  expect(proto.status === 400 || proto.body['admin'] === undefined).toBe(true)
  const near = await ask('/api/v1/users', 'admin', { method: 'POST', body: { ...user, display_nam: 'x' } })
  expect(near.body['detail']).toMatch(/display_name/)
  expect((await ask('/api/v1/users', 'admin', { method: 'POST', body: { ...user, name: 'plain-one' } })).status).toBe(201)
  expect((await ask('/api/v1/fabrics?no_such=1', 'admin')).status).toBe(400)
})

test('[RE8] nobody gives or takes over more rights than he has', async () => {
  const everything = [{ role: 'admin', scope: '*' }]
  expect((await ask('/api/v1/users', 'systemAdmin', { method: 'POST', body: { name: 'puppet', grants: everything } })).status).toBe(403)
  const root = subject.identity.users().find(({ grants }) => grants.some(({ role, scope }) => role === 'admin' && scope === '*'))?.id ?? ''
  for (const [method, body] of [
    ['PATCH', { password: 'taken over 12345' }],
    ['DELETE', undefined],
  ] as const)
    expect((await ask(`/api/v1/users/${root}`, 'systemAdmin', { method, ...(body === undefined ? {} : { body }) })).status).toBe(403)
  expect((await ask('/api/v1/users', 'admin', { method: 'POST', body: { name: 'second', grants: everything } })).status).toBe(201)
})

test('[RE9] sign-in over HTTP: the refresh token is an HttpOnly cookie of the auth path, rotates, and ends', async () => {
  const { secret } = await subject.identity.issueSetupLink('test')
  const claim = { secret, name: 'root', password: 'correct horse battery' }
  const first = await ask('/api/v1/auth/setup', undefined, { method: 'POST', body: claim })
  expect(first.status).toBe(201)
  expect((await ask('/api/v1/auth/setup', undefined, { method: 'POST', body: claim })).status).toBe(410)
  const cookie = String(first.headers['set-cookie'])
  expect(cookie).toMatch(/^binnacle_refresh=[^;]+; Path=\/api\/v1\/auth; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
  const headers = { cookie: cookie.split(';', 1)[0] ?? '' }
  expect(first.text).not.toContain(headers.cookie.split('=')[1])
  expect((await ask('/api/v1/auth/me', undefined, { headers })).status).toBe(401)
  const second = await ask('/api/v1/auth/refresh', undefined, { method: 'POST', body: {}, headers })
  expect(second.status).toBe(200)
  const token = String(second.body['token'])
  expect((await subject.ask('/api/v1/auth/me', { token })).body).toMatchObject({ name: 'root' })
  const next = { cookie: String(second.headers['set-cookie']).split(';', 1)[0] ?? '' }
  expect((await ask('/api/v1/auth/logout', undefined, { method: 'POST', body: {}, headers: next })).status).toBe(204)
  expect((await subject.ask('/api/v1/auth/me', { token })).status).toBe(401)
})

test('[RE10] failures inside tell a correlation id and nothing else', async () => {
  const { status, text, body } = await ask('/api/v1/fabrics/1/topology', 'admin')
  expect([status, body['code']]).toEqual([500, 'INTERNAL'])
  expect(body['correlation_id']).toMatch(/^[0-9a-f-]{36}$/)
  expect(text).not.toContain('detail that nobody')
})

test('[RE11] every answer carries the security headers; those of the API are not stored', async () => {
  for (const target of ['/', '/api/v1/fabrics', '/no/such', '/healthz']) {
    const { headers } = await ask(target, 'admin', { headers: { accept: 'text/html' } })
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*script-src 'self';.*frame-ancestors 'none'/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['access-control-allow-origin']).toBeUndefined()
    if (target.startsWith('/api/')) expect(headers['cache-control']).toBe('no-store')
  }
})

test('[RE12] pages of the console come for every path of it, hashed files are kept for ever, pages never', async () => {
  const page = await ask('/vpcs?fabric=1', undefined, { headers: { accept: 'text/html' } })
  expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-cache'])
  expect((await ask('/assets/app-1a2b3c4d.js')).headers['cache-control']).toMatch(/immutable/)
  expect((await ask('/api/v1/no-such', 'admin', { headers: { accept: 'text/html' } })).body['code']).toBe('NOT_FOUND')
})

test('[RE13] paths of the old plug-in lead to pages of this console and nowhere else', async () => {
  const table = {
    '/plugins/hedgehog/': '/fabrics',
    '/plugins/hedgehog': '/fabrics',
    '/plugins/hedgehog/fabrics/11/': '/fabrics/11',
    '/plugins/hedgehog/vpcs/?fabric=11': '/vpcs?fabric=11',
    '/plugins/hedgehog/vpc-attachments/?fabric=11': '/vpc-attachments?fabric=11',
    '/plugins/hedgehog/realtime': '/realtime',
    '/plugins/hedgehog/vpcs/?fabric=//evil.example': '/vpcs',
    '/plugins/hedgehog/https:evil.example': '/fabrics',
    '/plugins/hedgehog/constructor': '/fabrics',
  }
  for (const [from, to] of Object.entries(table)) {
    const { status, headers } = await ask(from)
    expect([from, status, headers['location']]).toEqual([from, 308, to])
  }
})

test('[RE14] the documents name every route', async () => {
  const { body } = await ask('/openapi.json')
  const paths = body['paths'] as Record<string, Record<string, unknown>>
  for (const { method, path } of subject.api.routes)
    expect(paths[`/api/v1${path.replaceAll(/:([a-z_]+)/g, '{$1}')}`]).toHaveProperty(method.toLowerCase())
  expect((await ask('/asyncapi.json')).body).toMatchObject({ asyncapi: '3.0.0', channels: { live: { address: '/api/v1/ws' } } })
})

test('[RE15] readiness says no more than whether the store answers; metrics ask for their token when one is set', async () => {
  expect((await ask('/readyz')).text).toBe('ready\n')
  expect((await ask('/metrics')).status).toBe(200)
  const guarded = await openApi({ metricsToken: 'a-token-for-metrics' })
  try {
    for (const token of ['wrong', 'a-token-for-metric\u00e9']) expect((await guarded.ask('/metrics', { token })).status).toBe(401)
    expect((await guarded.ask('/metrics', { token: 'a-token-for-metrics' })).status).toBe(200)
    await guarded.store.control.close()
    expect((await guarded.ask('/readyz')).status).toBe(503)
  } finally {
    await guarded.close().catch(() => undefined)
  }
})

test('[RE16] events are shown by scope and audience; credentials of a cluster are in no answer', async () => {
  await subject.store.facts.write(
    (['cr_updated', 'user_login'] as const).map((event_type) => ({
      fact: 'note',
      event: {
        event_type,
        scope: event_type === 'user_login' ? 'system' : 'fabric/1',
        subject: null,
        data: {},
        observedAt: 1,
        source: 'test',
      },
    })),
  )
  const types = async (as: string): Promise<unknown[]> =>
    ((await ask('/api/v1/events?types=cr_updated,user_login', as)).body['events'] as { event_type: string }[]).map(
      (each) => each.event_type,
    )
  expect(await types('stranger')).toEqual([])
  expect(new Set(await types('viewer'))).toEqual(new Set(['cr_updated']))
  expect(new Set(await types('admin'))).toEqual(new Set(['cr_updated', 'user_login']))
  expect((await ask('/api/v1/fabrics/1', 'admin')).text).not.toContain('cluster-secret')
})

test('[RE17] one sees and ends one’s own sign-ins, an administrator all; an ended one is void at once', async () => {
  const password = 'a long enough passphrase 1'
  const signIn = async (name: string): Promise<string> => {
    const { body } = await ask('/api/v1/auth/login', undefined, { method: 'POST', body: { name, password } })
    return String(body['token'])
  }
  for (const name of ['anna', 'bert'])
    await subject.identity.createUser({ name, displayName: '', password, grants: [{ role: 'viewer', scope: 'fabric/1' }] }, 'test')
  const anna = await signIn('anna')
  const elsewhere = await signIn('anna')
  const bert = await signIn('bert')
  type Shown = { readonly id: string; readonly user: string; readonly current: boolean }
  const shown = async (token: string): Promise<Shown[]> => {
    const { status, body, text } = await subject.ask('/api/v1/sign-ins', { token })
    expect(status).toBe(200)
    expect(text).not.toMatch(/hash/i)
    return body['sign_ins'] as Shown[]
  }
  const own = await shown(anna)
  expect(own.map(({ user, current }) => `${user} ${current}`).sort()).toEqual(['anna false', 'anna true'])
  const bertsId = (await shown(bert))[0]?.id ?? ''
  expect((await subject.ask(`/api/v1/sign-ins/${bertsId}`, { token: anna, method: 'DELETE' })).status).toBe(404)
  const other = own.find(({ current }) => !current)?.id ?? ''
  expect((await subject.ask(`/api/v1/sign-ins/${other}`, { token: anna, method: 'DELETE' })).status).toBe(204)
  expect((await subject.ask('/api/v1/auth/me', { token: elsewhere })).status).toBe(401)
  expect((await subject.ask('/api/v1/auth/me', { token: anna })).status).toBe(200)
  expect((await subject.ask(`/api/v1/sign-ins/${other}`, { token: anna, method: 'DELETE' })).status).toBe(404)
  const all = await shown(tokens['admin'] ?? '')
  expect(new Set(all.map(({ user }) => user))).toEqual(new Set(['anna', 'bert']))
  expect((await subject.ask(`/api/v1/sign-ins/${bertsId}`, { token: tokens['admin'] ?? '', method: 'DELETE' })).status).toBe(204)
  expect((await subject.ask('/api/v1/auth/me', { token: bert })).status).toBe(401)
  const { body } = await ask('/api/v1/audit', 'admin')
  expect((body['entries'] as { action: string; target: string }[]).slice(0, 2)).toMatchObject([
    { action: 'sign_in.end', target: 'bert' },
    { action: 'sign_in.end', target: 'anna' },
  ])
})
