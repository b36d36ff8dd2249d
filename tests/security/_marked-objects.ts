import { CRDS, LAST_APPLIED, credentialPaths, type JsonSchema } from '@binnacle/hedgehog'
import { spineLeafFabric, type LabFabric } from '@binnacle/lab'
import { randomBytes, randomUUID } from 'node:crypto'
import type { Needle } from './_needles.ts'

/** An object of a lab. */
export type LabObject = LabFabric['objects'][number]

/** The beginning that all markers of a run share: whoever finds it has found one of them. */
export const CORE = `mk${randomBytes(10).toString('hex')}`

/** A place that holds a marker, e.g. `Agent spec.users[].password`. */
export interface Marker extends Needle {
  /** How it came to be there: a leaf of a schema, a leaf of a kind that configuration added, or a copy in metadata. */
  readonly from: 'schema' | 'configured' | 'annotation' | 'managedFields'
}

/** A resource beyond the Hedgehog kinds, whose fields are cut by name. */
export const VAULT_CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'vaults.lab.example' },
  spec: {
    group: 'lab.example',
    scope: 'Namespaced',
    names: { kind: 'Vault', listKind: 'VaultList', plural: 'vaults', singular: 'vault' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}

/** Objects of all kinds with a marker of its own at every place where a credential can be. */
export interface MarkedObjects {
  readonly objects: readonly LabObject[]
  readonly markers: readonly Marker[]
}

/** A whole lab fabric, one more object of each of the 25 kinds with every field of its schema filled, and a kind that configuration adds. */
export function markedObjects(): MarkedObjects {
  const markers: Marker[] = []
  const marker = (from: Marker['from'], name: string): string => {
    const text = `${CORE}x${String(markers.length).padStart(4, '0')}x`
    markers.push({ from, name, text })
    return text
  }
  const filled = (schema: JsonSchema, marked: ReadonlySet<string>, kind: string, path: string): unknown => {
    if (schema.properties !== undefined)
      return Object.fromEntries(
        Object.entries(schema.properties).map(([name, inner]) => [
          name,
          filled(inner, marked, kind, path === '' ? name : `${path}.${name}`),
        ]),
      )
    if (schema.additionalProperties !== undefined) return { one: filled(schema.additionalProperties, marked, kind, `${path}.*`) }
    if (schema.items !== undefined) return [filled(schema.items, marked, kind, marked.has(path) ? path : `${path}[]`)]
    if (schema.type === 'string') return marked.has(path) ? marker('schema', `${kind} ${path}`) : 'text'
    if (schema.type === 'boolean') return true
    return schema.type === 'object' ? {} : 1
  }
  const metadata = (kind: string, name: string, given: Record<string, unknown> = {}): LabObject['metadata'] => ({
    ...given,
    name,
    uid: randomUUID(),
    namespace: 'default',
    annotations: {
      [LAST_APPLIED]: JSON.stringify({ kind, spec: { password: marker('annotation', `${kind} ${name} last-applied`) } }),
    },
    managedFields: [
      {
        manager: marker('managedFields', `${kind} ${name} manager`),
        operation: 'Update',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: { [`k:{"token":"${marker('managedFields', `${kind} ${name} fields`)}"}`]: {} },
      },
    ],
  })
  const fabric = spineLeafFabric({ name: 'harbor' }).objects.map((object) => ({
    ...object,
    metadata: metadata(object.kind, object.metadata.name ?? '', object.metadata),
  }))
  const full = CRDS.flatMap((crd) => {
    const { group, names, versions } = crd.spec
    const [version] = versions
    if (version === undefined) return []
    const marked = new Set(credentialPaths(crd))
    const {
      apiVersion: _a,
      kind: _k,
      metadata: _m,
      ...body
    } = filled(version.schema.openAPIV3Schema, marked, names.kind, '') as Record<string, unknown>
    return [
      { ...body, apiVersion: `${group}/${version.name}`, kind: names.kind, metadata: metadata(names.kind, `full-${names.singular}`) },
    ] as LabObject[]
  })
  const vault: LabObject = {
    apiVersion: 'lab.example/v1',
    kind: 'Vault',
    metadata: {
      ...metadata('Vault', 'full-vault'),
      labels: { 'lab.example/access-token': marker('configured', 'Vault label') },
    },
    spec: {
      adminPassword: marker('configured', 'Vault spec.adminPassword'),
      nested: [{ deep: { API_TOKEN: marker('configured', 'Vault spec.nested') } }],
      env: [{ name: 'DB_PASSWORD', value: marker('configured', 'Vault spec.env') }],
      upstream: `https://user:${marker('configured', 'Vault URL')}@127.0.0.1/`,
      config: JSON.stringify({ secret: marker('configured', 'Vault JSON text') }),
      size: 3,
    },
    privateKey: marker('configured', 'Vault privateKey'),
  }
  return { objects: [...fabric, ...full, vault], markers }
}

/** The same objects with another label: a change that keeps every marker. */
export const changed = (objects: readonly LabObject[], turn: number): LabObject[] =>
  objects.map((object) => ({ ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, turn: String(turn) } } }))
