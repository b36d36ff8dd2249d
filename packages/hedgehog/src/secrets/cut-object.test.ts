import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EXPECTED_KINDS, KINDS, kindId } from '../kinds/registry.ts'
import { CRDS } from '../schemas/crds.ts'
import type { JsonSchema } from '../schemas/json-schema.ts'
import { BOUNDARY } from './boundary.ts'
import { credentialPaths, looksSecret } from './credential-names.ts'
import { LAST_APPLIED, cutObject } from './cut-object.ts'

const MARKER = 'marker-4711'

/** A document with every field of a schema; text leaves at the given paths hold the marker. */
function filled(schema: JsonSchema, marked: ReadonlySet<string>, path = ''): unknown {
  if (schema.properties !== undefined) {
    return Object.fromEntries(
      Object.entries(schema.properties).map(([name, inner]) => [name, filled(inner, marked, path === '' ? name : `${path}.${name}`)]),
    )
  }
  if (schema.additionalProperties !== undefined) return { one: filled(schema.additionalProperties, marked, `${path}.*`) }
  if (schema.items !== undefined) return [filled(schema.items, marked, marked.has(path) ? path : `${path}[]`)]
  if (schema.type === 'string') return marked.has(path) ? MARKER : 'text'
  if (schema.type === 'boolean') return true
  return schema.type === 'object' ? {} : 1
}

function crdOf(kind: string) {
  const crd = CRDS.find((candidate) => candidate.spec.names.kind === kind)
  if (crd === undefined) throw new Error(kind)
  return crd
}

function example(kind: string): Record<string, unknown> {
  const crd = crdOf(kind)
  const schema = crd.spec.versions[0]?.schema.openAPIV3Schema
  if (schema === undefined) throw new Error(kind)
  const document = filled(schema, new Set(credentialPaths(crd))) as Record<string, unknown>
  return {
    ...document,
    metadata: {
      name: 'one',
      resourceVersion: '7',
      managedFields: [{ manager: MARKER }],
      annotations: { [LAST_APPLIED]: MARKER, 'githedgehog.com/note': 'kept' },
      labels: { a: 'b' },
    },
  }
}

