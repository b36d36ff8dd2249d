import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { ResourceDocument } from '../documents/reading.ts'
import { EXPECTED_KINDS, KINDS } from '../kinds/registry.ts'
import { referencesOf } from '../references/references-of.ts'
import { affectedBy, affectedObjects } from './affected-objects.ts'
import { deriveStatus, derivesStatus } from './derive-status.ts'
import type { Neighbour, Neighbours } from './neighbours.ts'

const FRESH = { heartbeat: { value: 'fresh', since: 0 } }

/** A small fabric in memory: objects by `Kind/name`, references found as the store finds them. */
class Fabric implements Neighbours {
  readonly objects = new Map<string, Neighbour & { readonly kind: string }>()
  readonly unlisted = new Set<string>()

  add(kind: string, name: string, body: Record<string, unknown> = {}, signals: Neighbour['signals'] = {}): this {
    this.objects.set(`${kind}/${name}`, { kind, name, document: { metadata: { name, generation: 1 }, ...body }, signals })
    return this
  }

  get(kind: string, name: string): Neighbour | undefined {
    return this.objects.get(`${kind}/${name}`)
  }

  referrers(kind: string, name: string, by: string): readonly Neighbour[] {
    return [...this.objects.values()].filter(
      (object) =>
        object.kind === by && referencesOf(by, object.document).some((reference) => reference.kind === kind && reference.name === name),
    )
  }

  listed(kind: string): boolean {
    return !this.unlisted.has(kind)
  }

  status(kind: string, name: string) {
    const found = this.get(kind, name)
    if (found === undefined) throw new Error(`no ${kind}/${name}`)
    return deriveStatus(kind, found.document, this)
  }
}

type Ports = Record<string, unknown>
const up = { admin: 'up', oper: 'up' }
const agentBody = (ports: Ports, more: Record<string, unknown> = {}) => ({
  status: { lastAppliedGen: 1, state: { interfaces: ports, ...more } },
})

/** One spine, two leaves, two servers, one VPC on an eslag pair, one external. Everything works. */
function fabric(): Fabric {
  const bgp = { bgpNeighbors: { vrf: { '10.9.0.2': { enabled: true, state: 'established' } } } }
  return new Fabric()
    .add('IPv4Namespace', 'default', { spec: { subnets: ['10.0.0.0/16'] } })
    .add('VLANNamespace', 'default', { spec: { ranges: [{ from: 1000, to: 2999 }] } })
    .add('SwitchGroup', 'eslag-1', { spec: {} })
    .add('Switch', 'spine-01', { spec: { role: 'spine' } })
    .add('Switch', 'leaf-01', { spec: { role: 'server-leaf', groups: ['eslag-1'], vlanNamespaces: ['default'] } })
    .add('Switch', 'leaf-02', { spec: { role: 'server-leaf', groups: ['eslag-1'], vlanNamespaces: ['default'] } })
    .add('Agent', 'spine-01', agentBody({ 'E1/1': up }), FRESH)
    .add('Agent', 'leaf-01', agentBody({ 'E1/1': up, 'E1/8': up, 'E1/9': up }, bgp), FRESH)
    .add('Agent', 'leaf-02', agentBody({ 'E1/1': up }), FRESH)
    .add('Server', 'server-01', { spec: {} })
    .add('Server', 'server-02', { spec: {} })
    .add('Connection', 'c-eslag', {
      spec: {
        eslag: {
          links: [
            { server: { port: 'server-01/e0' }, switch: { port: 'leaf-01/E1/1' } },
            { server: { port: 'server-01/e1' }, switch: { port: 'leaf-02/E1/1' } },
          ],
        },
      },
    })
    .add('Connection', 'c-fabric', { spec: { fabric: { links: [{ spine: { port: 'spine-01/E1/1' }, leaf: { port: 'leaf-01/E1/8' } }] } } })
    .add('Connection', 'c-ext', { spec: { external: { link: { switch: { port: 'leaf-01/E1/9' } } } } })
    .add('VPC', 'vpc-1', { spec: { ipv4Namespace: 'default', vlanNamespace: 'default', subnets: { web: {} } } })
    .add('VPC', 'vpc-2', { spec: { ipv4Namespace: 'default', vlanNamespace: 'default', subnets: { web: {} } } })
    .add('VPCAttachment', 'a-1', { spec: { subnet: 'vpc-1/web', connection: 'c-eslag' } })
    .add('External', 'ext-1', { spec: { ipv4Namespace: 'default' } })
    .add('ExternalAttachment', 'ea-1', { spec: { external: 'ext-1', connection: 'c-ext', neighbor: { ip: '10.9.0.2' } } })
    .add('VPCPeering', 'p-1', { spec: { permit: [{ 'vpc-1': {}, 'vpc-2': {} }] } })
    .add('ExternalPeering', 'ep-1', { spec: { permit: { vpc: { name: 'vpc-1' }, external: { name: 'ext-1' } } } })
}

