import { bool, int, int32, list, map, marker, obj, oneOf, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** Spec of a Gateway. */
export const gatewaySpec = obj(
  {
    groups: list(obj({ name: str('GatewayGroup.'), priority: int32('The highest one is active.') }), 'Groups this gateway serves.'),
    protocolIP: str('Loopback address for BGP as /32.'),
    vtepIP: str('VXLAN tunnel address as /32.'),
    vtepMAC: str('VXLAN tunnel MAC address.'),
    vtepMTU: int32('VXLAN tunnel MTU.'),
    asn: int32('BGP AS number.'),
    interfaces: map(
      obj({ ips: list(str(), 'Addresses as CIDR.'), kernel: str('Name in the kernel.'), pci: str('PCI address.'), mtu: int32('MTU.') }),
      'Network interfaces by name.',
    ),
    neighbors: list(
      obj({ asn: int32('AS number.'), ip: str('Address.'), source: str('Interface the session starts from.') }),
      'BGP neighbours.',
    ),
    logs: obj(
      {
        default: str('Level unless a tag says otherwise.'),
        tags: map(str(), 'Level by tag.'),
        rateLimit: obj(
          { burst: int32('Most lines at once.', { minimum: 0 }), replenishPerSecond: int32('Lines per second.', { minimum: 0 }) },
          'How much is logged.',
        ),
      },
      'What is logged.',
    ),
    profiling: obj({ enabled: bool('Record profiles.') }, 'Profiling of the data plane.'),
    workers: int('Packet worker threads.'),
    flowTableCapacity: int32('Most flows at once.'),
  },
  'A gateway node.',
)

const prefix = { cidr: str('Network as CIDR.'), not: str('Network that is left out.') }
const idleTimeout = str('Forget an idle flow after this time.')
const endpoint = obj({ cidr: str('Network as CIDR.'), vpcSubnet: str('Subnet of the VPC.'), ports: list(str(), 'Ports or port ranges.') })

const nat = obj(
  {
    masquerade: obj({ idleTimeout }, 'Many addresses behind few.'),
    portForward: obj(
      {
        idleTimeout,
        ports: list(
          obj({ proto: oneOf(['tcp', 'udp', ''], 'Protocol.'), port: str('Port that is reached.'), as: str('Port it is shown as.') }),
          'Ports passed on.',
        ),
      },
      'Single ports passed on.',
    ),
    static: marker('One address for one.'),
  },
  'Address translation.',
)

const rule = obj(
  {
    name: str('Name for people.'),
    action: oneOf(['deny', 'allow'], 'What happens.'),
    from: str('Side the traffic comes from.'),
    to: str('Side the traffic goes to.'),
    log: bool('Log matches.'),
    scope: oneOf(['flow', 'packet', ''], 'Whether answers of a flow match too.'),
    match: obj(
      { proto: str('Protocol.'), src: list(endpoint, 'Sources.'), dst: list(endpoint, 'Destinations.') },
      'What the rule is about.',
    ),
  },
  undefined,
  { required: ['action'] },
)

/** Spec of a GatewayPeering. */
export const gatewayPeeringSpec = obj(
  {
    gatewayGroup: str('GatewayGroup that carries the traffic.'),
    peering: map(
      obj({
        expose: list(
          obj({
            ips: list(obj({ ...prefix, vpcSubnet: str('Subnet of the VPC.') }), 'What is shown to the other side.'),
            as: list(obj(prefix), 'Addresses it is shown as.'),
            nat,
            default: bool('Also everything that is not named.'),
          }),
          'What this side shows.',
        ),
      }),
      'The two sides by name: a VPC, or ext.<external>.',
    ),
    acl: obj(
      {
        default: oneOf(['deny', 'deny-unless-exposed', ''], 'What happens without a matching rule.'),
        rules: list(rule, 'Checked in order.'),
      },
      'Filter between the sides.',
      { required: ['default'] },
    ),
  },
  'Two sides and what they show each other.',
)

/** Spec of a VPCInfo. */
const vpcInfoSpec = obj(
  { vni: int32('VXLAN network id.'), subnets: map(obj({ cidr: str('Network as CIDR.') }), 'Subnets by name.') },
  'A VPC as gateways need it.',
)

/** The CRD of Gateway. */
export const GATEWAY_CRD = customResourceDefinition({ kind: 'Gateway', description: 'A gateway node.', spec: gatewaySpec })

/** The CRD of GatewayGroup. */
export const GATEWAY_GROUP_CRD = customResourceDefinition({
  kind: 'GatewayGroup',
  description: 'Gateways that stand in for each other.',
  spec: marker('Always empty.'),
  required: ['metadata'],
})

/** The CRD of GatewayPeering. */
export const GATEWAY_PEERING_CRD = customResourceDefinition({
  kind: 'GatewayPeering',
  description: 'Two networks joined through a gateway.',
  spec: gatewayPeeringSpec,
})

/** The CRD of VPCInfo. */
export const VPC_INFO_CRD = customResourceDefinition({
  kind: 'VPCInfo',
  description: 'A VPC as gateways need it; written by the controller.',
  spec: vpcInfoSpec,
  status: obj({ internalID: str('Short id the gateways use.') }, 'Numbers handed out.'),
})
