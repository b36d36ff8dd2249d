import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS, kindOf } from './registry.ts'
import { CUT_MARK, MAX_ROW_BYTES, columnsOf } from './row.ts'

const row = (kind: string, document: Record<string, unknown>) => columnsOf(kindOf(kind), document)
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length

describe('list columns', () => {
  test('[HH3] of a VPC tell its mode, namespaces, subnets and VLANs', () => {
    expect(
      row('VPC', {
        metadata: { name: 'vpc-1', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: {
          ipv4Namespace: 'default',
          vlanNamespace: 'default',
          subnets: { web: { subnet: '10.0.1.0/24', vlan: 1001, dhcp: { enable: true } }, db: { subnet: '10.0.2.0/24', vlan: 1002 } },
        },
      }),
    ).toEqual({
      mode: 'l2vni',
      ipv4_namespace: 'default',
      vlan_namespace: 'default',
      subnets: 2,
      subnet_list: 'web 10.0.1.0/24, db 10.0.2.0/24',
      vlans: '1001, 1002',
      dhcp: 'mixed',
      isolated: false,
      restricted: false,
      static_routes: 0,
      created: '2026-01-01T00:00:00Z',
    })
  })

  test('[HH3] of a VPC tell how addresses are handed out', () => {
    const dhcp = (...subnets: unknown[]) =>
      row('VPC', { spec: { subnets: Object.fromEntries(subnets.map((dhcp, index) => [`s${index}`, { dhcp }])) } })['dhcp']
    expect(dhcp({ enable: true })).toBe('server')
    expect(dhcp({ relay: '10.0.0.1/32' }, { relay: '10.0.0.2/32' })).toBe('relay')
    expect(dhcp({})).toBe('none')
    expect(dhcp()).toBe('none')
  })

  test('[HH3] of a Connection tell type, both sides and the cables', () => {
    const spec = {
      eslag: {
        mtu: 9036,
        links: [
          { server: { port: 'server-05/e0' }, switch: { port: 'leaf-03/E1/5' } },
          { server: { port: 'server-05/e1' }, switch: { port: 'leaf-04/E1/5/1' } },
        ],
      },
    }
    expect(row('Connection', { spec })).toMatchObject({
      type: 'eslag',
      left: 'server-05',
      right: 'leaf-03, leaf-04',
      links: 2,
      mtu: 9036,
      link_list: 'server-05/e0 - leaf-03/E1/5, server-05/e1 - leaf-04/E1/5/1',
    })
    expect(row('Connection', { spec: { vpcLoopback: { links: [] } } })['type']).toBe('vpc-loopback')
    expect(row('Connection', { spec: { mclagDomain: {} } })['type']).toBe('mclagDomain')
    expect(row('Connection', { spec: {} })['type']).toBeNull()
  })

  test('[HH3] of the other VPC kinds', () => {
    expect(row('VPCAttachment', { spec: { subnet: 'vpc-1', connection: 'c' } })).toMatchObject({
      vpc: 'vpc-1',
      subnet: 'default',
      connection: 'c',
      native_vlan: false,
    })
    expect(row('VPCPeering', { spec: { permit: [{ 'vpc-2': { subnets: ['a'] }, 'vpc-1': null }] } })).toMatchObject({
      vpc1: 'vpc-1',
      vpc2: 'vpc-2',
      permits: 1,
      subnets: 'vpc-2/a',
    })
    expect(row('External', { spec: { static: { prefixes: ['0.0.0.0/0'] } } })).toMatchObject({ type: 'static', prefixes: '0.0.0.0/0' })
    expect(
      row('ExternalAttachment', { spec: { switch: { ip: '10.9.0.1/30', vlan: 7 }, neighbor: { asn: 64500, ip: '10.9.0.2' } } }),
    ).toMatchObject({ type: 'bgp', ip: '10.9.0.1/30', vlan: 7, neighbor_ip: '10.9.0.2', neighbor_asn: 64500, acl: false })
    expect(row('ExternalAttachment', { spec: { static: { proxy: true, remoteIP: '10.9.0.2' } } })).toMatchObject({
      type: 'static',
      ip: 'proxy',
      vlan: 0,
      neighbor_ip: '10.9.0.2',
    })
    expect(row('ExternalAttachment', { spec: { static: { ip: '10.9.0.1/30', remoteIP: '10.9.0.2' } } })).toMatchObject({
      ip: '10.9.0.1/30',
    })
    expect(
      row('ExternalPeering', {
        spec: { permit: { vpc: { name: 'v', subnets: ['a'] }, external: { name: 'e', prefixes: [{ prefix: '0.0.0.0/0' }] } } },
      }),
    ).toMatchObject({ vpc: 'v', subnets: 'a', external: 'e', prefixes: '0.0.0.0/0' })
    expect(row('IPv4Namespace', { spec: { subnets: ['10.0.0.0/16'] } })).toMatchObject({ subnets: 1, subnet_list: '10.0.0.0/16' })
  })

  test('[HH3] of the wiring kinds', () => {
    expect(
      row('Switch', { spec: { role: 'server-leaf', asn: 65101, redundancy: { type: 'eslag', group: 'eslag-1' }, groups: ['eslag-1'] } }),
    ).toMatchObject({ role: 'server-leaf', asn: 65101, redundancy: 'eslag eslag-1', groups: 'eslag-1' })
    expect(row('VLANNamespace', { spec: { ranges: [{ from: 1000, to: 2999 }, { from: 5 }, {}] } })).toMatchObject({
      ranges: '1000-2999, 5',
      vlans: 2001,
    })
    expect(row('SwitchProfile', { spec: { ports: { 'E1/1': {} }, features: { l2vni: true, roce: false } } })).toMatchObject({
      ports: 1,
      features: 'l2vni',
    })
    expect(row('ServerProfile', { spec: { nics: [{}] } })).toMatchObject({ nics: 1 })
  })

  test('[HH3] of the live kinds', () => {
    expect(
      row('Agent', {
        metadata: { generation: 8 },
        status: {
          lastAppliedGen: 7,
          state: {
            interfaces: { 'E1/1': { admin: 'up', oper: 'down' }, 'E1/2': { admin: 'up', oper: 'up' } },
            bgpNeighbors: { default: { '10.0.0.1': { state: 'established' }, '10.0.0.2': { state: 'idle' } } },
          },
        },
      }),
    ).toMatchObject({ generation: 8, applied_generation: 7, in_step: false, interfaces: 2, interfaces_down: 1, bgp: '1/2' })
    expect(row('Agent', {})).toMatchObject({ in_step: null, bgp: null })
    expect(row('DHCPSubnet', { status: { allocated: { a: {}, b: {} } } })).toMatchObject({ leases: 2 })
    expect(row('Catalog', { spec: { vpcVNIs: { a: 1 } } })).toMatchObject({ vpc_vnis: 1 })
    expect(row('Gateway', { spec: { groups: [{ name: 'default' }] } })).toMatchObject({ groups: 'default' })
    expect(row('GatewayPeering', { spec: { peering: { a: {}, b: {} } } })).toMatchObject({ peers: 'a, b' })
    expect(row('VPCInfo', { spec: { subnets: { a: {} } } })).toMatchObject({ subnets: 1 })
    expect(row('Fabricator', { status: { conditions: [{ type: 'Ready', status: 'True' }] } })).toMatchObject({
      ready: 'True',
      gateway_ready: null,
    })
  })

  test('[HH4] an unknown kind gets generic columns', () => {
    expect(
      columnsOf(undefined, { metadata: { generation: 3 }, status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'False' }] } }),
    ).toEqual({ generation: 3, phase: 'Running', ready: 'False', created: null })
  })

  test('[HH4] a long value is cut and says so', () => {
    const subnets = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`subnet-${index}`, { subnet: '10.0.0.0/24', vlan: index }]),
    )
    const cut = row('VPC', { spec: { subnets } })
    expect(cut['subnets']).toBe(200)
    expect(String(cut['subnet_list']).endsWith(CUT_MARK)).toBe(true)
    expect(bytes(cut)).toBeLessThanOrEqual(MAX_ROW_BYTES)
  })

  test('[HH4] a cut never halves a character', () => {
    const cut = String(columnsOf(kindOf('Server'), { spec: { description: '🦔'.repeat(500), profile: 'x' } })['description'])
    expect(cut.endsWith(CUT_MARK)).toBe(true)
    expect(cut.isWellFormed()).toBe(true)
  })

  test('[HH4] a row of any document is flat, JSON-safe and at most 1 kB; nothing is thrown', () => {
    const key = fc.constantFrom(
      'spec',
      'status',
      'metadata',
      'subnets',
      'links',
      'eslag',
      'permit',
      'ranges',
      'state',
      'interfaces',
      '__proto__',
      'constructor',
      'toString',
      'description',
      'role',
      'x',
    )
    const { document } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.string(),
        fc.string({ minLength: 300, maxLength: 400, unit: 'binary' }),
        fc.double(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        tie('document'),
      ),
      document: fc
        .array(fc.tuple(key, tie('value')), { maxLength: 6 })
        .map((entries) => Object.fromEntries(entries) as Record<string, unknown>),
    }))
    fc.assert(
      fc.property(document, fc.constantFrom(...KINDS, undefined), (value, kind) => {
        const result = columnsOf(kind, value)
        for (const cell of Object.values(result)) expect(cell === null || ['string', 'number', 'boolean'].includes(typeof cell)).toBe(true)
        expect(JSON.parse(JSON.stringify(result))).toEqual(result)
        expect(bytes(result)).toBeLessThanOrEqual(MAX_ROW_BYTES)
      }),
      { numRuns: 300 },
    )
  })

  test('[HH4] the widest row of control characters still fits', () => {
    const noise = '\u0001'.repeat(1000)
    const spec = {
      role: noise,
      profile: noise,
      asn: -1.25e-300,
      ip: noise,
      protocolIP: noise,
      vtepIP: noise,
      groups: [noise],
      redundancy: { type: noise, group: noise },
      vlanNamespaces: [noise],
      boot: { serial: noise },
      description: noise,
    }
    expect(bytes(row('Switch', { metadata: { creationTimestamp: noise }, spec }))).toBeLessThanOrEqual(MAX_ROW_BYTES)
  })
})
