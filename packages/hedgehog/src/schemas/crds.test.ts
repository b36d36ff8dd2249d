import { describe, expect, test } from 'vitest'
import { KINDS } from '../kinds/registry.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'
import { CRDS } from './crds.ts'
import { obj } from './json-schema.ts'
import type { JsonSchema } from './json-schema.ts'

function schemaOf(kind: string): JsonSchema {
  const schema = CRDS.find((crd) => crd.spec.names.kind === kind)?.spec.versions[0]?.schema.openAPIV3Schema
  if (schema === undefined) throw new Error(`no CRD for ${kind}`)
  return schema
}

/** Walks properties, `*` for map values and `[]` for list items. */
function at(kind: string, ...path: readonly string[]): JsonSchema | undefined {
  let here: JsonSchema | undefined = schemaOf(kind)
  for (const step of path) here = step === '*' ? here?.additionalProperties : step === '[]' ? here?.items : here?.properties?.[step]
  return here
}

function walk(schema: JsonSchema, path: string, visit: (schema: JsonSchema, path: string) => void): void {
  visit(schema, path)
  for (const [name, property] of Object.entries(schema.properties ?? {})) walk(property, `${path}.${name}`, visit)
  if (schema.additionalProperties !== undefined) walk(schema.additionalProperties, `${path}.*`, visit)
  if (schema.items !== undefined) walk(schema.items, `${path}[]`, visit)
}

describe('our CRDs', () => {
  test('[HH5] exist for every kind of the registry, with its names', () => {
    expect(CRDS.map((crd) => crd.spec.names.kind)).toEqual(KINDS.map((kind) => kind.kind))
    for (const [index, crd] of CRDS.entries()) {
      const kind = KINDS[index]
      expect(crd.metadata.name).toBe(`${kind?.plural}.${kind?.group}`)
      expect(crd.spec.names.singular).toBe(kind?.singular)
      expect(crd.spec.versions.map((version) => version.name)).toEqual([kind?.version])
      expect(crd.spec.versions[0]?.subresources).toEqual({ status: {} })
    }
  })

  test('[HH5] are plain JSON', () => {
    expect(JSON.parse(JSON.stringify(CRDS))).toEqual(CRDS)
  })

  test('[HH5] are structural: every node has a type, lists have items, required fields exist, no map has both forms', () => {
    let nodes = 0
    for (const kind of KINDS) {
      walk(schemaOf(kind.kind), kind.kind, (schema, path) => {
        nodes += 1
        expect(schema.type, path).toBeTypeOf('string')
        if (schema.type === 'array') expect(schema.items, path).toBeDefined()
        for (const name of schema.required ?? []) expect(schema.properties, path).toHaveProperty(name)
        expect(schema.properties !== undefined && schema.additionalProperties !== undefined, path).toBe(false)
      })
    }
    expect(nodes).toBeGreaterThan(1500)
  })

  test('[HH5] keep the limits and defaults of the product', () => {
    expect(at('Switch', 'spec', 'linkFlapErrDisable', 'flapThreshold')).toMatchObject({
      type: 'integer',
      minimum: 1,
      maximum: 50,
      default: 3,
    })
    expect(at('Switch', 'spec', 'linkFlapErrDisable', 'samplingInterval')).toMatchObject({ minimum: 1, maximum: 65535, default: 30 })
    expect(at('Switch', 'spec', 'linkFlapErrDisable', 'recoveryInterval')).toMatchObject({ minimum: 0, maximum: 65534, default: 300 })
    expect(at('Switch', 'spec')?.required).toEqual(['role'])
    expect(at('Switch', 'spec', 'role')?.enum).toEqual(['spine', 'server-leaf', 'border-leaf', 'mixed-leaf', 'virtual-edge'])
    expect(at('VPC', 'spec', 'subnets', '*', 'dhcp', 'options')?.required).toEqual(['interfaceMTU', 'leaseTimeSeconds'])
    expect(at('VPCPeering', 'spec', 'permit')).toMatchObject({ minItems: 1, maxItems: 10 })
    expect(at('IPv4Namespace', 'spec', 'subnets')).toMatchObject({ minItems: 1, maxItems: 20 })
    expect(at('VLANNamespace', 'spec', 'ranges')).toMatchObject({ minItems: 1, maxItems: 20 })
    expect(at('Connection', 'spec', 'eslag', 'links')).toMatchObject({ minItems: 2 })
    expect(at('ExternalAttachment', 'spec')?.required).toEqual(['neighbor', 'switch'])
    expect(at('Agent', 'status')?.required).toEqual(['conditions'])
  })

  test('[HH5] accept link addresses with a length and refuse others', () => {
    const pattern = new RegExp(at('Connection', 'spec', 'fabric', 'links', '[]', 'spine', 'ip')?.pattern ?? 'none')
    for (const good of ['172.30.128.0/31', '10.0.0.1/8', '255.255.255.255/32', '0.0.0.0/0']) expect(pattern.test(good)).toBe(true)
    for (const bad of ['172.30.128.0', '256.0.0.1/31', '10.0.0/31', '10.0.0.1/33', ' 10.0.0.1/31']) expect(pattern.test(bad)).toBe(false)
  })

  test('[HH6] have the printer columns of kubectl, wide ones with priority', () => {
    const columns = (kind: string) =>
      CRDS.find((crd) => crd.spec.names.kind === kind)?.spec.versions[0]?.additionalPrinterColumns?.map((column) =>
        column.priority === undefined ? column.name : `[${column.name}]`,
      )
    expect(columns('VPC')).toEqual(['IPv4NS', 'VLANNS', '[Subnets]', '[VNI]', 'Age'])
    expect(columns('VPCAttachment')).toEqual(['VPCSUBNET', 'Connection', 'NativeVLAN', 'Age'])
    expect(columns('VPCPeering')).toEqual(['VPC1', 'VPC2', 'Remote', 'Age'])
    expect(columns('External')).toEqual(['IPv4NS', 'InComm', 'OutComm', 'Age'])
    expect(columns('ExternalAttachment')).toEqual(['External', 'Connection', '[SwVLAN]', '[SwIP]', '[NeighASN]', '[NeighIP]', 'Age'])
    expect(columns('ExternalPeering')).toEqual(['VPC', '[VPCSubnets]', 'External', '[ExtPrefixes]', 'Age'])
    expect(columns('IPv4Namespace')).toEqual(['Subnets', 'Age'])
    expect(columns('Connection')).toEqual(['Type', 'Age'])
    expect(columns('Server')).toEqual(['Type', 'Descr', 'Age'])
    expect(columns('Switch')).toEqual(['Profile', 'Role', 'Descr', 'Groups', '[Redundancy]', '[Boot]', 'Age'])
    expect(columns('SwitchGroup')).toEqual(['Age'])
    expect(columns('VLANNamespace')).toEqual(['Age'])
    expect(columns('GatewayGroup')).toBeUndefined()
  })

  test('[HH5] a schema for a kind outside the registry is refused', () => {
    expect(() => customResourceDefinition({ kind: 'Nothing', description: '', spec: obj({}) })).toThrow('Nothing')
  })
})
