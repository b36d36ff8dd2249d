import { bool, int, int32, list, map, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** The route list that DHCP hands to hosts. */
export const advertisedRoutes = list(
  obj({ destination: str('Network as CIDR.'), gateway: str('Next hop inside the subnet.') }),
  'Routes handed to the hosts.',
)

/** Fixed leases by MAC address. */
export const staticLeases = map(
  obj({ ip: str('Address this host always gets.') }, undefined, { required: ['ip'] }),
  'Fixed leases by MAC address.',
)

const dhcpOptions = obj(
  {
    pxeURL: str('Boot file for network boot.'),
    dnsServers: list(str(), 'Name servers handed to the hosts.'),
    timeServers: list(str(), 'NTP servers handed to the hosts.'),
    interfaceMTU: int('MTU handed to the hosts, 96 to 9036.'),
    leaseTimeSeconds: int32('Lease duration in seconds, at least 1.'),
    disableDefaultRoute: bool('Hand out no default route.'),
    advertisedRoutes,
  },
  'DHCP options.',
  { required: ['interfaceMTU', 'leaseTimeSeconds'] },
)

const dhcp = obj(
  {
    enable: bool('Serve addresses from the fabric. Excludes relay.'),
    relay: str('Address of an outside DHCP server, as CIDR.'),
    relayVPC: str('VPC in which the outside DHCP server is reached.'),
    range: obj({ start: str('First address handed out.'), end: str('Last address handed out.') }, 'Addresses that are handed out.'),
    options: dhcpOptions,
    static: staticLeases,
  },
  'How hosts get their addresses.',
)

const subnet = obj({
  subnet: str('Network as CIDR, at most /30.'),
  gateway: str('Address of the gateway; the first address unless given.'),
  vlan: int('VLAN id, unique in the VLAN namespace.'),
  isolated: bool('Keep hosts apart from the other subnets. Absent: what the VPC says.'),
  restricted: bool('Keep hosts of this subnet apart from each other. Absent: what the VPC says.'),
  hostBGP: bool('Hosts announce their addresses by BGP; needs no VLAN.'),
  dhcp,
})

/** Spec of a VPC. */
export const vpcSpec = obj(
  {
    mode: str('Empty for bridged subnets (l2vni), or l3vni for routed ones.'),
    ipv4Namespace: str('IPv4Namespace that the subnets are taken from.'),
    vlanNamespace: str('VLANNamespace that the VLANs are taken from.'),
    defaultIsolated: bool('Subnets are isolated unless they say otherwise.'),
    defaultRestricted: bool('Subnets are restricted unless they say otherwise.'),
    permit: list(list(str()), 'Groups of isolated subnets that may talk to each other.'),
    staticRoutes: list(
      obj({ prefix: str('Destination network as CIDR.'), nextHops: list(str(), 'Where to send it.') }),
      'Additional routes of this VPC.',
    ),
    subnets: map(subnet, 'Subnets by name.'),
  },
  'A tenant network: one routing table with its subnets.',
)

/** The CRD of VPC. */
export const VPC_CRD = customResourceDefinition({ kind: 'VPC', description: 'A tenant network.', spec: vpcSpec })
