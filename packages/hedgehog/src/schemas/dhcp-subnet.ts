import { bool, int, int32, list, map, obj, str, time } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'
import { advertisedRoutes, staticLeases } from './vpc.ts'

/** The CRD of DHCPSubnet. */
export const DHCP_SUBNET_CRD = customResourceDefinition({
  kind: 'DHCPSubnet',
  description: 'What the DHCP server serves for one VPC subnet, and its leases.',
  spec: obj(
    {
      subnet: str('VPC and subnet as vpc/subnet.'),
      cidrBlock: str('Network as CIDR.'),
      gateway: str('Address of the gateway.'),
      startIP: str('First address handed out.'),
      endIP: str('Last address handed out.'),
      vrf: str('Routing table the requests come from.'),
      circuitID: str('VLAN interface the requests come from.'),
      pxeURL: str('Boot file for network boot.'),
      dnsServers: list(str(), 'Name servers handed to the hosts.'),
      timeServers: list(str(), 'NTP servers handed to the hosts.'),
      interfaceMTU: int('MTU handed to the hosts.'),
      leaseTimeSeconds: int32('Lease duration in seconds.'),
      disableDefaultRoute: bool('Hand out no default route.'),
      advertisedRoutes,
      static: staticLeases,
      l3Mode: bool('Routed subnet: hosts get /32 addresses.'),
      onieOnly: bool('Answer switch installers only.'),
      defaultURL: str('Boot address for everybody else.'),
      ztpBaseURL: str('Where switches fetch their first configuration.'),
    },
    'What is served.',
    {
      'x-kubernetes-map-type': 'atomic',
      required: [
        'cidrBlock',
        'circuitID',
        'defaultURL',
        'dnsServers',
        'endIP',
        'gateway',
        'interfaceMTU',
        'leaseTimeSeconds',
        'pxeURL',
        'startIP',
        'subnet',
        'timeServers',
        'vrf',
      ],
    },
  ),
  status: obj(
    {
      allocated: map(
        obj(
          {
            ip: str('Leased address.'),
            expiry: time('End of the lease.'),
            hostname: str('Name the host gave.'),
            discover: bool('Only offered so far.'),
          },
          undefined,
          { required: ['ip'] },
        ),
        'Leases by MAC address.',
      ),
    },
    'Leases.',
    { 'x-kubernetes-map-type': 'atomic' },
  ),
})
