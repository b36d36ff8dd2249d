import type { JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import type { AddressPlan } from './addressing.ts'
import { labObject } from './lab-object.ts'

/** VPCs have at most this many subnets here, each a /24: how the tenants' /16 is shared out. */
const SUBNETS_PER_VPC = 4
/** First VLAN of the lab's VLANNamespace; its last one is 2999, below the fabric's own. */
const FIRST_VLAN = 1_000

/** Names of tenants, for people to read; later ones are numbered. A VPC's name has at most 11 characters. */
const NAMES = ['web', 'orders', 'billing', 'search', 'reports', 'backup', 'voice', 'cameras', 'build', 'staging', 'guests', 'metering']
/** Names of their subnets. */
const SUBNETS = ['front', 'middle', 'data']

/** The name of the n-th VPC. */
export const vpcName = (index: number): string => NAMES[index] ?? `tenant-${String(index).padStart(3, '0')}`

/** The n-th VPC: 1 to 3 subnets, most of them with DHCP. */
export function vpc(plan: AddressPlan, index: number, name = vpcName(index)): KubeObject {
  const subnets: JsonObject = {}
  for (let number = 0; number <= index % SUBNETS.length; number += 1) {
    const place = index * SUBNETS_PER_VPC + number
    const cidr = plan.tenant(place)
    const network = cidr.slice(0, cidr.lastIndexOf('.'))
    const dhcp: JsonObject = {
      enable: true,
      range: { start: `${network}.20`, end: `${network}.199` },
      options: {
        dnsServers: [`${network}.3`, `${network}.2`],
        timeServers: [`${network}.4`],
        interfaceMTU: 9_036,
        leaseTimeSeconds: 3_600,
      },
    }
    subnets[SUBNETS[number] ?? 'front'] = {
      subnet: cidr,
      gateway: `${network}.1`,
      vlan: FIRST_VLAN + place,
      ...(number < 2 && { dhcp }),
      ...(number === 2 && { isolated: true, restricted: true }),
    }
  }
  return labObject('VPC', name, { subnets, ...(index % SUBNETS.length === 2 && { permit: [['front', 'data']] }) })
}

/** Brings a subnet to the server ports of a connection. */
export function vpcAttachment(vpcSubnet: string, connection: string, nativeVlan = false): KubeObject {
  const name = `${vpcSubnet.replace('/', '--')}--${connection}`
  return labObject('VPCAttachment', name, { subnet: vpcSubnet, connection, ...(nativeVlan && { nativeVLAN: true }) })
}

/** The names of a VPC's subnets. */
export const subnetsOf = (object: KubeObject): string[] => Object.keys(((object['spec'] as JsonObject)['subnets'] ?? {}) as JsonObject)

/** What tenants have on top of a wiring: VPCs, where they are attached, who may talk to whom, and the way out. */
export function tenants(
  plan: AddressPlan,
  count: number,
  toServers: readonly string[],
  outside: readonly { readonly external: string; readonly connection: string }[],
): KubeObject[] {
  const vpcs = Array.from({ length: count }, (_, index) => vpc(plan, index))
  const attachments = new Map<string, KubeObject>()
  for (const [index, object] of vpcs.entries()) {
    for (const [number, subnet] of subnetsOf(object).entries()) {
      for (const offset of [0, 1]) {
        const connection = toServers[(index * 2 + number + offset) % Math.max(1, toServers.length)]
        if (connection === undefined) continue
        const attachment = vpcAttachment(`${vpcName(index)}/${subnet}`, connection, index === 0 && number === 0 && offset === 0)
        attachments.set(attachment.metadata.name ?? '', attachment)
      }
    }
  }
  const peerings = Array.from({ length: Math.floor(count / 2) }, (_, index) => {
    const [one, other] = [vpcName(index * 2), vpcName(index * 2 + 1)]
    return labObject('VPCPeering', `${one}--${other}`, { permit: [{ [one]: { subnets: ['front'] }, [other]: {} }] })
  })
  return [
    ...vpcs,
    ...externals(outside),
    ...attachments.values(),
    ...externalAttachments(outside),
    ...peerings,
    ...externalPeerings(outside, count),
  ]
}

/** Externals alternate: one by BGP, one with static routes. */
const isStatic = (index: number): boolean => index % 2 === 1

type Outside = readonly { readonly external: string; readonly connection: string }[]

function externals(outside: Outside): KubeObject[] {
  return outside.map(({ external }, index) =>
    labObject(
      'External',
      external,
      isStatic(index)
        ? { static: { prefixes: ['192.0.2.0/24', '198.51.100.0/24'] } }
        : { inboundCommunity: `64600:${100 + index}`, outboundCommunity: `64600:${200 + index}` },
    ),
  )
}

function externalAttachments(outside: Outside): KubeObject[] {
  return outside.map(({ external, connection }, index) => {
    const network = `100.100.${index}`
    const spec: JsonObject = isStatic(index)
      ? { external, connection, static: { remoteIP: `${network}.1`, ip: `${network}.2/24`, vlan: 300 + index } }
      : {
          external,
          connection,
          switch: { ip: `${network}.2/24`, vlan: 300 + index },
          neighbor: { asn: 64_600 + index, ip: `${network}.1` },
          inboundACL: {
            statements: [
              { seq: 10, action: 'deny', protocol: 'tcp', srcPrefix: 'any', dstPrefix: 'any', portRangeBegin: 23, portRangeEnd: 23 },
              { seq: 100, action: 'permit', protocol: 'ip', srcPrefix: 'any', dstPrefix: 'any' },
            ],
          },
        }
    return labObject('ExternalAttachment', `${connection}--${external}`, spec)
  })
}

function externalPeerings(outside: Outside, count: number): KubeObject[] {
  return outside.slice(0, count).map(({ external }, index) =>
    labObject('ExternalPeering', `${vpcName(index)}--${external}`, {
      permit: {
        vpc: { name: vpcName(index), subnets: ['front'] },
        external: { name: external, prefixes: [{ prefix: isStatic(index) ? '192.0.2.0/24' : '0.0.0.0/0' }] },
      },
    }),
  )
}
