import { addressPlan, SPINE_ASN } from './addressing.ts'
import { labObject } from './lab-object.ts'
import { withLiveObjects, type LabFabric } from './lab-fabric.ts'
import { labServer, labSwitch, namespaces } from './spine-leaf-fabric.ts'
import { switchProfiles } from './switch-profiles.ts'
import { tenants } from './tenants.ts'
import { Wiring } from './wiring.ts'

/** How large a mesh is to be. */
export interface MeshSize {
  /** Also the prefix of its device names. */
  readonly name?: string
  /** 0 to 15. */
  readonly site?: number
  readonly leaves?: number
  readonly servers?: number
  /** At most 60. */
  readonly vpcs?: number
  /** Time of the switches' reports, milliseconds since 1970. */
  readonly at?: number
}

/** A fabric without spines: every leaf is wired to every other. By default 3 leaves, 6 servers, 4 VPCs. */
export function meshFabric(size: MeshSize = {}): LabFabric {
  const { name = 'quay', site = 1, leaves = 3, servers = 6, vpcs = 4 } = size
  if (leaves < 2 || vpcs > 60) throw new RangeError('at least 2 leaves, at most 60 VPCs')
  const plan = addressPlan(site)
  const leafNames = Array.from({ length: leaves }, (_, index) => `${name}-leaf-${index + 1}`)
  const pair = leafNames.slice(0, 2)
  const group = `${name}-pair-1`
  const switches = leafNames.map((leaf, index) =>
    labSwitch(plan, index, {
      name: leaf,
      role: 'mixed-leaf',
      asn: SPINE_ASN + 101 + index,
      description: `rack ${index + 1}`,
      ...(pair.includes(leaf) && { group }),
    }),
  )
  const wiring = new Wiring(plan)
  for (const [index, one] of leafNames.entries()) for (const other of leafNames.slice(index + 1)) wiring.between('mesh', one, other, 2)
  const serverNames = Array.from({ length: servers }, (_, index) => `${name}-srv-${String(index + 1).padStart(2, '0')}`)
  for (const [index, server] of serverNames.entries()) {
    if (index % 2 === 0) wiring.eslag(server, pair)
    else wiring.unbundled(server, leafNames[index % leaves] ?? group)
  }
  const border = leafNames.at(-1) ?? ''
  const outside = [{ external: 'uplink', connection: wiring.external(border, 'uplink') }]
  return withLiveObjects(
    name,
    plan,
    [
      ...namespaces(plan),
      labObject('SwitchGroup', group, {}),
      ...switchProfiles(),
      ...switches,
      ...serverNames.map((server) => labServer(server, 'edge compute')),
      ...wiring.connections,
      ...tenants(plan, vpcs, wiring.toServers, outside),
    ],
    size.at,
  )
}
