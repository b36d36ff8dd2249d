import type { KubeObject } from '../apiserver/kube-object.ts'
import type { AddressPlan } from './addressing.ts'
import { agentSpec } from './agent-spec.ts'
import { agentStatus } from './agent-status.ts'
import { catalogSpec } from './catalog.ts'
import { dhcpSubnets, lease } from './dhcp-subnets.ts'
import { FabricIndex } from './fabric-index.ts'
import { labObject, nameOfObject } from './lab-object.ts'

/** A whole fabric: its objects in the order in which a cluster accepts them, as a cluster holds them. */
export interface LabFabric {
  readonly name: string
  readonly plan: AddressPlan
  readonly objects: readonly KubeObject[]
}

/** When Agents say they were last alive unless told otherwise: any fixed time, so that the same call gives the same objects. */
const STILL = Date.UTC(2026, 0, 5, 12)

/** What controllers and switches add to what people declare: Agents with their reports, the Catalog, DHCPSubnets with leases. */
export function withLiveObjects(name: string, plan: AddressPlan, declared: readonly KubeObject[], at = STILL): LabFabric {
  const index = new FabricIndex(declared)
  const agents = index.all('Switch').map((object) => {
    const device = nameOfObject(object)
    return labObject('Agent', device, agentSpec(device, index, plan), {
      status: agentStatus(device, index, { at, generation: 1, boot: 1 }),
    })
  })
  const subnets = dhcpSubnets(index).map((subnet) => ({
    ...subnet,
    status: {
      allocated: Object.fromEntries(
        [0, 1, 2].map((number) => {
          const { mac, entry } = lease(subnet, number, at)
          return [mac, entry]
        }),
      ),
    },
  }))
  return { name, plan, objects: [...declared, ...agents, labObject('Catalog', 'fabric', catalogSpec(index)), ...subnets] }
}
