import {
  CONNECTION_TYPES,
  connectionTypesOf,
  defaulted,
  entriesAt,
  EXPECTED_KINDS,
  KINDS,
  kindOf,
  numberAt,
  overlaps,
  parseCidr,
  referencesOf,
  stringAt,
  valueAt,
  type Cidr,
} from '@binnacle/hedgehog'
import type { Admission, AdmissionContext, AdmissionRejection } from './admission.ts'
import type { KubeObject } from './kube-object.ts'

/** References whose absence the webhooks do not mind, or whose objects a controller brings that the lab does not run. */
const UNCHECKED = new Set(['SwitchProfile', 'ServerProfile', 'Gateway'])

/** Kinds the webhooks look at: SwitchGroup and ServerProfile have none, and what controllers write is not checked. */
const CHECKED = new Set(EXPECTED_KINDS.map((kind) => kind.kind).filter((kind) => kind !== 'SwitchGroup'))

/** Kinds a used object of which cannot be deleted. */
const HELD = new Set(['VPC', 'External', 'IPv4Namespace', 'VLANNamespace', 'Connection', 'Switch', 'Server'])

/**
 * What Hedgehog's webhooks do, as far as the lab needs it: their defaulting and server labels exactly, and of their rules
 * those on names, namespace, references, VPC subnets and VLANs, connection type, and on deleting what is in use.
 */
export const hedgehogAdmission: Admission = (object, context) => {
  const { kind, group } = context.definition
  if (kindOf(kind, group) === undefined) return object
  if (context.operation === 'delete') return CHECKED.has(kind) ? (stillUsed(object, context) ?? object) : object
  const full = defaulted(kind, object, { serverLabels: true }) as KubeObject
  if (!CHECKED.has(kind)) return full
  const why = nameRules(full, kind) ?? RULES[kind]?.(full, context.previous) ?? missingReference(full, context) ?? neighbours(full, context)
  return why === undefined ? full : refuse(context, why)
}

function refuse(context: AdmissionContext, why: string): AdmissionRejection {
  const { kind, version } = context.definition
  return { reject: why, webhook: `v${kind.toLowerCase()}-${version}.kb.io` }
}

type Rule = (object: KubeObject, previous: KubeObject | undefined) => string | undefined

const RULES: Readonly<Record<string, Rule>> = { VPC: vpcRules, Connection: connectionRules, VPCPeering: peeringRules }

function nameRules(object: KubeObject, kind: string): string | undefined {
  const { name = '', namespace } = object.metadata
  if (namespace !== 'default') return `only the default namespace is supported, not "${namespace ?? ''}"`
  if (['VPC', 'External', 'IPv4Namespace'].includes(kind) && name.length > 11)
    return `name ${name} is too long, must be at most 11 characters`
  if (kind === 'VPC' && name.startsWith('ext.')) return 'VPC name must not start with "ext."'
  return undefined
}

function vpcSubnets(vpc: KubeObject): { name: string; cidr: Cidr | undefined; vlan: number; hostBgp: boolean }[] {
  return entriesAt(vpc, 'spec', 'subnets').map(([name, subnet]) => ({
    name,
    cidr: parseCidr(stringAt(subnet, 'subnet')),
    vlan: numberAt(subnet, 'vlan') ?? 0,
    hostBgp: valueAt(subnet, 'hostBGP') === true,
  }))
}

function vpcRules(vpc: KubeObject): string | undefined {
  const subnets = vpcSubnets(vpc)
  if (subnets.length === 0) return 'at least one subnet is required'
  if (subnets.length > 20) return 'too many subnets: at most 20 are supported'
  const vlans = new Set<number>()
  for (const [i, { name, cidr, vlan, hostBgp }] of subnets.entries()) {
    if (cidr === undefined) return `subnet ${name}: not a CIDR`
    if (cidr.length > 30) return `subnet ${name}: prefix length must be at most 30`
    if (!hostBgp) {
      if (vlan === 0) return `subnet ${name}: vlan is required`
      if (vlans.has(vlan)) return `subnet ${name}: vlan ${vlan} is already used by another subnet`
      vlans.add(vlan)
    }
    const other = subnets.slice(0, i).find((earlier) => earlier.cidr !== undefined && overlaps(earlier.cidr, cidr))
    if (other !== undefined) return `subnet ${name} overlaps with subnet ${other.name}`
  }
  return undefined
}

