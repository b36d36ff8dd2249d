import { attachedSubnet, peeredVpcs } from '../documents/connections.ts'
import { booleanAt, entriesAt, isRecord, keysAt, listAt, numberAt, stringAt, stringsAt, valueAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import type { Column } from './column.ts'
import { count, flag, flagAt, items, itemsAt, numberColumnAt, text, textAt } from './column.ts'

const IPV4_NAMESPACE = textAt('ipv4_namespace', 'IPv4 namespace', ['spec', 'ipv4Namespace'], 'Address space the subnets are taken from.')

function subnetSummary(document: ResourceDocument): readonly string[] {
  return entriesAt(document, 'spec', 'subnets').map(([name, subnet]) => {
    const cidr = stringAt(subnet, 'subnet')
    return cidr === undefined ? name : `${name} ${cidr}`
  })
}

function vlans(document: ResourceDocument): readonly number[] {
  return entriesAt(document, 'spec', 'subnets').flatMap(([, subnet]) => numberAt(subnet, 'vlan') ?? [])
}

function dhcpMode(document: ResourceDocument): string {
  const modes = new Set<string>()
  for (const [, subnet] of entriesAt(document, 'spec', 'subnets')) {
    if (booleanAt(subnet, 'dhcp', 'enable') === true) modes.add('server')
    else if (stringAt(subnet, 'dhcp', 'relay') !== undefined) modes.add('relay')
    else modes.add('none')
  }
  return modes.size === 1 ? ([...modes][0] ?? 'none') : modes.size === 0 ? 'none' : 'mixed'
}

/** Whether an External or ExternalAttachment is of the static form. */
function externalForm(document: ResourceDocument): string {
  return isRecord(valueAt(document, 'spec', 'static')) ? 'static' : 'bgp'
}

function attachmentAddress(document: ResourceDocument): string | undefined {
  if (externalForm(document) === 'bgp') return stringAt(document, 'spec', 'switch', 'ip')
  return booleanAt(document, 'spec', 'static', 'proxy') === true ? 'proxy' : stringAt(document, 'spec', 'static', 'ip')
}

const peers = (document: ResourceDocument) => [...peeredVpcs(document).keys()].sort()

/** Columns of the kinds of `vpc.githedgehog.com`. */
export const VPC_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  VPC: [
    text('mode', 'Mode', (document) => stringAt(document, 'spec', 'mode') ?? 'l2vni', 'l2vni (bridged) or l3vni (routed).'),
    IPV4_NAMESPACE,
    textAt('vlan_namespace', 'VLAN namespace', ['spec', 'vlanNamespace'], 'VLAN space the VLANs are taken from.'),
    count('subnets', 'Subnets', (document) => keysAt(document, 'spec', 'subnets').length, 'Number of subnets.'),
    items('subnet_list', 'Subnet list', subnetSummary, 'Name and network of each subnet.'),
    items('vlans', 'VLANs', vlans, 'VLAN ids of the subnets.'),
    text('dhcp', 'DHCP', dhcpMode, 'server, relay or none when all subnets agree, else mixed.'),
    flagAt('isolated', 'Isolated', ['spec', 'defaultIsolated'], 'Subnets are isolated from each other by default.'),
    flagAt('restricted', 'Restricted', ['spec', 'defaultRestricted'], 'Hosts of a subnet are kept apart by default.'),
    count('static_routes', 'Static routes', (document) => listAt(document, 'spec', 'staticRoutes').length, 'Number of static routes.'),
  ],
  VPCAttachment: [
    text('vpc', 'VPC', (document) => attachedSubnet(document)?.vpc, 'VPC that is attached.'),
    text('subnet', 'Subnet', (document) => attachedSubnet(document)?.subnet, 'Subnet of the VPC.'),
    textAt('connection', 'Connection', ['spec', 'connection'], 'Connection it is attached to.'),
    flagAt('native_vlan', 'Native VLAN', ['spec', 'nativeVLAN'], 'Untagged on the server port.'),
  ],
  VPCPeering: [
    text('vpc1', 'VPC 1', (document) => peers(document)[0], 'One of the two VPCs.'),
    text('vpc2', 'VPC 2', (document) => peers(document)[1], 'The other VPC.'),
    count('permits', 'Permits', (document) => listAt(document, 'spec', 'permit').length, 'Number of permit entries.'),
    items(
      'subnets',
      'Subnets',
      (document) => [...peeredVpcs(document)].flatMap(([vpc, subnets]) => subnets.map((subnet) => `${vpc}/${subnet}`)),
      'Subnets named in the permit entries; none means all.',
    ),
  ],
  External: [
    text('type', 'Type', externalForm, 'bgp or static.'),
    IPV4_NAMESPACE,
    textAt('inbound_community', 'Inbound community', ['spec', 'inboundCommunity'], 'BGP community expected on routes from outside.'),
    textAt('outbound_community', 'Outbound community', ['spec', 'outboundCommunity'], 'BGP community set on routes to the outside.'),
    itemsAt('prefixes', 'Prefixes', ['spec', 'static', 'prefixes'], 'Networks behind a static external.'),
  ],
  ExternalAttachment: [
    text('type', 'Type', externalForm, 'bgp or static.'),
    textAt('external', 'External', ['spec', 'external'], 'External that is attached.'),
    textAt('connection', 'Connection', ['spec', 'connection'], 'Connection it is attached to.'),
    count(
      'vlan',
      'VLAN',
      (document) => numberAt(document, 'spec', externalForm(document) === 'bgp' ? 'switch' : 'static', 'vlan') ?? 0,
      'VLAN towards the outside; 0 for none.',
    ),
    text('ip', 'Switch IP', attachmentAddress, 'Our address, or proxy.'),
    text(
      'neighbor_ip',
      'Neighbour IP',
      (document) => stringAt(document, 'spec', 'neighbor', 'ip') ?? stringAt(document, 'spec', 'static', 'remoteIP'),
      'Address of the other side.',
    ),
    numberColumnAt('neighbor_asn', 'Neighbour ASN', ['spec', 'neighbor', 'asn'], 'AS number of the other side.'),
    flag(
      'acl',
      'Inbound ACL',
      (document) => listAt(document, 'spec', 'inboundACL', 'statements').length > 0,
      'Traffic from outside is filtered.',
    ),
  ],
  ExternalPeering: [
    textAt('vpc', 'VPC', ['spec', 'permit', 'vpc', 'name'], 'VPC that is let out.'),
    items('subnets', 'VPC subnets', (document) => stringsAt(document, 'spec', 'permit', 'vpc', 'subnets'), 'Subnets that are announced.'),
    textAt('external', 'External', ['spec', 'permit', 'external', 'name'], 'External that is reached.'),
    items(
      'prefixes',
      'Prefixes',
      (document) => listAt(document, 'spec', 'permit', 'external', 'prefixes').flatMap((entry) => stringAt(entry, 'prefix') ?? []),
      'Routes accepted from outside.',
    ),
  ],
  IPv4Namespace: [
    count('subnets', 'Subnets', (document) => listAt(document, 'spec', 'subnets').length, 'Number of networks.'),
    itemsAt('subnet_list', 'Subnet list', ['spec', 'subnets'], 'Networks of the address space.'),
  ],
}
