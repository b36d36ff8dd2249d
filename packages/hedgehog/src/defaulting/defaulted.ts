import { CONNECTION_TYPES } from '../documents/connections.ts'
import { isRecord, stringAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import { EXPECTED_KINDS, kindOf } from '../kinds/registry.ts'
import { byText, fields, isUnset, mapValues, set, sortedTexts } from './edit.ts'
import type { Fields } from './edit.ts'
import { serverLabels } from './labels.ts'
import { defaultedVpc } from './vpc.ts'
import { defaultedGateway, defaultedGatewayPeering, defaultedIpv4Namespace, defaultedSwitch, defaultedVlanNamespace } from './wiring.ts'

/** What {@link defaulted} fills in besides the fields themselves. */
export interface DefaultingOptions {
  /** Also delete and set the labels that the server owns. */
  readonly serverLabels: boolean
  /** Also add the empty objects that the server writes back (`dhcp: {}`, `boot: {}`, `status: {}` …). Default true. */
  readonly emptyObjects?: boolean
}

function defaultedAttachment(spec: Fields): Fields {
  const subnet = spec['subnet']
  return typeof subnet === 'string' && subnet !== '' && !subnet.includes('/') ? set(spec, { subnet: `${subnet}/default` }) : spec
}

function defaultedExternalPeering(spec: Fields): Fields {
  const permit = spec['permit']
  if (!isRecord(permit)) return spec
  const vpc = permit['vpc']
  const external = permit['external']
  const prefixes = isRecord(external) ? external['prefixes'] : undefined
  return set(spec, {
    permit: set(permit, {
      ...(isRecord(vpc) && { vpc: set(vpc, { subnets: sortedTexts(vpc['subnets']) }) }),
      ...(isRecord(external) &&
        Array.isArray(prefixes) && {
          external: set(external, {
            prefixes: prefixes.toSorted((one, other) => byText(stringAt(one, 'prefix') ?? '', stringAt(other, 'prefix') ?? '')),
          }),
        }),
    }),
  })
}

const SPECS: Readonly<Record<string, (spec: Fields) => Fields>> = {
  VPC: defaultedVpc,
  VPCAttachment: defaultedAttachment,
  External: (spec) => set(spec, { ipv4Namespace: isUnset(spec['ipv4Namespace']) ? 'default' : spec['ipv4Namespace'] }),
  ExternalPeering: defaultedExternalPeering,
  IPv4Namespace: defaultedIpv4Namespace,
  VLANNamespace: defaultedVlanNamespace,
  Switch: defaultedSwitch,
  GatewayPeering: defaultedGatewayPeering,
  Gateway: defaultedGateway,
}

function present(value: Fields, ...names: readonly string[]): Fields {
  return set(value, Object.fromEntries(names.map((name) => [name, value[name] ?? {}])))
}

/** The keys of both ends per connection type: Go writes both, also an end that nobody gave. */
const ENDS: Readonly<Record<string, readonly string[]>> = {
  unbundled: ['server', 'switch'],
  bundled: ['server', 'switch'],
  eslag: ['server', 'switch'],
  mclag: ['server', 'switch'],
  mclagDomain: ['switch1', 'switch2'],
  fabric: ['spine', 'leaf'],
  mesh: ['leaf1', 'leaf2'],
  gateway: ['switch', 'gateway'],
  vpcLoopback: ['switch1', 'switch2'],
  external: ['switch'],
  staticExternal: ['switch'],
}

function connectionWithEnds(spec: Fields): Fields {
  const changes = CONNECTION_TYPES.flatMap((type) => {
    const body = spec[type]
    if (!isRecord(body)) return []
    const ends = ENDS[type] ?? []
    const single = ['unbundled', 'external', 'staticExternal'].includes(type)
    if (single) return [[type, set(body, { link: present(fields(body['link']), ...ends) })] as const]
    const lists = Object.entries(body).flatMap(([name, links]) =>
      Array.isArray(links) ? [[name, links.map((link) => (isRecord(link) ? present(link, ...ends) : link))] as const] : [],
    )
    return [[type, set(body, Object.fromEntries(lists))] as const]
  })
  return set(spec, Object.fromEntries(changes))
}

function permitsWithSides(spec: Fields): Fields {
  const permit = spec['permit']
  if (!Array.isArray(permit)) return spec
  return set(spec, { permit: permit.map((entry) => mapValues(entry, (side) => side ?? {})) })
}

const EMPTY_OBJECTS: Readonly<Record<string, (spec: Fields) => Fields>> = {
  VPC: (spec) => set(spec, { subnets: mapValues(spec['subnets'], (subnet) => (isRecord(subnet) ? present(subnet, 'dhcp') : subnet)) }),
  Switch: (spec) => present(spec, 'boot', 'ecmp', 'redundancy'),
  ExternalAttachment: (spec) => present(spec, 'switch', 'neighbor'),
  VPCPeering: permitsWithSides,
  Connection: connectionWithEnds,
}

/** Kinds whose webhook writes the object back, so that Go adds `status: {}`. */
const WRITTEN_BACK: ReadonlySet<string> = new Set([
  ...EXPECTED_KINDS.map((kind) => kind.kind).filter((kind) => kind !== 'SwitchGroup'),
  'SwitchProfile',
  'Gateway',
  'GatewayPeering',
])

/**
 * An object as the server keeps it after a write: the mutating webhook of its kind and the defaults of its schema.
 * A new object; the input is not changed. Idempotent. Values of the wrong type stay as they are, for validation to
 * name. Kinds outside the registry come back unchanged.
 */
export function defaulted(kind: string, object: ResourceDocument, options: DefaultingOptions): ResourceDocument {
  if (kindOf(kind) === undefined) return object
  const change = Object.hasOwn(SPECS, kind) ? SPECS[kind] : undefined
  const fill = options.emptyObjects !== false && Object.hasOwn(EMPTY_OBJECTS, kind) ? EMPTY_OBJECTS[kind] : undefined
  let spec = object['spec']
  if (isRecord(spec) || spec === undefined || spec === null) {
    const changed = change?.(fields(spec)) ?? spec
    spec = isRecord(changed) || fill !== undefined ? (fill?.(fields(changed)) ?? changed) : changed
  }
  let metadata = fields(object['metadata'])
  if (isUnset(metadata['namespace'])) metadata = set(metadata, { namespace: 'default' })
  const result = set(object, {
    metadata,
    ...(spec !== undefined && { spec }),
    ...(options.emptyObjects !== false && WRITTEN_BACK.has(kind) && { status: object['status'] ?? {} }),
  })
  if (!options.serverLabels) return result
  const labels = serverLabels(kind, result)
  if (labels === undefined) return result
  return set(result, { metadata: set(metadata, { labels: Object.keys(labels).length === 0 ? undefined : labels }) })
}
