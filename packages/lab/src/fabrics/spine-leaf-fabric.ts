import type { KubeObject } from '../apiserver/kube-object.ts'
import { addressPlan, SPINE_ASN, type AddressPlan } from './addressing.ts'
import { labObject } from './lab-object.ts'
import { withLiveObjects, type LabFabric } from './lab-fabric.ts'
import { LEAF_PROFILE, SPINE_PROFILE, switchProfiles } from './switch-profiles.ts'
import { tenants } from './tenants.ts'
import { Wiring } from './wiring.ts'

/** How large a fabric is to be. */
export interface SpineLeafSize {
  /** Also the prefix of its device names. */
  readonly name?: string
  /** Which address plan: fabrics that are to be told apart have different ones. 0 to 15. */
  readonly site?: number
  readonly spines?: number
  readonly leaves?: number
  readonly servers?: number
  /** At most 60. */
  readonly vpcs?: number
  /** Time of the switches' reports, milliseconds since 1970. */
  readonly at?: number
}

/** A switch with all that `hydration` fills in. `index` counts all switches of the fabric. */
export function labSwitch(
  plan: AddressPlan,
  index: number,
  given: { readonly name: string; readonly role: string; readonly asn: number; readonly group?: string; readonly description: string },
): KubeObject {
  const spine = given.role === 'spine'
  return labObject('Switch', given.name, {
    role: given.role,
    profile: spine ? SPINE_PROFILE : LEAF_PROFILE,
    description: given.description,
    asn: given.asn,
    ip: plan.management(index),
    protocolIP: plan.protocol(index),
    ...(!spine && { vtepIP: plan.vtep(index) }),
    boot: { serial: `SN-${given.name}` },
    ...(given.group !== undefined && { groups: [given.group], redundancy: { group: given.group, type: 'eslag' } }),
  })
}

/** The two namespaces, which everything else refers to. */
export const namespaces = (plan: AddressPlan): KubeObject[] => [
  labObject('IPv4Namespace', 'default', { subnets: [plan.tenants] }),
  labObject('VLANNamespace', 'default', { ranges: [{ from: 1_000, to: 2_999 }] }),
]

/** A server. */
export const labServer = (name: string, description: string): KubeObject => labObject('Server', name, { description })

/**
 * A fabric of spines and leaves: neighbouring leaves form ESLAG pairs, the last leaf leads out. By default 2 spines,
 * 5 leaves, 10 servers and 27 connections with 8 VPCs on top, all 12 kinds and what controllers and switches add.
 * Throws RangeError when a size does not fit.
 */
export function spineLeafFabric(size: SpineLeafSize = {}): LabFabric {
  const { name = 'harbor', site = 0, spines = 2, leaves = 5, servers = 10, vpcs = 8 } = size
  if (spines < 1 || leaves < 2 || vpcs > 60) throw new RangeError('at least 1 spine and 2 leaves, at most 60 VPCs')
  const plan = addressPlan(site)
  const spineNames = Array.from({ length: spines }, (_, index) => `${name}-spine-${index + 1}`)
  const leafNames = Array.from({ length: leaves }, (_, index) => `${name}-leaf-${index + 1}`)
  const border = leafNames.at(-1) ?? ''
  const pairs = Array.from({ length: Math.floor(leaves / 2) }, (_, index) => [leafNames[index * 2] ?? '', leafNames[index * 2 + 1] ?? ''])
  const groupOf = (leaf: string): string | undefined => {
    const pair = pairs.findIndex((names) => names.includes(leaf))
    return pair < 0 ? undefined : `${name}-pair-${pair + 1}`
  }
  const switches = [
    ...spineNames.map((spine, index) =>
      labSwitch(plan, index, { name: spine, role: 'spine', asn: SPINE_ASN, description: `spine ${index + 1}` }),
    ),
    ...leafNames.map((leaf, index) => {
      const group = groupOf(leaf)
      return labSwitch(plan, spines + index, {
        name: leaf,
        role: leaf === border ? 'border-leaf' : 'server-leaf',
        asn: SPINE_ASN + 1 + index,
        description: leaf === border ? 'leads out' : `row ${Math.floor(index / 2) + 1}`,
        ...(group !== undefined && { group }),
      })
    }),
  ]
  const wiring = new Wiring(plan)
  for (const spine of spineNames) for (const leaf of leafNames) wiring.between('fabric', spine, leaf, 2)
  const serverNames = Array.from({ length: servers }, (_, index) => `${name}-srv-${String(index + 1).padStart(2, '0')}`)
  for (const [index, server] of serverNames.entries()) {
    const pair = pairs[index % pairs.length] ?? []
    const leaf = leafNames[index % leaves] ?? border
    if (index % 5 < 2) wiring.eslag(server, pair)
    else if (index % 5 < 4) wiring.bundled(server, leaf)
    else wiring.unbundled(server, leaf)
  }
  for (const leaf of leafNames) wiring.loopback(leaf)
  const outside = ['internet', 'campus'].map((external) => ({ external, connection: wiring.external(border, external) }))
  return withLiveObjects(
    name,
    plan,
    [
      ...namespaces(plan),
      ...pairs.map((_, index) => labObject('SwitchGroup', `${name}-pair-${index + 1}`, {})),
      ...switchProfiles(),
      ...switches,
      ...serverNames.map((server, index) => labServer(server, index % 2 === 0 ? 'compute' : 'storage')),
      ...wiring.connections,
      ...tenants(plan, vpcs, wiring.toServers, outside),
    ],
    size.at,
  )
}