/** Kinds with the word each of their objects has. */
const words = (given: Fabric, ...keys: string[]) =>
  keys.map((key) => given.status(key.slice(0, key.indexOf('/')), key.slice(key.indexOf('/') + 1))?.status)

describe('derived status', () => {
  test('[HH23] a fabric in which everything works is live, everywhere', () => {
    const given = fabric()
    expect(
      words(
        given,
        'Switch/spine-01',
        'Switch/leaf-01',
        'Agent/leaf-01',
        'Connection/c-eslag',
        'Connection/c-fabric',
        'Connection/c-ext',
        'Server/server-01',
        'VPCAttachment/a-1',
        'VPC/vpc-1',
        'External/ext-1',
        'ExternalAttachment/ea-1',
        'ExternalPeering/ep-1',
      ),
    ).toEqual(Array.from({ length: 12 }, () => 'live'))
    expect(words(given, 'IPv4Namespace/default', 'VLANNamespace/default', 'SwitchGroup/eslag-1')).toEqual([
      'declared',
      'declared',
      'declared',
    ])
    expect(given.status('IPv4Namespace', 'default')?.text).toBe('declared, used by 2 VPCs and 1 external')
    expect(given.status('SwitchGroup', 'eslag-1')?.text).toBe('declared, used by 2 switches')
    expect(given.status('VPC', 'vpc-1')).toMatchObject({ health: 'healthy', text: 'live on 1 attachment' })
  })

  test('[HH23] every green status names the facts it rests on, down to the agents', () => {
    const given = fabric()
    for (const kind of [
      'VPC/vpc-1',
      'VPCAttachment/a-1',
      'Connection/c-eslag',
      'Switch/leaf-01',
      'Server/server-01',
      'ExternalPeering/ep-1',
    ]) {
      const [name, id] = kind.split('/') as [string, string]
      const from = given.status(name, id)?.from ?? []
      expect(
        from.some((fact) => fact.kind === 'Agent' && /applied generation 1 of 1|heartbeat fresh/.test(fact.fact)),
        kind,
      ).toBe(true)
      expect(from.length).toBeLessThanOrEqual(12)
    }
  })

  test('[HH24] what nothing uses is not deployed', () => {
    expect(words(fabric(), 'VPC/vpc-2', 'Server/server-02', 'VPCPeering/p-1')).toEqual(['not_deployed', 'not_deployed', 'not_deployed'])
    expect(words(fabric().add('External', 'ext-2', { spec: {} }), 'External/ext-2')).toEqual(['not_deployed'])
  })

  test('[HH24] while a kind is not listed yet, "there is none" is unknown', () => {
    const given = fabric()
    for (const kind of ['VPCAttachment', 'VPC', 'Connection']) given.unlisted.add(kind)
    expect(given.status('VPC', 'vpc-2')).toMatchObject({ status: 'unknown', text: 'VPCAttachment objects are not listed yet' })
    expect(given.status('VLANNamespace', 'default')).toMatchObject({ status: 'unknown' })
    given.objects.delete('Connection/c-eslag')
    expect(given.status('VPCAttachment', 'a-1')).toMatchObject({ status: 'unknown', text: 'Connection c-eslag is not listed yet' })
  })

  test('[HH25] without agent everything on the switch is unknown, with the reason', () => {
    const given = fabric()
    given.objects.delete('Agent/leaf-02')
    for (const key of [
      'Switch/leaf-02',
      'Connection/c-eslag',
      'Server/server-01',
      'VPCAttachment/a-1',
      'VPC/vpc-1',
      'VPCPeering/p-1',
      'ExternalPeering/ep-1',
    ]) {
      const [kind, name] = key.split('/') as [string, string]
      expect(given.status(kind, name), key).toMatchObject({
        health: 'unknown',
        text: 'leaf-02 has no switch agent: nothing tells what it does',
      })
    }
    expect(words(given, 'Switch/leaf-01', 'Connection/c-fabric')).toEqual(['live', 'live'])
  })

  test('[HH25] a silent agent makes what is on it unknown, one that applies makes it changing', () => {
    const silent = fabric().add('Agent', 'leaf-01', agentBody({ 'E1/1': up, 'E1/8': up }), { heartbeat: { value: 'silent', since: 0 } })
    expect(silent.status('VPC', 'vpc-1')?.health).toBe('unknown')
    const applying = fabric().add('Agent', 'leaf-02', { metadata: { name: 'leaf-02', generation: 2 }, ...agentBody({ 'E1/1': up }) }, FRESH)
    expect(applying.status('VPC', 'vpc-1')).toMatchObject({
      status: 'applying',
      health: 'changing',
      text: 'leaf-02 is applying generation 2 (1 is in force)',
    })
  })

  test('[HH26] one link of two down is degraded, all down is failed', () => {
    const down = { admin: 'up', oper: 'down' }
    const given = fabric().add('Agent', 'leaf-02', agentBody({ 'E1/1': down }), FRESH)
    expect(given.status('Connection', 'c-eslag')).toMatchObject({ status: 'degraded', text: 'leaf-02/E1/1 has no link (down)' })
    expect(given.status('VPC', 'vpc-1')?.health).toBe('degraded')
    given.add('Agent', 'leaf-01', agentBody({ 'E1/1': down, 'E1/8': up }), FRESH)
    expect(given.status('Connection', 'c-eslag')?.status).toBe('failed')
    expect(given.status('Server', 'server-01')?.status).toBe('failed')
  })

  test('[HH26] of many troubles three are told, and how many more there are', () => {
    const given = fabric()
    const links = Array.from({ length: 8 }, (_, index) => ({
      server: { port: `server-02/e${index}` },
      switch: { port: `leaf-02/E2/${index + 1}` },
    }))
    given.add('Connection', 'c-many', { spec: { bundled: { links } } })
    given.add(
      'Agent',
      'leaf-02',
      agentBody(Object.fromEntries(links.map((link) => [link.switch.port.slice('leaf-02/'.length), { admin: 'down' }]))),
      FRESH,
    )
    for (const key of ['Connection/c-many', 'Switch/leaf-02'] as const) {
      const [kind, name] = key.split('/') as [string, string]
      expect(given.status(kind, name)?.text).toMatch(/E2\/1.* is switched off; .*E2\/2.*; .*E2\/3.*; and 5 more$/)
      expect(given.status(kind, name)?.from).toHaveLength(10)
    }
  })

  test('[HH26] a port that the agent does not report is unknown', () => {
    expect(fabric().add('Agent', 'leaf-02', agentBody({}), FRESH).status('Connection', 'c-eslag')).toMatchObject({
      status: 'unknown',
      text: 'leaf-02/E1/1 is not reported',
    })
  })

  test('[HH26] a cable that leads to another fabric switch is found by LLDP', () => {
    const seen = (sysName: string, sysDescr = 'Hedgehog Fabric') =>
      fabric()
        .add('Agent', 'leaf-01', agentBody({ 'E1/1': up, 'E1/8': { ...up, lldpNeighbors: [{ sysName, sysDescr }] } }), FRESH)
        .status('Connection', 'c-fabric')
    expect(seen('spine-01')?.status).toBe('live')
    expect(seen('spine-02')).toMatchObject({ status: 'failed', text: 'leaf-01/E1/8 is wired to spine-02 instead of spine-01' })
    expect(seen('some-phone', 'Telephone')?.status).toBe('live')
  })

  test('[HH27] references that lead nowhere are failures', () => {
    const given = fabric()
    given
      .add('VPCAttachment', 'a-2', { spec: { subnet: 'vpc-9/web', connection: 'c-9' } })
      .add('VPCAttachment', 'a-3', { spec: { subnet: 'vpc-1/gone', connection: 'c-eslag' } })
      .add('VPCAttachment', 'a-4', { spec: {} })
    expect(given.status('VPCAttachment', 'a-2')).toMatchObject({
      status: 'failed',
      text: 'VPC vpc-9 does not exist; Connection c-9 does not exist',
    })
    expect(given.status('VPCAttachment', 'a-3')).toMatchObject({ status: 'failed', text: 'VPC vpc-1 has no subnet gone' })
    expect(given.status('VPCAttachment', 'a-4')?.status).toBe('failed')
    given
      .add('Connection', 'c-x', { spec: { unbundled: { link: { server: { port: 'nobody/e0' }, switch: { port: 'nothing/E1/1' } } } } })
      .add('Connection', 'c-y', { spec: {} })
      .add('Connection', 'c-z', { spec: { bundled: {} } })
    given.add('Agent', 'nothing', agentBody({ 'E1/1': up }), FRESH)
    expect(given.status('Connection', 'c-x')).toMatchObject({
      status: 'failed',
      text: 'Server nobody does not exist; Switch nothing does not exist',
    })
    expect(words(given, 'Connection/c-y', 'Connection/c-z')).toEqual(['failed', 'failed'])
    given
      .add('VPCPeering', 'p-2', { spec: { permit: [{ 'vpc-1': {}, 'vpc-9': {} }] } })
      .add('ExternalPeering', 'ep-2', { spec: {} })
      .add('ExternalAttachment', 'ea-2', { spec: { external: 'nowhere', connection: 'c-ext' } })
      .add('ExternalAttachment', 'ea-3', { spec: {} })
    expect(words(given, 'VPCPeering/p-2', 'ExternalPeering/ep-2', 'ExternalAttachment/ea-2', 'ExternalAttachment/ea-3')).toEqual([
      'failed',
      'failed',
      'failed',
      'failed',
    ])
  })

  test('[HH27] removed connection types say that they do nothing', () => {
    expect(
      fabric()
        .add('Connection', 'old', { spec: { mclagDomain: {} } })
        .status('Connection', 'old'),
    ).toMatchObject({ status: 'not_deployed', health: 'degraded' })
  })

  test('[HH28] an external attachment needs its BGP session', () => {
    const session = (bgpNeighbors: unknown) =>
      fabric()
        .add('Agent', 'leaf-01', agentBody({ 'E1/1': up, 'E1/8': up, 'E1/9': up }, { bgpNeighbors }), FRESH)
        .status('ExternalAttachment', 'ea-1')
    expect(session({ vrf: { '10.9.0.2': { enabled: true, state: 'idle' } } })).toMatchObject({
      status: 'degraded',
      text: 'leaf-01: BGP with 10.9.0.2 is idle',
    })
    expect(session({})).toMatchObject({ status: 'unknown', text: 'leaf-01: BGP with 10.9.0.2 is not reported' })
  })

  test('[HH23] all 12 kinds and Agent have a derived status, others none', () => {
    expect(
      KINDS.filter((kind) => derivesStatus(kind.kind))
        .map((kind) => kind.kind)
        .sort(),
    ).toEqual([...EXPECTED_KINDS.map((kind) => kind.kind), 'Agent'].sort())
    for (const kind of EXPECTED_KINDS) expect(deriveStatus(kind.kind, { metadata: { name: 'x' } }, new Fabric()), kind.kind).toBeDefined()
    expect(deriveStatus('Catalog', {}, new Fabric())).toBeUndefined()
  })

  test('[HH23] hostile documents derive something and throw nothing', () => {
    const key = fc.constantFrom(
      'spec',
      'metadata',
      'name',
      'permit',
      'links',
      'fabric',
      'unbundled',
      'link',
      'switch',
      'port',
      '__proto__',
      'subnet',
      'connection',
    )
    fc.assert(
      fc.property(fc.constantFrom(...EXPECTED_KINDS.map((kind) => kind.kind)), fc.object({ key, maxDepth: 4 }), (kind, document) => {
        const given = fabric().add(kind, 'x', document)
        expect(deriveStatus(kind, document, given)?.health).toBeDefined()
      }),
      { numRuns: 200 },
    )
  })
})

