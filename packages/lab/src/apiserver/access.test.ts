import { request } from 'node:https'
import { afterEach, expect, test } from 'vitest'
import { startLabServer, type LabServer, type LabServerOptions } from './lab-server.ts'
import { ProtocolClient } from './protocol-client.ts'
import { ALL_GADGETS, gadget, GADGET_KEY, GADGET_PATH, GADGETS } from './test-crd.ts'
import { objectOr, type JsonObject } from './json.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const thing of open.splice(0).toReversed()) await thing.close()
})

async function lab(options: LabServerOptions = {}): Promise<{ server: LabServer; client: ProtocolClient }> {
  const server = await startLabServer({ crds: [GADGETS], ...options })
  const client = new ProtocolClient(server)
  open.push(server, client)
  return { server, client }
}

async function withCertificate(server: LabServer, path: string): Promise<number> {
  const config = JSON.parse(server.kubeconfig('admin', 'certificate')) as { users: { user: Record<string, string> }[] }
  const user = config.users[0]!.user
  const pem = (name: string): Buffer => Buffer.from(user[name]!, 'base64')
  return new Promise((resolve, reject) => {
    const sent = request(
      `${server.url}${path}`,
      { ca: server.ca, cert: pem('client-certificate-data'), key: pem('client-key-data'), agent: false },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    sent.on('error', reject)
    sent.end()
  })
}

test('[LA1] a token or a certificate of the lab signs in; a wrong, an expired and no token do not', async () => {
  const { server, client } = await lab()
  expect((await client.get(ALL_GADGETS)).status).toBe(200)
  expect(await withCertificate(server, ALL_GADGETS)).toBe(200)
  const wrong = await client.get(ALL_GADGETS, { token: 'nonsense' })
  expect([wrong.status, wrong.body.reason]).toEqual([401, 'Unauthorized'])
  const nobody = await client.get(ALL_GADGETS, { token: '' })
  expect([nobody.status, nobody.body.message]).toEqual([
    403,
    'gadgets.lab.example is forbidden: User "system:anonymous" cannot list resource "gadgets" in API group "lab.example" at the cluster scope',
  ])
  expect((await client.get('/version', { token: '' })).body.gitVersion).toBe('v1.32.4+binnacle-lab')
  expect((await client.get('/healthz', { token: '' })).text).toBe('ok')
  const token = server.token('readonly')
  server.control.expireTokens('readonly')
  expect((await client.get(ALL_GADGETS, { token })).status).toBe(401)
})

test('[LA1] a certificate of another authority is refused', async () => {
  const { server } = await lab()
  const { server: other } = await lab()
  const foreign = JSON.parse(other.kubeconfig('admin', 'certificate')) as { users: { user: Record<string, string> }[] }
  const user = foreign.users[0]!.user
  const status = await new Promise<number | string>((resolve) => {
    const sent = request(
      `${server.url}${ALL_GADGETS}`,
      {
        ca: server.ca,
        cert: Buffer.from(user['client-certificate-data']!, 'base64'),
        key: Buffer.from(user['client-key-data']!, 'base64'),
        agent: false,
      },
      (response) => {
        response.resume()
        resolve(response.statusCode ?? 0)
      },
    )
    sent.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'))
    sent.end()
  })
  expect(status).toBe(401)
})

test('[LA2] an account is refused one kind in the words of a real server, and its access review agrees', async () => {
  const { client } = await lab({ accounts: { narrow: { user: 'narrow', verbs: ['get', 'list', 'watch'], deny: [GADGET_KEY] } } })
  const refused = await client.get(GADGET_PATH, { account: 'narrow' })
  expect(refused.status).toBe(403)
  expect(refused.body.message).toBe(
    'gadgets.lab.example is forbidden: User "narrow" cannot list resource "gadgets" in API group "lab.example" in the namespace "default"',
  )
  expect((await client.get('/api/v1/namespaces', { account: 'narrow' })).status).toBe(200)
  expect((await client.send('POST', GADGET_PATH, { account: 'readonly', body: gadget('a') })).status).toBe(403)
  const review = async (account: string, verb: string): Promise<unknown> => {
    const spec = { resourceAttributes: { verb, group: 'lab.example', resource: 'gadgets' } }
    const answer = await client.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      account,
      body: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec },
    })
    return objectOr(answer.body.status).allowed
  }
  expect([
    await review('narrow', 'list'),
    await review('readonly', 'list'),
    await review('readonly', 'create'),
    await review('admin', 'create'),
  ]).toEqual([false, true, false, true])
})