describe('what passes the watch boundary', () => {
  test('[HH7] the schemas hold 20 credential leaves in Agent, 22 in Fabricator and none in the 12 expected kinds', () => {
    expect(credentialPaths(crdOf('Agent'))).toHaveLength(20)
    expect(credentialPaths(crdOf('Agent'))).toContain('spec.users[].sshKeys')
    expect(credentialPaths(crdOf('Agent'))).toContain('spec.config.alloy.targets.pyroscope.*.bearerToken')
    expect(credentialPaths(crdOf('Fabricator'))).toHaveLength(22)
    expect(credentialPaths(crdOf('Fabricator'))).toContain('spec.config.control.joinToken')
    for (const kind of EXPECTED_KINDS) expect(credentialPaths(crdOf(kind.kind)), kind.kind).toEqual([])
  })

  test.each(KINDS.map((kind) => [kind.kind, kind.group]))(
    '[HH7] no credential, managed field or last-applied copy of %s passes',
    (kind, group) => {
      const object = example(kind)
      expect(JSON.stringify(object)).toContain(MARKER)
      const result = cutObject(kindId(kind, group), object)
      expect(JSON.stringify(result)).not.toContain(MARKER)
      expect(result.document['metadata']).toEqual({ name: 'one', annotations: { 'githedgehog.com/note': 'kept' }, labels: { a: 'b' } })
    },
  )

  test('[HH7] every kind of the registry has a rule, and no rule is for another kind', () => {
    expect(Object.keys(BOUNDARY).sort()).toEqual(KINDS.map((kind) => kindId(kind.kind, kind.group)).sort())
    for (const rule of Object.values(BOUNDARY)) expect(rule.because).not.toBe('')
  })

  test('[HH7] of an Agent only role, description, profile and status pass', () => {
    const { document } = cutObject('Agent.agent.githedgehog.com', example('Agent'))
    expect(document['spec']).toEqual({ role: 'text', description: 'text', switch: { profile: 'text' } })
    expect(Object.keys(document).sort()).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status'])
  })

  test('[HH7] a field that a later release adds to an optional kind stays out', () => {
    const { document } = cutObject('Fabricator.fabricator.githedgehog.com', {
      metadata: {},
      spec: { config: { fabric: { mode: 'mesh', newSecretThing: MARKER } }, later: MARKER },
      status: { release: 'r' },
      extra: MARKER,
    })
    expect(document).toEqual({ metadata: {}, spec: { config: { fabric: { mode: 'mesh' } } }, status: { release: 'r' } })
  })

  test('[HH8] of the 12 expected kinds spec and status pass by reference, the input is not changed', () => {
    for (const kind of EXPECTED_KINDS) {
      const spec = Object.freeze({ a: 1 })
      const status = Object.freeze({})
      const object = Object.freeze({
        apiVersion: 'v',
        kind: kind.kind,
        metadata: Object.freeze({ name: 'n', resourceVersion: '1', annotations: Object.freeze({ [LAST_APPLIED]: 'x' }) }),
        spec,
        status,
        other: 1,
      })
      const { document, volatile, cut } = cutObject(kindId(kind.kind, kind.group), object)
      expect(document['spec']).toBe(spec)
      expect(document['status']).toBe(status)
      expect(document['other']).toBeUndefined()
      expect(document['metadata']).toEqual({ name: 'n', annotations: {} })
      expect(volatile).toBeUndefined()
      expect(cut).toEqual([])
    }
  })

  test('[HH8] the cost for an expected kind does not depend on its size', () => {
    let touched = 0
    const spec = new Proxy({ subnets: {} }, { ownKeys: () => ((touched += 1), []), get: () => ((touched += 1), undefined) })
    cutObject('VPC.vpc.githedgehog.com', { metadata: { name: 'n' }, spec })
    expect(touched).toBe(0)
  })

  test('[HH9] of a kind added by configuration, fields named like credentials are cut and reported', () => {
    const { document, cut } = cutObject('Database.example.org', {
      apiVersion: 'example.org/v1',
      kind: 'Database',
      metadata: { name: 'my-secret-db', labels: { tier: 'a' }, annotations: { 'example.org/api-token': MARKER, note: 'n' } },
      spec: {
        adminPassword: MARKER,
        users: [{ name: 'a', SSHKeys: [MARKER] }],
        env: [
          { name: 'DB_PASSWORD', value: MARKER },
          { name: 'MODE', value: 'x' },
        ],
        size: 3,
      },
      data: { credentialsFile: MARKER },
    })
    expect(document).toEqual({
      apiVersion: 'example.org/v1',
      kind: 'Database',
      metadata: { name: 'my-secret-db', labels: { tier: 'a' }, annotations: { note: 'n' } },
      spec: { users: [{ name: 'a' }], env: [{ name: 'DB_PASSWORD' }, { name: 'MODE', value: 'x' }], size: 3 },
      data: {},
    })
    expect([...cut].sort()).toEqual([
      '/data/credentialsFile',
      '/metadata/annotations/example.org/api-token',
      '/spec/adminPassword',
      '/spec/env/0/value',
      '/spec/users/0/SSHKeys',
    ])
  })

  test('[HH9] a URL with a password and the text of a JSON document are cut as well', () => {
    const { document, cut } = cutObject('Database.example.org', {
      metadata: { name: 'd', annotations: { 'example.org/original': `{"spec":"${MARKER}"}` } },
      spec: { url: `https://admin:${MARKER}@127.0.0.1/x`, plain: 'https://127.0.0.1/a:b@c' },
    })
    expect(JSON.stringify(document)).not.toContain(MARKER)
    expect(document['spec']).toEqual({ url: '', plain: 'https://127.0.0.1/a:b@c' })
    expect(cut).toEqual(['/metadata/annotations/example.org/original', '/spec/url'])
  })

  test('[HH7] of kinds that hold credentials only the annotations of the product pass', () => {
    const metadata = { name: 'leaf-01', annotations: { 'fabric.githedgehog.com/a': 'kept', 'example.org/original': MARKER } }
    expect(cutObject('Agent.agent.githedgehog.com', { metadata }).document['metadata']).toEqual({
      name: 'leaf-01',
      annotations: { 'fabric.githedgehog.com/a': 'kept' },
    })
    expect(cutObject('VPC.vpc.githedgehog.com', { metadata }).document['metadata']).toEqual(metadata)
  })

  test('[HH9] of a kind that is itself a secret only the metadata passes', () => {
    const { document, cut } = cutObject('Secret', { kind: 'Secret', metadata: { name: 's' }, data: { a: MARKER }, type: 'Opaque' })
    expect(document).toEqual({ kind: 'Secret', metadata: { name: 's' } })
    expect(cut).toEqual(['/data', '/type'])
  })

  test('[HH9] nesting without end is cut off instead of overflowing', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`) as Record<string, unknown>
    const { cut } = cutObject('Deep.example.org', { metadata: { name: 'd' }, spec: deep })
    expect(cut).toHaveLength(1)
  })

  test('[HH9] no name that looks like a credential survives in a kind added by configuration', () => {
    const key = fc.constantFrom('password', 'apiToken', 'KEY', 'plain', '__proto__', 'clientSecret', 'list', 'name')
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constant('v'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.array(fc.tuple(key, tie('tree')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries) as unknown),
      ),
    }))
    const names = (value: unknown): string[] =>
      typeof value === 'object' && value !== null
        ? [...(Array.isArray(value) ? [] : Object.keys(value)), ...Object.values(value).flatMap(names)]
        : []
    fc.assert(
      fc.property(tree, (spec) => {
        const result = cutObject('Thing.example.org', { metadata: { name: 'n' }, spec })
        expect(names(result.document).filter(looksSecret)).toEqual([])
        expect(Object.getPrototypeOf(result.document)).toBe(Object.prototype)
      }),
    )
  })

  test('[HH9] nothing is thrown for documents of the wrong shape', () => {
    for (const id of [...KINDS.map((kind) => kindId(kind.kind, kind.group)), 'Other.example.org', '__proto__', '']) {
      for (const metadata of [undefined, null, [], 'x', { annotations: [] }]) {
        for (const spec of [undefined, null, [], 'x', 1, { switch: [] }])
          expect(cutObject(id, { metadata, spec, status: spec })).toHaveProperty('document')
      }
    }
  })
})