describe('what a change affects', () => {
  const affected = (kind: string, name: string, given = fabric()) =>
    affectedObjects(kind, name, given.get(kind, name)?.document ?? {}, given)
      .map((key) => `${key.kind}/${key.name}`)
      .sort()

  test('[HH29] an agent: its switch, the connections there and all that lives on them', () => {
    expect(affected('Agent', 'leaf-02')).toEqual([
      'Agent/leaf-02',
      'Connection/c-eslag',
      'ExternalPeering/ep-1',
      'Server/server-01',
      'Switch/leaf-02',
      'VPC/vpc-1',
      'VPCAttachment/a-1',
      'VPCPeering/p-1',
    ])
    expect(affected('Agent', 'nobody')).toEqual(['Agent/nobody', 'Switch/nobody'])
  })

  test('[HH29] an attachment: its VPC and the peerings of that', () => {
    expect(affected('VPCAttachment', 'a-1')).toEqual(['ExternalPeering/ep-1', 'VPC/vpc-1', 'VPCAttachment/a-1', 'VPCPeering/p-1'])
    expect(affectedBy('VPCAttachment')).toEqual(['VPCAttachment', 'VPC', 'VPCPeering', 'ExternalPeering'])
    expect(affectedBy('Catalog')).toEqual([])
  })

  test('[HH29] of a removed VPC: what refers to it, and the namespaces it used', () => {
    const given = fabric()
    const document = given.get('VPC', 'vpc-1')?.document ?? {}
    given.objects.delete('VPC/vpc-1')
    expect(
      affectedObjects('VPC', 'vpc-1', document, given)
        .map((key) => `${key.kind}/${key.name}`)
        .sort(),
    ).toEqual([
      'ExternalPeering/ep-1',
      'IPv4Namespace/default',
      'VLANNamespace/default',
      'VPC/vpc-1',
      'VPCAttachment/a-1',
      'VPCPeering/p-1',
    ])
  })

  test('[HH29] while its references stay, what only counts who refers to it is not affected', () => {
    const given = fabric()
    const document = given.get('VPC', 'vpc-1')?.document ?? {}
    const kinds = (references: boolean) => affectedObjects('VPC', 'vpc-1', document, given, { references }).map(({ kind }) => kind)
    expect(kinds(true)).toContain('IPv4Namespace')
    expect(kinds(false)).toEqual(kinds(true).filter((kind) => !kind.endsWith('Namespace')))
  })

  test('[HH24] users are counted without being read where that can be done', () => {
    const given = fabric()
    const counting = {
      get: given.get.bind(given),
      referrers: () => {
        throw new Error('they were read')
      },
      count: () => 10_000,
    }
    expect(deriveStatus('SwitchGroup', { metadata: { name: 'any' } }, counting)?.text).toBe('declared, used by 10000 switches')
  })

  test('[HH29] whatever is changed in a fabric, every status that moves belongs to an affected object', () => {
    const statuses = (given: Fabric) =>
      new Map(
        [...given.objects.values()]
          .filter((object) => derivesStatus(object.kind))
          .map((object) => [`${object.kind}/${object.name}`, JSON.stringify(given.status(object.kind, object.name))]),
      )
    const keys = [...fabric().objects.keys()]
    const down = { admin: 'up', oper: 'down' }
    const changes: Readonly<Record<string, (body: Neighbour) => [ResourceDocument, Neighbour['signals']] | undefined>> = {
      remove: () => undefined,
      silence: (object) => [object.document, { heartbeat: { value: 'silent', since: 1 } }],
      empty: (object) => [{ metadata: { name: object.name, generation: 1 } }, object.signals],
      unplug: (object) => [{ ...object.document, ...agentBody({ 'E1/1': down, 'E1/8': down, 'E1/9': down }) }, object.signals],
      generation: (object) => [{ ...object.document, metadata: { name: object.name, generation: 2 } }, object.signals],
    }
    let moved = 0
    for (const key of keys) {
      for (const [label, change] of Object.entries(changes)) {
        const given = fabric()
        const object = given.objects.get(key)
        if (object === undefined) continue
        const before = statuses(given)
        const touched = new Set(affectedObjects(object.kind, object.name, object.document, given).map((one) => `${one.kind}/${one.name}`))
        const after = change(object)
        if (after === undefined) given.objects.delete(key)
        else given.objects.set(key, { kind: object.kind, name: object.name, document: after[0], signals: after[1] })
        for (const one of affectedObjects(object.kind, object.name, after?.[0] ?? object.document, given))
          touched.add(`${one.kind}/${one.name}`)
        if (label === 'silence' || label === 'generation') {
          // References stayed: what only counts its users is left out, and still nothing that moves is missed.
          touched.clear()
          for (const one of affectedObjects(object.kind, object.name, object.document, given, { references: false }))
            touched.add(`${one.kind}/${one.name}`)
        }
        for (const [name, status] of statuses(given)) {
          if (before.get(name) === status) continue
          moved += 1
          expect(touched.has(name), `${label} ${key} moved ${name}`).toBe(true)
        }
      }
    }
    expect(moved).toBeGreaterThan(50)
  })
})
