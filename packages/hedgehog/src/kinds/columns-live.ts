import { entriesAt, keysAt, listAt, numberAt, stringAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import type { Column } from './column.ts'
import { conditionStatus, count, flag, flagAt, items, itemsAt, numberColumnAt, text, textAt, timeAt } from './column.ts'

const GENERATION = numberColumnAt('generation', 'Generation', ['metadata', 'generation'], 'Generation that should be in force.')
const APPLIED_GENERATION = numberColumnAt('applied_generation', 'Applied generation', ['status', 'lastAppliedGen'], 'Generation in force.')
const APPLIED_AT = timeAt('applied_at', 'Applied', ['status', 'lastAppliedTime'], 'When it came into force.')
const IN_STEP = flag(
  'in_step',
  'In step',
  (document) => {
    const generation = numberAt(document, 'metadata', 'generation')
    return generation === undefined ? undefined : numberAt(document, 'status', 'lastAppliedGen') === generation
  },
  'The applied generation is the current one.',
)

function interfacesDown(document: ResourceDocument): number {
  return entriesAt(document, 'status', 'state', 'interfaces').filter(
    ([, port]) => stringAt(port, 'admin') === 'up' && stringAt(port, 'oper') === 'down',
  ).length
}

function bgpEstablished(document: ResourceDocument): string | undefined {
  const states = entriesAt(document, 'status', 'state', 'bgpNeighbors').flatMap(([, vrf]) =>
    entriesAt(vrf).map(([, peer]) => stringAt(peer, 'state')),
  )
  return states.length === 0 ? undefined : `${states.filter((state) => state === 'established').length}/${states.length}`
}

/** Columns of the kinds that hold live state, of gateways and of the installation. */
export const LIVE_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Agent: [
    textAt('role', 'Role', ['spec', 'role'], 'Place of the switch in the fabric.'),
    textAt('version', 'Version', ['status', 'version'], 'Version of the switch agent.'),
    GENERATION,
    APPLIED_GENERATION,
    IN_STEP,
    APPLIED_AT,
    flagAt('reboot_required', 'Reboot required', ['status', 'rebootRequired'], 'A change waits for a reboot.'),
    textAt('software', 'Software', ['status', 'state', 'nos', 'softwareVersion'], 'Version of the network OS.'),
    textAt('hwsku', 'Hardware', ['status', 'state', 'nos', 'hwskuVersion'], 'Hardware model as the network OS calls it.'),
    textAt('serial', 'Serial', ['status', 'state', 'nos', 'serialNumber'], 'Serial number.'),
    count('interfaces', 'Interfaces', (document) => keysAt(document, 'status', 'state', 'interfaces').length, 'Number of ports.'),
    count('interfaces_down', 'Interfaces down', interfacesDown, 'Ports switched on without link.'),
    text('bgp', 'BGP', bgpEstablished, 'Established sessions of all sessions.'),
  ],
  Catalog: [
    count('vpc_vnis', 'VPC VNIs', (document) => keysAt(document, 'spec', 'vpcVNIs').length, 'VPC network ids handed out.'),
    count('irb_vlans', 'IRB VLANs', (document) => keysAt(document, 'spec', 'irbVLANs').length, 'VLANs handed out to VPCs.'),
    count(
      'port_channels',
      'Port channels',
      (document) => keysAt(document, 'spec', 'portChannelIDs').length,
      'Port channel numbers handed out.',
    ),
  ],
  DHCPSubnet: [
    textAt('subnet', 'Subnet', ['spec', 'subnet'], 'VPC and subnet.'),
    textAt('cidr', 'Network', ['spec', 'cidrBlock'], 'Network that is served.'),
    textAt('gateway', 'Gateway', ['spec', 'gateway'], 'Gateway handed out.'),
    textAt('start', 'First', ['spec', 'startIP'], 'First address handed out.'),
    textAt('end', 'Last', ['spec', 'endIP'], 'Last address handed out.'),
    textAt('vrf', 'VRF', ['spec', 'vrf'], 'Routing table.'),
    count('leases', 'Leases', (document) => keysAt(document, 'status', 'allocated').length, 'Number of leases.'),
    count('static_leases', 'Fixed leases', (document) => keysAt(document, 'spec', 'static').length, 'Number of fixed leases.'),
  ],
  Gateway: [
    numberColumnAt('asn', 'ASN', ['spec', 'asn'], 'BGP AS number.'),
    textAt('protocol_ip', 'Protocol IP', ['spec', 'protocolIP'], 'Loopback address for BGP.'),
    textAt('vtep_ip', 'VTEP IP', ['spec', 'vtepIP'], 'VXLAN tunnel address.'),
    items(
      'groups',
      'Groups',
      (document) => listAt(document, 'spec', 'groups').flatMap((entry) => stringAt(entry, 'name') ?? []),
      'Gateway groups it serves.',
    ),
    numberColumnAt('workers', 'Workers', ['spec', 'workers'], 'Packet worker threads.'),
  ],
  GatewayGroup: [],
  GatewayPeering: [
    textAt('gateway_group', 'Gateway group', ['spec', 'gatewayGroup'], 'Gateways that carry the traffic.'),
    items('peers', 'Peers', (document) => keysAt(document, 'spec', 'peering'), 'The two sides.'),
    textAt('acl', 'ACL default', ['spec', 'acl', 'default'], 'What happens without a matching rule.'),
  ],
  VPCInfo: [
    numberColumnAt('vni', 'VNI', ['spec', 'vni'], 'Network id.'),
    textAt('internal_id', 'Internal id', ['status', 'internalID'], 'Short id the gateways use.'),
    count('subnets', 'Subnets', (document) => keysAt(document, 'spec', 'subnets').length, 'Number of subnets.'),
  ],
  GatewayAgent: [
    textAt('version', 'Version', ['status', 'agentVersion'], 'Version of the gateway agent.'),
    GENERATION,
    APPLIED_GENERATION,
    IN_STEP,
    APPLIED_AT,
    textAt('dataplane', 'Data plane', ['status', 'state', 'dataplane', 'version'], 'Version of the data plane.'),
  ],
  Fabricator: [
    textAt('release', 'Release', ['status', 'release'], 'Installed release.'),
    text('ready', 'Ready', (document) => conditionStatus(document, 'Ready'), 'The installation says it is ready.'),
    text('gateway_ready', 'Gateway ready', (document) => conditionStatus(document, 'GatewayReady'), 'The gateways say they are ready.'),
    GENERATION,
    APPLIED_GENERATION,
    timeAt('checked_at', 'Checked', ['status', 'lastStatusCheck'], 'When it was last checked.'),
  ],
  ControlNode: [textAt('management_ip', 'Management IP', ['spec', 'management', 'ip'], 'Address of the node.')],
  FabNode: [
    itemsAt('roles', 'Roles', ['spec', 'roles'], 'What the node does.'),
    textAt('management_ip', 'Management IP', ['spec', 'management', 'ip'], 'Address of the node.'),
  ],
}

/** Columns of kinds that the registry does not know. */
export const GENERIC_COLUMNS: readonly Column[] = [
  numberColumnAt('generation', 'Generation', ['metadata', 'generation'], 'Grows with each change of the spec.'),
  text('phase', 'Phase', (document) => stringAt(document, 'status', 'phase'), 'Phase the object reports.'),
  text('ready', 'Ready', (document) => conditionStatus(document, 'Ready'), 'The Ready condition.'),
]