function connectionRules(connection: KubeObject, previous: KubeObject | undefined): string | undefined {
  const [type] = connectionTypesOf(connection)
  if (type === undefined) return `exactly one connection type is required, one of ${CONNECTION_TYPES.join(', ')}`
  const before = previous === undefined ? undefined : connectionTypesOf(previous)[0]
  return before !== undefined && before !== type ? `connection type is immutable: it was ${before}` : undefined
}

function peeringRules(peering: KubeObject): string | undefined {
  const permits = valueAt(peering, 'spec', 'permit')
  if (!Array.isArray(permits) || permits.length === 0) return 'at least one permit entry is required'
  const pairs = permits.map((permit) =>
    entriesAt(permit)
      .map(([name]) => name)
      .toSorted(),
  )
  if (pairs.some((pair) => pair.length !== 2)) return 'each permit entry must name exactly two VPCs'
  if (new Set(pairs.map((pair) => pair.join('/'))).size > 1) return 'all permit entries must name the same two VPCs'
  const remote = stringAt(peering, 'spec', 'remote')
  return remote === undefined || remote === '' ? undefined : 'remote peering is not supported'
}

function missingReference(object: KubeObject, context: AdmissionContext): string | undefined {
  for (const reference of referencesOf(context.definition.kind, object)) {
    if (UNCHECKED.has(reference.kind)) continue
    const kind = kindOf(reference.kind)
    if (kind === undefined) continue
    // A VPC may name itself as relay: it exists as soon as this write is done.
    if (reference.kind === context.definition.kind && reference.name === object.metadata.name) continue
    if (context.lookup(`${kind.plural}.${kind.group}`, 'default', reference.name) === undefined) {
      return `${reference.kind} ${reference.name} (${reference.role}) does not exist`
    }
  }
  return undefined
}

/** Rules that compare with objects of the same kind: VLANs and subnets of other VPCs, double attachments. */
function neighbours(object: KubeObject, context: AdmissionContext): string | undefined {
  const { definition } = context
  const key = `${definition.resource}.${definition.group}`
  if (definition.kind === 'VPC') {
    // Unchanged subnets were checked when they were written.
    if (context.previous !== undefined && JSON.stringify(valueAt(context.previous, 'spec')) === JSON.stringify(valueAt(object, 'spec')))
      return undefined
    const mine = vpcSubnets(object)
    for (const other of context.list(key)) {
      if (other.metadata.name === object.metadata.name) continue
      const sameSpace = (field: string): boolean => stringAt(other, 'spec', field) === stringAt(object, 'spec', field)
      for (const theirs of vpcSubnets(other)) {
        for (const subnet of mine) {
          if (sameSpace('ipv4Namespace') && theirs.cidr && subnet.cidr && overlaps(theirs.cidr, subnet.cidr)) {
            return `subnet ${subnet.name} overlaps with subnet ${theirs.name} of VPC ${other.metadata.name}`
          }
          if (sameSpace('vlanNamespace') && !subnet.hostBgp && subnet.vlan === theirs.vlan) {
            return `vlan ${subnet.vlan} is already used by VPC ${other.metadata.name}`
          }
        }
      }
    }
  }
  if (definition.kind === 'VPCAttachment') {
    const same = context
      .list(key, stringAt(object, 'spec', 'connection'))
      .find(
        (other) =>
          other.metadata.name !== object.metadata.name &&
          stringAt(other, 'spec', 'subnet') === stringAt(object, 'spec', 'subnet') &&
          stringAt(other, 'spec', 'connection') === stringAt(object, 'spec', 'connection'),
      )
    if (same !== undefined) return `the subnet is already attached to this connection by ${same.metadata.name}`
  }
  return undefined
}

function stillUsed(object: KubeObject, context: AdmissionContext): AdmissionRejection | undefined {
  const { kind } = context.definition
  if (!HELD.has(kind)) return undefined
  const name = object.metadata.name ?? ''
  for (const user of KINDS) {
    if (!CHECKED.has(user.kind)) continue
    for (const other of context.list(`${user.plural}.${user.group}`, name)) {
      if (user.kind === kind && other.metadata.name === name) continue
      if (referencesOf(user.kind, other).some((reference) => reference.kind === kind && reference.name === name)) {
        return refuse(context, `${kind} ${name} is used by ${user.kind} ${other.metadata.name}`)
      }
    }
  }
  return undefined
}
