import { devicesOf, linksOf } from '@binnacle/hedgehog'
import type { KubeObject } from '../apiserver/kube-object.ts'
import type { AddressPlan } from '../fabrics/addressing.ts'
import type { FabricIndex } from '../fabrics/fabric-index.ts'
import { nameOfObject } from '../fabrics/lab-object.ts'
import { subnetsOf, vpc, vpcAttachment } from '../fabrics/tenants.ts'
import { seededRandom } from './seeded-random.ts'

/** One thing that people, cables or switches do. Times in seconds. */
export type LifeStep =
  | { readonly step: 'create'; readonly object: KubeObject }
  | { readonly step: 'delete'; readonly kind: string; readonly name: string }
  | { readonly step: 'describe'; readonly kind: 'Switch' | 'Server'; readonly name: string; readonly description: string }
  | { readonly step: 'link_flap'; readonly device: string; readonly port: string; readonly seconds: number }
  | { readonly step: 'switch_silent'; readonly name: string; readonly seconds: number }
  | { readonly step: 'switch_reboot'; readonly name: string; readonly seconds: number }
  | { readonly step: 'dhcp_lease'; readonly subnet: string; readonly number: number }

/** A step and how long after the one before it. */
export interface ScriptedStep {
  readonly afterSeconds: number
  readonly step: LifeStep
}

/** Tenants' networks that the script comes and goes with: the last ones of the address plan. */
const FIRST_VISITOR = 60
const VISITORS = 4
/** Longer than the deadline after which a silent switch is called silent (60 s). */
const SILENCE_SECONDS = 90

/**
 * What happens on a fabric, endlessly: a VPC comes, is attached, hosts get addresses, somebody describes a device, a link
 * flaps, a switch falls silent, another reboots, the VPC goes. The same fabric and seed give the same story.
 */
export function* demoScript(index: FabricIndex, plan: AddressPlan, seed: number): Generator<ScriptedStep> {
  const random = seededRandom(seed)
  const pick = <T>(list: readonly T[]): T => {
    const found = list[Math.floor(random() * list.length)]
    if (found === undefined) throw new RangeError('the script needs a fabric with switches, servers and connections')
    return found
  }
  const connections = index.all('Connection')
  const toServers = connections.filter((connection) => devicesOf(connection, 'server').length > 0).map(nameOfObject)
  const between = connections.filter(
    (connection) => devicesOf(connection, 'switch').length === 2 && devicesOf(connection, 'server').length === 0,
  )
  const switches = index.all('Switch').map(nameOfObject)
  const servers = index.all('Server').map(nameOfObject)
  const leased = index.all('DHCPSubnet').map(nameOfObject)
  for (let round = 0; ; round += 1) {
    const visitor = vpc(plan, FIRST_VISITOR + (round % VISITORS), `visitor-${(round % VISITORS) + 1}`)
    const name = nameOfObject(visitor)
    const attachment = vpcAttachment(`${name}/${subnetsOf(visitor)[0] ?? 'front'}`, pick(toServers))
    yield { afterSeconds: 8, step: { step: 'create', object: visitor } }
    yield { afterSeconds: 6, step: { step: 'create', object: attachment } }
    yield { afterSeconds: 12, step: { step: 'dhcp_lease', subnet: `${name}--front`, number: 1 } }
    yield {
      afterSeconds: 5,
      step: {
        step: 'describe',
        kind: 'Server',
        name: pick(servers),
        description: pick(['rebuilt', 'waits for disks', 'database', 'compute']),
      },
    }
    const ends = linksOf(pick(between))[0]?.ends ?? []
    const end = pick(ends)
    yield { afterSeconds: 10, step: { step: 'link_flap', device: end.device, port: end.port, seconds: 8 } }
    if (leased.length > 0) yield { afterSeconds: 15, step: { step: 'dhcp_lease', subnet: pick(leased), number: 3 + (round % 40) } }
    yield { afterSeconds: 5, step: { step: 'switch_silent', name: pick(switches), seconds: SILENCE_SECONDS } }
    yield {
      afterSeconds: SILENCE_SECONDS + 20,
      step: { step: 'describe', kind: 'Switch', name: pick(switches), description: pick(['moved to rack 4', 'new optics', 'row 2']) },
    }
    yield { afterSeconds: 12, step: { step: 'switch_reboot', name: pick(switches), seconds: 40 } }
    yield { afterSeconds: 55, step: { step: 'delete', kind: 'VPCAttachment', name: nameOfObject(attachment) } }
    yield { afterSeconds: 6, step: { step: 'delete', kind: 'VPC', name } }
  }
}
