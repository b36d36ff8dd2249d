import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS } from '../kinds/registry.ts'
import { referencesOf } from './references-of.ts'

const found = (kind: string, document: Record<string, unknown>) =>
  referencesOf(kind, document).map((reference) => `${reference.role} ${reference.kind}/${reference.name} ${reference.path}`)

describe('references', () => {
  test('[HH11] of a VPC: both namespaces and the relay VPC', () => {
    expect(found('VPC', { spec: { ipv4Namespace: 'a', vlanNamespace: 'b', subnets: { web: { dhcp: { relayVPC: 'vpc-2' } } } } })).toEqual([
      'ipv4Namespace IPv4Namespace/a /spec/ipv4Namespace',
      'vlanNamespace VLANNamespace/b /spec/vlanNamespace',
      'relayVPC VPC/vpc-2 /spec/subnets/web/dhcp/relayVPC',
    ])
  })

  test('[HH11] of attachments', () => {
    expect(found('VPCAttachment', { spec: { subnet: 'vpc-1/web', connection: 'c' } })).toEqual([
      'vpc VPC/vpc-1 /spec/subnet',
      'connection Connection/c /spec/connection',
    ])
    expect(found('ExternalAttachment', { spec: { external: 'e', connection: 'c' } })).toEqual([
      'external External/e /spec/external',
      'connection Connection/c /spec/connection',
    ])
  })

  test('[HH11] of peerings', () => {
    expect(
      found('VPCPeering', {
        spec: {
          permit: [
            { 'vpc-1': null, 'vpc-2': {} },
            { 'vpc-1': {}, 'vpc-2': {} },
          ],
        },
      }),
    ).toEqual(['vpc VPC/vpc-1 /spec/permit/0/vpc-1', 'vpc VPC/vpc-2 /spec/permit/0/vpc-2'])
    expect(found('ExternalPeering', { spec: { permit: { vpc: { name: 'v' }, external: { name: 'e' } } } })).toEqual([
      'vpc VPC/v /spec/permit/vpc/name',
      'external External/e /spec/permit/external/name',
    ])
    expect(found('GatewayPeering', { spec: { gatewayGroup: 'g', peering: { v: {}, 'ext.e': {} } } })).toEqual([
      'gatewayGroup GatewayGroup/g /spec/gatewayGroup',
      'vpc VPC/v /spec/peering/v',
      'external External/e /spec/peering/ext.e',
    ])
    expect(found('External', { spec: { ipv4Namespace: 'n' } })).toEqual(['ipv4Namespace IPv4Namespace/n /spec/ipv4Namespace'])
  })

  test('[HH11] of a Connection of each type: its devices, each once', () => {
    const end = (port: string) => ({ port })
    expect(
      found('Connection', {
        spec: {
          eslag: {
            links: [
              { server: end('s/e0'), switch: end('l1/E1/1') },
              { server: end('s/e1'), switch: end('l2/E1/1') },
            ],
          },
        },
      }),
    ).toEqual([
      'server Server/s /spec/eslag/links/0/server/port',
      'switch Switch/l1 /spec/eslag/links/0/switch/port',
      'switch Switch/l2 /spec/eslag/links/1/switch/port',
    ])
    const devices = (spec: unknown) => referencesOf('Connection', { spec }).map((reference) => `${reference.kind}/${reference.name}`)
    expect(devices({ unbundled: { link: { server: end('s/e0'), switch: end('l1/E1/1') } } })).toEqual(['Server/s', 'Switch/l1'])
    expect(devices({ fabric: { links: [{ spine: end('sp/E1/1'), leaf: end('l1/E1/1') }] } })).toEqual(['Switch/sp', 'Switch/l1'])
    expect(devices({ mesh: { links: [{ leaf1: end('l1/E1/1'), leaf2: end('l2/E1/1') }] } })).toEqual(['Switch/l1', 'Switch/l2'])
    expect(devices({ gateway: { links: [{ switch: end('l1/E1/1'), gateway: end('gw/enp1') }] } })).toEqual(['Switch/l1', 'Gateway/gw'])
    expect(devices({ vpcLoopback: { links: [{ switch1: end('l1/E1/1'), switch2: end('l1/E1/2') }] } })).toEqual(['Switch/l1'])
    expect(devices({ mclagDomain: { peerLinks: [{ switch1: end('l1/E1/1'), switch2: end('l2/E1/1') }] } })).toEqual([
      'Switch/l1',
      'Switch/l2',
    ])
    expect(devices({ external: { link: { switch: end('l1/E1/1') } } })).toEqual(['Switch/l1'])
    expect(devices({ staticExternal: { withinVPC: 'v', link: { switch: end('l1/E1/1') } } })).toEqual(['Switch/l1', 'VPC/v'])
  })

  test('[HH11] of switches and servers', () => {
    expect(found('Switch', { spec: { profile: 'p', groups: ['g1'], redundancy: { group: 'g1' }, vlanNamespaces: ['default'] } })).toEqual([
      'profile SwitchProfile/p /spec/profile',
      'group SwitchGroup/g1 /spec/groups/0',
      'redundancyGroup SwitchGroup/g1 /spec/redundancy/group',
      'vlanNamespace VLANNamespace/default /spec/vlanNamespaces/0',
    ])
    expect(found('Server', { spec: { profile: 'p' } })).toEqual(['profile ServerProfile/p /spec/profile'])
    expect(found('SwitchGroup', { spec: {} })).toEqual([])
  })

  test('[HH11] of live kinds, by name or spec', () => {
    expect(found('Agent', { metadata: { name: 'leaf-01' }, spec: { switch: { profile: 'p' } } })).toEqual([
      'switch Switch/leaf-01 /metadata/name',
      'profile SwitchProfile/p /spec/switch/profile',
    ])
    expect(found('DHCPSubnet', { metadata: { name: 'vpc-1--web' }, spec: { subnet: 'vpc-1/web' } })).toEqual(['vpc VPC/vpc-1 /spec/subnet'])
    expect(found('DHCPSubnet', { metadata: { name: 'vpc-1--web' } })).toEqual(['vpc VPC/vpc-1 /metadata/name'])
    expect(found('Gateway', { spec: { groups: [{ name: 'g' }] } })).toEqual(['group GatewayGroup/g /spec/groups/0/name'])
    expect(found('GatewayAgent', { metadata: { name: 'gw' } })).toEqual(['gateway Gateway/gw /metadata/name'])
    expect(found('VPCInfo', { metadata: { name: 'v' } })).toEqual(['vpc VPC/v /metadata/name'])
  })

  test('[HH12] a port is split at the first slash; ends that cannot be read name no device', () => {
    const unbundled = (port: unknown) =>
      referencesOf('Connection', { spec: { unbundled: { link: { switch: { port } } } } }).map((reference) => reference.name)
    expect(unbundled('leaf-01/E1/55/1')).toEqual(['leaf-01'])
    for (const bad of ['leaf-01', '/E1/1', 'leaf-01/', '', 7, null, {}]) expect(unbundled(bad)).toEqual([])
  })

  test('[HH12] hostile documents refer to nothing and throw nothing', () => {
    for (const kind of [...KINDS.map((definition) => definition.kind), 'constructor', '__proto__', '']) {
      fc.assert(
        fc.property(
          fc.object({ key: fc.constantFrom('spec', 'permit', 'links', 'fabric', '__proto__', 'metadata', 'name', 'groups', 'link') }),
          (document) => Array.isArray(referencesOf(kind, document)),
        ),
        { numRuns: 30 },
      )
    }
    const odd = JSON.parse('{"spec":{"permit":[{"__proto__":{},"b":{}}]}}') as Record<string, unknown>
    expect(found('VPCPeering', odd)).toEqual(['vpc VPC/__proto__ /spec/permit/0/__proto__', 'vpc VPC/b /spec/permit/0/b'])
  })
})