test('[LA3] discovery and OpenAPI follow the CRDs that are served', async () => {
  const { client } = await lab({ crds: [] })
  const groups = async (): Promise<unknown[]> => ((await client.get('/apis')).body.groups as JsonObject[]).map((group) => group.name)
  expect(await groups()).not.toContain('lab.example')
  expect((await client.get(ALL_GADGETS)).status).toBe(404)
  const crds = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
  const created = await client.send('POST', crds, { body: GADGETS })
  expect(created.status).toBe(201)
  expect((objectOr(created.body.status).conditions as JsonObject[]).map(({ type, status }) => [type, status])).toContainEqual([
    'Established',
    'True',
  ])
  expect(await groups()).toContain('lab.example')
  const resources = (await client.get('/apis/lab.example/v1')).body.resources as JsonObject[]
  expect(resources.map((resource) => resource.name)).toEqual(['gadgets', 'gadgets/status'])
  const aggregated = await client.get('/apis', { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' })
  expect(aggregated.headers['content-type']).toContain('as=APIGroupDiscoveryList')
  expect(aggregated.text).toContain('"resource":"gadgets"')
  expect(Object.keys(objectOr((await client.get('/openapi/v3')).body.paths))).toContain('apis/lab.example/v1')
  const document = (await client.get('/openapi/v3/apis/lab.example/v1')).body
  expect(objectOr(objectOr(objectOr(document.components).schemas)['example.lab.v1.Gadget'])['x-kubernetes-group-version-kind']).toEqual([
    { group: 'lab.example', version: 'v1', kind: 'Gadget' },
  ])
  await client.send('POST', GADGET_PATH, { body: gadget('a') })
  const watch = await client.watch(`${ALL_GADGETS}?watch=1`)
  expect((await client.send('DELETE', `${crds}/${GADGET_KEY}`)).status).toBe(200)
  expect(await watch.ended).toBe('end')
  expect((await client.get(ALL_GADGETS)).status).toBe(404)
  expect(await groups()).not.toContain('lab.example')
})

test('[LA3] a CRD served in another version from now on ends its watches and answers there only', async () => {
  const { server, client } = await lab()
  server.control.seed([gadget('a')])
  const watch = await client.watch(`${ALL_GADGETS}?watch=1`)
  const spec = objectOr(GADGETS.spec)
  const [version] = spec.versions as JsonObject[]
  server.control.serve({ ...GADGETS, spec: { ...spec, versions: [{ ...version, name: 'v2' }] } })
  expect(await watch.ended).toBe('end')
  expect((await client.get(ALL_GADGETS)).status).toBe(404)
  const [item] = (await client.get(ALL_GADGETS.replace('/v1/', '/v2/'))).body.items as JsonObject[]
  expect(item).toMatchObject({ apiVersion: 'lab.example/v2', metadata: { name: 'a' }, spec: { role: 'leaf' } })
})

test('[LA3] old modes know no aggregated discovery and no OpenAPI v3', async () => {
  const accept =
    'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
  const kinds: Record<string, unknown> = {}
  for (const mode of ['1.20', '1.27', '1.32'] as const) {
    const { client } = await lab({ mode })
    const { body } = await client.get('/apis', { accept })
    kinds[mode] = [body.apiVersion, (await client.get('/openapi/v3')).status]
  }
  expect(kinds).toEqual({ '1.20': ['v1', 404], '1.27': ['apidiscovery.k8s.io/v2beta1', 200], '1.32': ['apidiscovery.k8s.io/v2', 200] })
})

test('[LA24] a read-only server refuses writes of everybody but answers access reviews', async () => {
  const { client } = await lab({ readOnly: true })
  expect((await client.send('POST', GADGET_PATH, { body: gadget('a') })).status).toBe(403)
  expect((await client.get(GADGET_PATH)).status).toBe(200)
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace: 'default' } }
  const review = await client.send('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { body })
  expect(review.status).toBe(201)
  expect(objectOr(review.body.status).resourceRules).toEqual([{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }])
})
