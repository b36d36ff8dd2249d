import { bool, int, int32, list, obj, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

const flag = bool()
const tcpFilters = obj(
  {
    ack: flag,
    established: flag,
    fin: flag,
    notAck: flag,
    notFin: flag,
    notPsh: flag,
    notRst: flag,
    notSyn: flag,
    notUrg: flag,
    psh: flag,
    rst: flag,
    syn: flag,
    urg: flag,
  },
  'TCP flags that must be set or not set.',
)

const statement = obj(
  {
    seq: int('Position, at least 10, unique.'),
    action: str('permit, deny, discard or transit.'),
    protocol: str('ip, tcp, udp or icmp.'),
    srcPrefix: str('Source as CIDR, or any.'),
    dstPrefix: str('Destination as CIDR, or any.'),
    portRangeBegin: int('First port (tcp, udp).'),
    portRangeEnd: int('Last port (tcp, udp).'),
    tcpFilters,
    icmpType: int('ICMP type; 0 is a value, absent means any.'),
    icmpCode: int('ICMP code; 0 is a value, absent means any.'),
  },
  undefined,
  { required: ['action', 'dstPrefix', 'protocol', 'seq', 'srcPrefix'] },
)

/** Spec of an ExternalAttachment. */
export const externalAttachmentSpec = obj(
  {
    external: str('External that is attached.'),
    connection: str('Connection of type external.'),
    switch: obj(
      { ip: str('Address of the switch port as CIDR.'), vlan: int('VLAN towards the neighbour; 0 for none.') },
      'Our side of a BGP attachment.',
    ),
    neighbor: obj({ asn: int32('AS number of the neighbour.'), ip: str('Address of the neighbour.') }, 'Other side of a BGP attachment.'),
    static: obj(
      {
        remoteIP: str('Address of the next hop.'),
        ip: str('Our address as CIDR. Excludes proxy.'),
        proxy: bool('Answer for the remote address instead of having one. Excludes ip.'),
        vlan: int('VLAN towards the next hop; 0 for none.'),
      },
      'A static attachment; then switch and neighbor stay empty.',
      { required: ['remoteIP'] },
    ),
    inboundACL: obj({ statements: list(statement, 'Checked in the order of seq.') }, 'Filter for traffic from outside.'),
  },
  'Where and how the external is plugged in.',
  { required: ['neighbor', 'switch'] },
)

/** The CRD of ExternalAttachment. */
export const EXTERNAL_ATTACHMENT_CRD = customResourceDefinition({
  kind: 'ExternalAttachment',
  description: 'Plugs an external into a switch port.',
  spec: externalAttachmentSpec,
  required: ['spec'],
})
