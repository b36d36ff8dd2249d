import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { KINDS } from '../kinds/registry.ts'
import { defaulted } from './defaulted.ts'

type Fields = Record<string, unknown>

/** The spec after defaulting, without the empty objects unless asked for. */
function spec(kind: string, given: unknown, emptyObjects = false): unknown {
  return defaulted(kind, { metadata: { name: 'x' }, spec: given }, { serverLabels: false, emptyObjects })['spec']
}
const subnet = (given: Fields) => ((spec('VPC', { subnets: { web: given } }) as Fields)['subnets'] as Fields)['web']
const labels = (kind: string, given: unknown, before: Fields = {}) =>
  (defaulted(kind, { metadata: { name: 'x', labels: before }, spec: given }, { serverLabels: true })['metadata'] as Fields)['labels']

describe('what the server fills in and rewrites', () => {
  test('[HH14] point 1: the namespace', () => {
    const namespace = (metadata: unknown) =>
      (defaulted('Server', { metadata, spec: {} }, { serverLabels: false })['metadata'] as Fields)['namespace']
    expect(namespace({ name: 'x' })).toBe('default')
    expect(namespace({ namespace: '' })).toBe('default')
    expect(namespace({ namespace: 'other' })).toBe('other')
  })

  test('[HH14] point 2: namespaces and gateway of a VPC', () => {
    expect(spec('VPC', { subnets: { web: { subnet: '10.5.0.0/24', vlan: 1100 } } })).toEqual({
      ipv4Namespace: 'default',
      vlanNamespace: 'default',
      subnets: { web: { subnet: '10.5.0.0/24', gateway: '10.5.0.1', vlan: 1100 } },
    })
    expect(spec('VPC', { ipv4Namespace: 'a', vlanNamespace: 'b' })).toEqual({ ipv4Namespace: 'a', vlanNamespace: 'b' })
    expect(subnet({ subnet: '10.5.0.0/24', gateway: '10.5.0.9' })).toMatchObject({ gateway: '10.5.0.9' })
    expect(subnet({ subnet: '10.5.0.0/24', hostBGP: true })).not.toHaveProperty('gateway')
    expect(subnet({ subnet: 'nonsense' })).toEqual({ subnet: 'nonsense' })
  })

  test('[HH14] point 2: the DHCP range ends with the broadcast address', () => {
    expect(subnet({ subnet: '10.0.1.0/24', dhcp: { enable: true } })).toMatchObject({
      dhcp: { enable: true, range: { start: '10.0.1.2', end: '10.0.1.255' } },
    })
    expect(subnet({ subnet: '10.0.1.0/24', dhcp: { enable: true, range: { start: '10.0.1.50' } } })).toMatchObject({
      dhcp: { range: { start: '10.0.1.50', end: '10.0.1.255' } },
    })
    expect(subnet({ subnet: '10.0.1.0/31', dhcp: { enable: true } })).toMatchObject({ dhcp: { enable: true } })
    expect(subnet({ subnet: '10.0.1.0/31', dhcp: { enable: true } })).not.toHaveProperty('dhcp.range')
  })

  test('[HH14] point 2: DHCP options are filled when present and removed when all empty', () => {
    const options = (given: unknown) =>
      ((subnet({ subnet: '10.0.1.0/24', dhcp: { enable: true, options: given } }) as Fields)['dhcp'] as Fields)['options']
    expect(options({ pxeURL: 'http://127.0.0.1/x' })).toEqual({
      pxeURL: 'http://127.0.0.1/x',
      interfaceMTU: 9036,
      leaseTimeSeconds: 3600,
      dnsServers: [],
      timeServers: [],
    })
    expect(options({ interfaceMTU: 0, leaseTimeSeconds: 60, advertisedRoutes: [] })).toEqual({
      interfaceMTU: 9036,
      leaseTimeSeconds: 60,
      dnsServers: [],
      timeServers: [],
    })
    expect(options({ interfaceMTU: 1500, leaseTimeSeconds: 0 })).toMatchObject({ interfaceMTU: 1500, leaseTimeSeconds: 3600 })
    expect(options({})).toBeUndefined()
    expect(options({ interfaceMTU: 0, disableDefaultRoute: false, pxeURL: '', dnsServers: null })).toBeUndefined()
    expect(options({ dnsServers: [] })).toMatchObject({ interfaceMTU: 9036 })
  })

  test('[HH14] point 3: without dhcp.enable range and options are removed', () => {
    expect(
      subnet({ subnet: '10.0.1.0/24', dhcp: { range: { start: 'a' }, options: { interfaceMTU: 1 }, relay: '10.9.9.9/32' } }),
    ).toMatchObject({ dhcp: { relay: '10.9.9.9/32' } })
    expect(subnet({ subnet: '10.0.1.0/24', dhcp: { enable: false, range: { start: 'a' } } })).toEqual({
      subnet: '10.0.1.0/24',
      gateway: '10.0.1.1',
      dhcp: { enable: false },
    })
  })

  test('[HH14] point 4: server lists and routes sorted, MAC keys in one form', () => {
    const dhcp = (
      subnet({
        subnet: '10.0.1.0/24',
        dhcp: {
          enable: true,
          static: { 'AA-BB-CC-00-11-22': { ip: '10.0.1.9' }, odd: { ip: '10.0.1.8' } },
          options: {
            dnsServers: ['9.9.9.9', '1.1.1.1'],
            timeServers: ['b', 'a'],
            advertisedRoutes: [{ destination: 'b', gateway: '2' }, { destination: 'b', gateway: '1' }, { destination: 'a' }],
          },
        },
      }) as Fields
    )['dhcp'] as Fields
    expect(dhcp['static']).toEqual({ 'aa:bb:cc:00:11:22': { ip: '10.0.1.9' }, odd: { ip: '10.0.1.8' } })
    expect(dhcp['options']).toMatchObject({
      dnsServers: ['1.1.1.1', '9.9.9.9'],
      timeServers: ['a', 'b'],
      advertisedRoutes: [{ destination: 'a' }, { destination: 'b', gateway: '1' }, { destination: 'b', gateway: '2' }],
    })
  })

  test('[HH14] point 5: an attachment to a bare VPC means its subnet default', () => {
    expect(spec('VPCAttachment', { subnet: 'vpc-1' })).toEqual({ subnet: 'vpc-1/default' })
    expect(spec('VPCAttachment', { subnet: 'vpc-1/web' })).toEqual({ subnet: 'vpc-1/web' })
    expect(spec('VPCAttachment', { subnet: '' })).toEqual({ subnet: '' })
  })

  test('[HH14] points 6 to 8: External namespace, ExternalPeering and IPv4Namespace sorted', () => {
    expect(spec('External', {})).toEqual({ ipv4Namespace: 'default' })
    expect(spec('External', { ipv4Namespace: 'x' })).toEqual({ ipv4Namespace: 'x' })
    expect(
      spec('ExternalPeering', {
        permit: { vpc: { name: 'v', subnets: ['b', 'a'] }, external: { name: 'e', prefixes: [{ prefix: '2' }, { prefix: '10' }] } },
      }),
    ).toEqual({
      permit: { vpc: { name: 'v', subnets: ['a', 'b'] }, external: { name: 'e', prefixes: [{ prefix: '10' }, { prefix: '2' }] } },
    })
    expect(spec('IPv4Namespace', { subnets: ['10.20.0.0/16', '10.10.0.0/16'] })).toEqual({ subnets: ['10.10.0.0/16', '10.20.0.0/16'] })
  })

  test('[HH14] point 9: VLAN ranges get their end and are sorted; one bad range empties all', () => {
    expect(spec('VLANNamespace', { ranges: [{ from: 3000 }, { from: 1000, to: 2999 }] })).toEqual({
      ranges: [
        { from: 1000, to: 2999 },
        { from: 3000, to: 3000 },
      ],
    })
    for (const bad of [{ from: 5, to: 4 }, { from: 0 }, { from: 4000, to: 4095 }])
      expect(spec('VLANNamespace', { ranges: [{ from: 1000, to: 2999 }, bad] })).toEqual({})
  })

  test('[HH14] point 10: a Switch', () => {
    expect(spec('Switch', { role: 'spine' })).toEqual({ role: 'spine', vlanNamespaces: ['default'] })
    expect(
      spec('Switch', {
        vlanNamespaces: ['z', 'a'],
        groups: ['z', 'b'],
        redundancy: { group: 'eslag-1', type: 'eslag' },
        portSpeeds: { 'E1/1': 'SPEED_25G' },
        portGroupSpeeds: { '1': 'SPEED_10G', '2': '25G' },
      }),
    ).toEqual({
      vlanNamespaces: ['a', 'z'],
      groups: ['b', 'eslag-1', 'z'],
      redundancy: { group: 'eslag-1', type: 'eslag' },
      portSpeeds: { 'E1/1': '25G' },
      portGroupSpeeds: { '1': '10G', '2': '25G' },
    })
    expect(spec('Switch', { redundancy: { group: 'g' } })).toMatchObject({ groups: ['g'] })
    expect(spec('Switch', { groups: ['g'], redundancy: { group: 'g' } })).toMatchObject({ groups: ['g'] })
  })

  test('[HH15] a flap guard that is present is filled, one that is absent stays away, a zero stays zero', () => {
    expect(spec('Switch', { linkFlapErrDisable: {} })).toMatchObject({
      linkFlapErrDisable: { flapThreshold: 3, samplingInterval: 30, recoveryInterval: 300 },
    })
    expect(spec('Switch', { linkFlapErrDisable: { recoveryInterval: 0 } })).toMatchObject({
      linkFlapErrDisable: { flapThreshold: 3, samplingInterval: 30, recoveryInterval: 0 },
    })
    expect(spec('Switch', {}, true)).not.toHaveProperty('linkFlapErrDisable')
  })

  test('[HH15] present-but-zero values stay: isolated, restricted, ICMP type and code, autoneg', () => {
    expect(subnet({ subnet: '10.0.1.0/24', isolated: false, restricted: false })).toMatchObject({ isolated: false, restricted: false })
    expect(subnet({ subnet: '10.0.1.0/24' })).not.toHaveProperty('isolated')
    const acl = { inboundACL: { statements: [{ seq: 10, icmpType: 0, icmpCode: 0 }] } }
    expect(spec('ExternalAttachment', acl)).toEqual(acl)
    expect(spec('Switch', { portAutoNegs: { 'E1/1': false } })).toMatchObject({ portAutoNegs: { 'E1/1': false } })
  })

  test('[HH14] point 11: gateway kinds', () => {
    expect(spec('Gateway', {})).toEqual({ logs: { default: 'info', tags: { all: 'info' } }, workers: 4, groups: [{ name: 'default' }] })
    expect(
      spec('Gateway', { workers: 8, groups: [{ name: 'b' }, { name: 'a', priority: 1 }], logs: { default: 'debug', tags: { x: 'off' } } }),
    ).toEqual({ workers: 8, groups: [{ name: 'a', priority: 1 }, { name: 'b' }], logs: { default: 'debug', tags: { x: 'off' } } })
    expect(
      spec('GatewayPeering', {
        peering: { a: { expose: [{ nat: { masquerade: {} } }, { nat: { portForward: { idleTimeout: '5m0s' }, static: {} } }] }, b: {} },
        acl: { rules: [{ action: 'deny' }, { action: 'allow', scope: 'packet' }] },
      }),
    ).toEqual({
      gatewayGroup: 'default',
      peering: {
        a: { expose: [{ nat: { masquerade: { idleTimeout: '2m0s' } } }, { nat: { portForward: { idleTimeout: '5m0s' }, static: {} } }] },
        b: {},
      },
      acl: {
        default: 'deny-unless-exposed',
        rules: [
          { action: 'deny', scope: 'flow' },
          { action: 'allow', scope: 'packet' },
        ],
      },
    })
    expect(spec('GatewayPeering', { peering: { a: {} } })).toEqual({ peering: { a: {} } })
  })

  test('[HH14] point 12: empty objects that are written back', () => {
    expect(spec('VPC', { subnets: { web: { subnet: '10.5.0.0/24' } } }, true)).toMatchObject({ subnets: { web: { dhcp: {} } } })
    expect(spec('Switch', { role: 'spine' }, true)).toMatchObject({ boot: {}, ecmp: {}, redundancy: {} })
    expect(spec('ExternalAttachment', { static: { remoteIP: 'x' } }, true)).toMatchObject({ switch: {}, neighbor: {} })
    expect(spec('VPCPeering', { permit: [{ 'vpc-1': null, 'vpc-2': { subnets: ['a'] } }] }, true)).toEqual({
      permit: [{ 'vpc-1': {}, 'vpc-2': { subnets: ['a'] } }],
    })
    expect(spec('Connection', { unbundled: {} }, true)).toEqual({ unbundled: { link: { server: {}, switch: {} } } })
    expect(spec('Connection', { fabric: { links: [{ spine: { port: 'p' } }] } }, true)).toEqual({
      fabric: { links: [{ spine: { port: 'p' }, leaf: {} }] },
    })
    expect(defaulted('Server', { metadata: {}, spec: {} }, { serverLabels: false })).toEqual({
      metadata: { namespace: 'default' },
      spec: {},
      status: {},
    })
    expect(defaulted('SwitchGroup', { metadata: {}, spec: {} }, { serverLabels: true })).toEqual({
      metadata: { namespace: 'default' },
      spec: {},
    })
  })

  test('[HH16] labels of the server: its own are deleted and set again, others stay', () => {
    expect(labels('VPC', {}, { mine: 'x', 'fabric.githedgehog.com/old': 'y', 'a.fabric.githedgehog.com/b': 'z' })).toEqual({
      mine: 'x',
      'fabric.githedgehog.com/ipv4ns': 'default',
      'fabric.githedgehog.com/vlanns': 'default',
    })
    expect(labels('VPCAttachment', { subnet: 'vpc-1', connection: 'c', nativeVLAN: true })).toEqual({
      'fabric.githedgehog.com/vpc': 'vpc-1',
      'fabric.githedgehog.com/subnet': 'default',
      'fabric.githedgehog.com/connection': 'c',
      'fabric.githedgehog.com/nativevlan': 'true',
    })
    expect(labels('VPCPeering', { permit: [{ b: {}, a: null }] })).toEqual({
      'fabric.githedgehog.com/vpc1': 'a',
      'fabric.githedgehog.com/vpc2': 'b',
      'vpc.fabric.githedgehog.com/a': 'true',
      'vpc.fabric.githedgehog.com/b': 'true',
    })
    expect(labels('VPCPeering', { permit: [{ b: {} }] })).toBeUndefined()
    expect(labels('External', {})).toEqual({ 'fabric.githedgehog.com/ipv4ns': 'default' })
    expect(labels('ExternalAttachment', { connection: 'c', external: 'e' })).toEqual({
      'fabric.githedgehog.com/connection': 'c',
      'fabric.githedgehog.com/external': 'e',
    })
    expect(labels('ExternalPeering', { permit: { vpc: { name: 'v' }, external: { name: 'e' } } })).toEqual({
      'fabric.githedgehog.com/vpc': 'v',
      'fabric.githedgehog.com/external': 'e',
    })
    expect(labels('Switch', { profile: 'vs', redundancy: { group: 'g' } })).toEqual({
      'fabric.githedgehog.com/profile': 'vs',
      'switchgroup.fabric.githedgehog.com/g': 'true',
      'vlanns.fabric.githedgehog.com/default': 'true',
    })
    expect(labels('Server', {}, { 'fabric.githedgehog.com/x': 'y' })).toBeUndefined()
    expect(labels('SwitchGroup', {}, { 'fabric.githedgehog.com/x': 'y' })).toEqual({ 'fabric.githedgehog.com/x': 'y' })
  })

  test('[HH16] labels of a Connection by type; the removed types get none', () => {
    expect(labels('Connection', { unbundled: { link: { server: { port: 's/e0' }, switch: { port: 'l/E1/1' } } } })).toEqual({
      'fabric.githedgehog.com/connection-type': 'unbundled',
      'switch.fabric.githedgehog.com/l': 'true',
      'server.fabric.githedgehog.com/s': 'true',
    })
    expect(labels('Connection', { staticExternal: { withinVPC: 'v', link: { switch: { port: 'l/E1/1' } } } })).toEqual({
      'fabric.githedgehog.com/connection-type': 'static-external',
      'fabric.githedgehog.com/vpc': 'v',
      'switch.fabric.githedgehog.com/l': 'true',
    })
    expect(labels('Connection', { mclag: { links: [{ switch: { port: 'l/E1/1' } }] } })).toBeUndefined()
  })

  test('[HH17] defaulting is idempotent, pure, and throws nothing', () => {
    const key = fc.constantFrom(
      'subnets',
      'dhcp',
      'options',
      'ranges',
      'permit',
      'vpc',
      'external',
      'prefixes',
      'groups',
      'redundancy',
      'enable',
      'subnet',
      'static',
      'links',
      'bundled',
      'link',
      'unbundled',
      'peering',
      'acl',
      'rules',
      'nat',
      'expose',
      'from',
      'to',
      '__proto__',
      'linkFlapErrDisable',
      'portSpeeds',
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom('10.0.0.0/24', '', 'SPEED_1G', 0, 5, true, false, null),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('tree')), { maxLength: 5 }).map((entries) => Object.fromEntries(entries) as unknown),
      ),
    }))
    fc.assert(
      fc.property(fc.constantFrom(...KINDS.map((kind) => kind.kind)), tree, fc.boolean(), (kind, given, emptyObjects) => {
        const object = { metadata: { name: 'x', labels: { 'fabric.githedgehog.com/x': 'y' } }, spec: given }
        const before = JSON.stringify(object)
        const once = defaulted(kind, object, { serverLabels: true, emptyObjects })
        expect(JSON.stringify(object)).toBe(before)
        expect(JSON.stringify(defaulted(kind, once, { serverLabels: true, emptyObjects }))).toBe(JSON.stringify(once))
      }),
      { numRuns: 500 },
    )
  })

  test('[HH17] a kind outside the registry comes back unchanged', () => {
    const object = { metadata: {}, spec: {} }
    expect(defaulted('Pod', object, { serverLabels: true })).toBe(object)
  })
})
