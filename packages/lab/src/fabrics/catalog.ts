import { objectOr, text, type JsonObject } from '../apiserver/json.ts'
import type { FabricIndex } from './fabric-index.ts'
import { nameOfObject, specOf } from './lab-object.ts'
import { subnetsOf } from './tenants.ts'

/** First number of each pool: the product's own. */
const FIRST = { vni: 100, irbVlan: 3_000, portChannel: 1, connection: 1, subnet: 100, external: 10 }

/** Numbers for names: those given before stay, new names get the lowest free ones. */
function numbered(names: readonly string[], before: unknown, first: number, step = 1): JsonObject {
  const old = typeof before === 'object' && before !== null ? (before as Record<string, unknown>) : {}
  const given: Record<string, number> = {}
  for (const name of names) if (typeof old[name] === 'number') given[name] = old[name]
  const taken = new Set(Object.values(given))
  let next = first
  for (const name of names) {
    if (given[name] !== undefined) continue
    while (taken.has(next)) next += step
    given[name] = next
    taken.add(next)
  }
  return given
}

/** The spec of the fabric's Catalog: every number handed out. Numbers of `before` are kept while their owner exists. */
export function catalogSpec(index: FabricIndex, before: JsonObject = {}): JsonObject {
  const vpcs = index.all('VPC')
  const vpcVnis = numbered(vpcs.map(nameOfObject), before['vpcVNIs'], FIRST.vni, 100)
  const connections = index.all('Connection')
  const bundles = connections.filter((connection) => 'eslag' in specOf(connection) || 'bundled' in specOf(connection)).map(nameOfObject)
  return {
    vpcVNIs: vpcVnis,
    irbVLANs: numbered(vpcs.map(nameOfObject), before['irbVLANs'], FIRST.irbVlan),
    vpcSubnetVNIs: Object.fromEntries(
      vpcs.map((vpc) => [
        nameOfObject(vpc),
        // Sorted: a server keeps maps in the order of their keys, and the numbers must not depend on who read them.
        numbered(subnetsOf(vpc).toSorted(), objectOr(before['vpcSubnetVNIs'])[nameOfObject(vpc)], Number(vpcVnis[nameOfObject(vpc)]) + 1),
      ]),
    ),
    subnetIDs: numbered(
      vpcs.flatMap((vpc) =>
        Object.values((specOf(vpc)['subnets'] ?? {}) as JsonObject).map((subnet) => text((subnet as JsonObject)['subnet'])),
      ),
      before['subnetIDs'],
      FIRST.subnet,
    ),
    connectionIDs: numbered(
      connections.filter((connection) => 'eslag' in specOf(connection)).map(nameOfObject),
      before['connectionIDs'],
      FIRST.connection,
    ),
    portChannelIDs: numbered(bundles, before['portChannelIDs'], FIRST.portChannel),
    externalIDs: numbered(index.all('External').map(nameOfObject), before['externalIDs'], FIRST.external),
  }
}
