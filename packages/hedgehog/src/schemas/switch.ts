import { bool, int, int32, list, map, obj, oneOf, str } from './json-schema.ts'
import { customResourceDefinition } from './custom-resource-definition.ts'

/** What a switch can be in the fabric. */
export const SWITCH_ROLES = ['spine', 'server-leaf', 'border-leaf', 'mixed-leaf', 'virtual-edge'] as const

/** Spec of a Switch. Defaults and limits of linkFlapErrDisable are those of the product (3 flaps in 30 s, 300 s off). */
export const switchSpec = obj(
  {
    role: oneOf(SWITCH_ROLES, 'Place in the fabric.'),
    description: str('Free text.'),
    profile: str('SwitchProfile of the hardware model.'),
    groups: list(str(), 'SwitchGroups this switch is in.'),
    redundancy: obj(
      { group: str('SwitchGroup of the partners.'), type: oneOf(['mclag', 'eslag'], 'Kind of redundancy; mclag is removed.') },
      'Redundancy with other leaves.',
    ),
    vlanNamespaces: list(str(), 'VLANNamespaces whose VLANs may be used here.'),
    asn: int32('BGP AS number.'),
    ip: str('Management address as CIDR.'),
    vtepIP: str('VXLAN tunnel address as /32; leaves only.'),
    protocolIP: str('Loopback address for BGP as /32.'),
    boot: obj(
      { serial: str('Serial number.'), mac: str('MAC address of the management port.') },
      'How the device is recognised at first boot.',
    ),
    portGroupSpeeds: map(str(), 'Speed by port group.'),
    portSpeeds: map(str(), 'Speed by port.'),
    portBreakouts: map(str(), 'Breakout mode by port.'),
    portAutoNegs: map(bool(), 'Auto negotiation by port; false is a value.'),
    portFECs: map(oneOf(['rs', 'fc', 'auto', 'disabled']), 'Forward error correction by port.'),
    enableAllPorts: bool('Also bring up ports that no connection uses.'),
    roce: bool('Lossless queues for RDMA; freezes breakouts.'),
    ecmp: obj({ roceQPN: bool('Spread RDMA flows by queue pair.') }, 'How equal paths are chosen.'),
    linkFlapErrDisable: obj(
      {
        flapThreshold: int('Flaps that switch a port off.', { minimum: 1, maximum: 50, default: 3 }),
        samplingInterval: int32('Seconds in which flaps are counted.', { minimum: 1, maximum: 65535, default: 30 }),
        recoveryInterval: int32('Seconds until the port is tried again; 0 means never.', { minimum: 0, maximum: 65534, default: 300 }),
      },
      'Switches flapping ports off.',
    ),
  },
  'What the switch is and how its ports are set.',
  { required: ['role'] },
)

/** The CRD of Switch. */
export const SWITCH_CRD = customResourceDefinition({ kind: 'Switch', description: 'A switch of the fabric.', spec: switchSpec })
