import { deriveStatus, derivesStatus, EXPECTED_KINDS, kindOf, linksOf, referencesOf, topologyOf, type Neighbours } from '@binnacle/hedgehog'
import { expect, onTestFinished, test } from 'vitest'
import type { KubeObject } from '../apiserver/kube-object.ts'
import { startLabServer } from '../apiserver/lab-server.ts'
import { ProtocolClient } from '../apiserver/protocol-client.ts'
import { FabricIndex } from './fabric-index.ts'
import type { LabFabric } from './lab-fabric.ts'
import { nameOfObject, specOf } from './lab-object.ts'
import { manyVpcs, manyVpcsNamespaces } from './many-vpcs.ts'
import { meshFabric } from './mesh-fabric.ts'
import { spineLeafFabric } from './spine-leaf-fabric.ts'

const FABRICS: readonly (readonly [string, () => LabFabric])[] = [
  ['spines and leaves', () => spineLeafFabric()],
  ['mesh', () => meshFabric()],
  ['larger', () => spineLeafFabric({ name: 'wide', site: 3, spines: 4, leaves: 12, servers: 60, vpcs: 30 })],
]

const count = (fabric: LabFabric, kind: string): number => fabric.objects.filter((object) => object.kind === kind).length

test('[LF1] the usual fabric has at least 2 spines, 5 leaves, 10 servers, 26 connections, and objects of all 12 kinds', () => {
  const fabric = spineLeafFabric()
  const roles = fabric.objects.filter(({ kind }) => kind === 'Switch').map((object) => specOf(object)['role'])
  expect(roles.filter((role) => role === 'spine')).toHaveLength(2)
  expect(roles.filter((role) => role !== 'spine')).toHaveLength(5)
  expect(count(fabric, 'Server')).toBe(10)
  expect(count(fabric, 'Connection')).toBeGreaterThanOrEqual(26)
  for (const { kind } of EXPECTED_KINDS) expect(count(fabric, kind), kind).toBeGreaterThan(0)
  for (const kind of ['SwitchProfile', 'Agent', 'Catalog', 'DHCPSubnet']) expect(count(fabric, kind), kind).toBeGreaterThan(0)
  expect(new Set(fabric.objects.filter(({ kind }) => kind === 'Connection').map((object) => Object.keys(specOf(object))[0]))).toEqual(
    new Set(['fabric', 'eslag', 'bundled', 'unbundled', 'vpcLoopback', 'external']),
  )
})

test.each(FABRICS)(
  '[LF2] a server with CRDs and admission accepts every object of the fabric in order and adds nothing: %s',
  async (_, make) => {
    const server = await startLabServer()
    const client = new ProtocolClient(server)
    onTestFinished(async () => {
      client.close()
      await server.close()
    })
    for (const object of make().objects) {
      const definition = kindOf(object.kind)
      const path = `/apis/${definition?.group}/${definition?.version}/namespaces/default/${definition?.plural}`
      const { status, body } = await client.send('POST', path, { body: object })
      expect(status, `${object.kind} ${nameOfObject(object)}: ${JSON.stringify(body['message'])}`).toBe(201)
      expect(body['spec']).toEqual(object['spec'])
      expect((body as KubeObject).metadata.labels).toEqual(object.metadata.labels)
      if (Object.keys((object['status'] ?? {}) as object).length === 0) continue
      const reported = await client.send('PUT', `${path}/${nameOfObject(object)}/status`, {
        body: { ...body, status: object['status'] ?? {} },
      })
      expect(reported.status, JSON.stringify(reported.body['message'])).toBe(200)
      expect(reported.body['status']).toEqual(object['status'])
    }
  },
)

test.each(FABRICS)(
  '[LF3] nothing refers to something that is not there, no cable end is used twice, no address is given twice: %s',
  (_, make) => {
    const { objects } = make()
    const index = new FabricIndex(objects)
    const missing = objects.flatMap((object) =>
      referencesOf(object.kind, object)
        .filter(({ kind, name }) => index.get(kind, name) === undefined)
        .map(({ kind, name }) => `${object.kind} ${nameOfObject(object)} → ${kind} ${name}`),
    )
    expect(missing).toEqual([])
    const ends = index.all('Connection').flatMap((connection) => linksOf(connection).flatMap((link) => link.ends))
    expect(ends.length).toBeGreaterThan(20)
    expect(new Set(ends.map(({ device, port }) => `${device}/${port}`)).size).toBe(ends.length)
    const addresses = ends.flatMap(({ ip }) => ip ?? [])
    expect(new Set(addresses).size).toBe(addresses.length)
    const switches = index.all('Switch').flatMap((object) => ['ip', 'protocolIP', 'vtepIP'].flatMap((field) => specOf(object)[field] ?? []))
    expect(new Set(switches).size).toBe(switches.length)
  },
)

