import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLabServer, type LabServer } from './lab-server.ts'
import { ProtocolClient, type ProtocolAnswer } from './protocol-client.ts'
import { objectOr, text, type JsonObject } from './json.ts'

let server: LabServer
let client: ProtocolClient
const VPCS = '/apis/vpc.githedgehog.com/v1beta1/namespaces/default/vpcs'

beforeAll(async () => {
  server = await startLabServer()
  client = new ProtocolClient(server)
  const base = async (path: string, kind: string, spec: JsonObject): Promise<void> => {
    const [group] = path.split('/')
    const body = { apiVersion: `${group}/v1beta1`, kind, metadata: { name: 'default' }, spec }
    const answer = await client.send('POST', `/apis/${group}/v1beta1/namespaces/default/${path.split('/')[1]}`, { body })
    expect(answer.status).toBe(201)
  }
  await base('vpc.githedgehog.com/ipv4namespaces', 'IPv4Namespace', { subnets: ['10.0.0.0/16'] })
  await base('wiring.githedgehog.com/vlannamespaces', 'VLANNamespace', { ranges: [{ from: 1000, to: 2999 }] })
})
afterAll(async () => {
  client.close()
  await server.close()
})

function vpc(name: string, subnet: string, vlan: number, to = client, namespace = 'default'): Promise<ProtocolAnswer> {
  const body = {
    apiVersion: 'vpc.githedgehog.com/v1beta1',
    kind: 'VPC',
    metadata: { name, labels: { 'fabric.githedgehog.com/ipv4ns': 'forged', team: 'a' } },
    spec: { subnets: { web: { subnet, vlan, dhcp: { enable: true } } } },
  }
  return to.send('POST', VPCS.replace('default', namespace), { body })
}

test('[LA23] a VPC is defaulted and labelled as the webhooks do', async () => {
  const { status, body } = await vpc('vpc-1', '10.0.1.0/24', 1001)
  expect(status).toBe(201)
  expect(body.spec).toEqual({
    ipv4Namespace: 'default',
    vlanNamespace: 'default',
    subnets: {
      web: {
        subnet: '10.0.1.0/24',
        vlan: 1001,
        gateway: '10.0.1.1',
        dhcp: { enable: true, range: { start: '10.0.1.2', end: '10.0.1.255' } },
      },
    },
  })
  expect(objectOr(body.metadata).labels).toEqual({
    team: 'a',
    'fabric.githedgehog.com/ipv4ns': 'default',
    'fabric.githedgehog.com/vlanns': 'default',
  })
  const again = await client.send('PUT', `${VPCS}/vpc-1`, {
    body: { ...body, metadata: { ...objectOr(body.metadata), labels: { team: 'a', 'fabric.githedgehog.com/ipv4ns': 'default' } } },
  })
  expect(objectOr(again.body.metadata).resourceVersion).toBe(objectOr(body.metadata).resourceVersion)
})

test('[LA23] writes that break a rule are refused with the webhook named', async () => {
  const refused = async (answer: Promise<ProtocolAnswer>): Promise<string> => {
    const { status, body } = await answer
    expect(status).toBe(403)
    return text(body.message)
  }
  expect(await refused(vpc('a-name-too-long', '10.0.2.0/24', 1002))).toBe(
    'admission webhook "vvpc-v1beta1.kb.io" denied the request: name a-name-too-long is too long, must be at most 11 characters',
  )
  expect(await refused(vpc('ext.a', '10.0.2.0/24', 1002))).toContain('must not start with "ext."')
  expect(await refused(vpc('vpc-2', '10.0.1.128/25', 1002))).toContain('overlaps with subnet web of VPC vpc-1')
  expect(await refused(vpc('vpc-2', '10.0.2.0/24', 1001))).toContain('vlan 1001 is already used by VPC vpc-1')
  expect(await refused(vpc('vpc-2', '10.0.2.0/31', 1002))).toContain('prefix length must be at most 30')
  expect(await refused(vpc('vpc-2', '10.0.2.0/24', 1002, client, 'kube-system'))).toContain('only the default namespace is supported')
  const attachment = {
    apiVersion: 'vpc.githedgehog.com/v1beta1',
    kind: 'VPCAttachment',
    metadata: { name: 'x' },
    spec: { subnet: 'vpc-1/web', connection: 'none' },
  }
  expect(await refused(client.send('POST', VPCS.replace('vpcs', 'vpcattachments'), { body: attachment }))).toContain(
    'Connection none (connection) does not exist',
  )
  expect(await refused(client.send('DELETE', '/apis/vpc.githedgehog.com/v1beta1/namespaces/default/ipv4namespaces/default'))).toContain(
    'IPv4Namespace default is used by VPC vpc-1',
  )
})

test('[LA23] without admission nothing is defaulted and nothing refused', async () => {
  const bare = await startLabServer({ admission: 'none' })
  const bareClient = new ProtocolClient(bare)
  const { status, body } = await vpc('a-name-too-long', '10.0.1.0/24', 1001, bareClient)
  expect(status).toBe(201)
  expect(body.spec).toEqual({ subnets: { web: { subnet: '10.0.1.0/24', vlan: 1001, dhcp: { enable: true } } } })
  bareClient.close()
  await bare.close()
})
