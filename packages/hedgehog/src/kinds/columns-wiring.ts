import { connectionType, connectionTypeLabel, linksOf } from '../documents/connections.ts'
import type { Link } from '../documents/connections.ts'
import { entriesAt, keysAt, listAt, numberAt, stringAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import type { Column } from './column.ts'
import { count, flagAt, items, itemsAt, numberColumnAt, text, textAt } from './column.ts'

const DESCRIPTION = textAt('description', 'Description', ['spec', 'description'], 'Free text.')

function devicesAt(links: readonly Link[], position: number): readonly string[] {
  return [...new Set(links.flatMap((link) => link.ends[position]?.device ?? []))]
}

const left = (document: ResourceDocument) => devicesAt(linksOf(document), 0)
const right = (document: ResourceDocument) => devicesAt(linksOf(document), 1)

function typeName(document: ResourceDocument): string | undefined {
  const type = connectionType(document)
  return type === undefined ? undefined : (connectionTypeLabel(type) ?? type)
}

function linkList(document: ResourceDocument): readonly string[] {
  return linksOf(document).map((link) => link.ends.map((end) => `${end.device}/${end.port}`).join(' - '))
}

function mtu(document: ResourceDocument): number | undefined {
  const type = connectionType(document)
  return type === undefined ? undefined : numberAt(document, 'spec', type, 'mtu')
}

function vlanRanges(document: ResourceDocument): readonly string[] {
  return listAt(document, 'spec', 'ranges').flatMap((range) => {
    const from = numberAt(range, 'from')
    const to = numberAt(range, 'to')
    return from === undefined ? [] : to === undefined || to === from ? String(from) : `${from}-${to}`
  })
}

function vlanCount(document: ResourceDocument): number {
  return listAt(document, 'spec', 'ranges').reduce<number>((sum, range) => {
    const from = numberAt(range, 'from')
    return from === undefined ? sum : sum + Math.max(0, (numberAt(range, 'to') ?? from) - from + 1)
  }, 0)
}

/** Columns of the kinds of `wiring.githedgehog.com`. */
export const WIRING_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  Connection: [
    text('type', 'Type', typeName, 'Kind of connection.'),
    items('left', 'Left', left, 'Server, spine or first switch.'),
    items('right', 'Right', right, 'Leaf, second switch or gateway; none for connections that leave the fabric.'),
    count('links', 'Links', (document) => linksOf(document).length, 'Number of cables.'),
    items('link_list', 'Link list', linkList, 'Ports at both ends of each cable.'),
    count('mtu', 'MTU', mtu, 'MTU of the server ports, where set.'),
  ],
  Server: [DESCRIPTION, textAt('profile', 'Profile', ['spec', 'profile'], 'Not used by the fabric yet.')],
  Switch: [
    textAt('role', 'Role', ['spec', 'role'], 'Place in the fabric.'),
    textAt('profile', 'Profile', ['spec', 'profile'], 'Hardware model.'),
    numberColumnAt('asn', 'ASN', ['spec', 'asn'], 'BGP AS number.'),
    textAt('ip', 'Management IP', ['spec', 'ip'], 'Management address.'),
    textAt('protocol_ip', 'Protocol IP', ['spec', 'protocolIP'], 'Loopback address for BGP.'),
    textAt('vtep_ip', 'VTEP IP', ['spec', 'vtepIP'], 'VXLAN tunnel address.'),
    itemsAt('groups', 'Groups', ['spec', 'groups'], 'Switch groups.'),
    text(
      'redundancy',
      'Redundancy',
      (document) =>
        [stringAt(document, 'spec', 'redundancy', 'type'), stringAt(document, 'spec', 'redundancy', 'group')]
          .filter((part) => part !== undefined)
          .join(' ') || undefined,
      'Kind and group of redundancy.',
    ),
    itemsAt('vlan_namespaces', 'VLAN namespaces', ['spec', 'vlanNamespaces'], 'VLAN spaces that may be used here.'),
    textAt('serial', 'Serial', ['spec', 'boot', 'serial'], 'Serial number it is recognised by.'),
    flagAt('roce', 'RoCE', ['spec', 'roce'], 'Lossless queues for RDMA.'),
    DESCRIPTION,
  ],
  SwitchGroup: [],
  VLANNamespace: [
    items('ranges', 'Ranges', vlanRanges, 'VLAN ids that may be used.'),
    count('vlans', 'VLANs', vlanCount, 'How many VLAN ids that is.'),
  ],
  SwitchProfile: [
    textAt('display_name', 'Model', ['spec', 'displayName'], 'Name of the model.'),
    itemsAt('other_names', 'Other names', ['spec', 'otherNames'], 'Other names of the model.'),
    textAt('silicon', 'Silicon', ['spec', 'switchSilicon'], 'Switching chip.'),
    count('ports', 'Ports', (document) => keysAt(document, 'spec', 'ports').length, 'Number of ports.'),
    items(
      'features',
      'Features',
      (document) => entriesAt(document, 'spec', 'features').flatMap(([name, value]) => (value === true ? name : [])),
      'What the model can do.',
    ),
  ],
  ServerProfile: [count('nics', 'Network cards', (document) => listAt(document, 'spec', 'nics').length, 'Number of network cards.')],
}