const signals = { heartbeat: { value: 'fresh', since: 0 } }

test.each(FABRICS)('[LF4] while every switch is heard of, everything derives as healthy: %s', (_, make) => {
  const objects = make().objects.map((object) => ({ ...object, metadata: { ...object.metadata, generation: 1 } }))
  const index = new FabricIndex(objects)
  const neighbour = (object: KubeObject) => ({ name: nameOfObject(object), document: object, signals })
  const neighbours: Neighbours = {
    get: (kind, name) => {
      const found = index.get(kind, name)
      return found === undefined ? undefined : neighbour(found)
    },
    referrers: (kind, name, by) =>
      index
        .all(by)
        .filter((object) => referencesOf(by, object).some((reference) => reference.kind === kind && reference.name === name))
        .map(neighbour),
  }
  const troubled = objects
    .filter(({ kind }) => derivesStatus(kind))
    .map((object) => ({ object, status: deriveStatus(object.kind, object, neighbours) }))
    .filter(({ status }) => status?.health !== 'healthy')
    .map(({ object, status }) => `${object.kind} ${nameOfObject(object)}: ${status?.text}`)
  expect(troubled).toEqual([])
})

test('[LF4] the topology of both fabrics has all devices and draws the mesh without spines', () => {
  const drawn = (fabric: LabFabric) => {
    const index = new FabricIndex(fabric.objects)
    return topologyOf({ switches: index.all('Switch'), servers: index.all('Server'), connections: index.all('Connection') })
  }
  expect(drawn(spineLeafFabric()).nodes.filter(({ type }) => type === 'spine')).toHaveLength(2)
  const mesh = drawn(meshFabric())
  expect(mesh.nodes.filter(({ type }) => type === 'spine')).toEqual([])
  expect(mesh.nodes.filter(({ type }) => type === 'leaf')).toHaveLength(3)
})

test('[LF5] the same call gives the same objects, and two fabrics share no device and no address', () => {
  expect(spineLeafFabric().objects).toEqual(spineLeafFabric().objects)
  const of = (fabric: LabFabric, kind: string): string[] => fabric.objects.filter((object) => object.kind === kind).map(nameOfObject)
  for (const kind of ['Switch', 'Server', 'Connection', 'Agent'])
    expect(of(meshFabric(), kind).filter((name) => of(spineLeafFabric(), kind).includes(name))).toEqual([])
  expect(meshFabric().plan.tenants).not.toBe(spineLeafFabric().plan.tenants)
})

test('[LF6] VPCs for measurements have the size asked for and are accepted too', async () => {
  const vpcs = [...manyVpcs(1_500)]
  expect(new Set(vpcs.map(nameOfObject)).size).toBe(1_500)
  for (const vpc of vpcs) expect(Math.abs(JSON.stringify(vpc).length - 1_800)).toBeLessThan(10)
  expect(JSON.stringify([...manyVpcs(1, 5_000)][0]).length).toBe(5_000)
  const server = await startLabServer()
  const client = new ProtocolClient(server)
  onTestFinished(async () => {
    client.close()
    await server.close()
  })
  expect(server.control.seed([...manyVpcsNamespaces(1_500), ...vpcs.slice(0, 1_400)])).toBe(1_403)
  for (const vpc of vpcs.slice(1_450)) {
    const { status, body } = await client.send('POST', '/apis/vpc.githedgehog.com/v1beta1/namespaces/default/vpcs', { body: vpc })
    expect(status, JSON.stringify(body['message'])).toBe(201)
  }
})

test('[LF7] a size that does not fit is refused with a reason', () => {
  expect(() => spineLeafFabric({ leaves: 2, servers: 200 })).toThrow('only 64 ports')
  expect(() => spineLeafFabric({ vpcs: 61 })).toThrow(RangeError)
  expect(() => spineLeafFabric({ site: 16 })).toThrow('not one of 0 to 15')
})
