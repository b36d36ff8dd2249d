import { attachedSubnet, connectionType, connectionTypeLabel, devicesOf, peeredVpcs } from '../documents/connections.ts'
import { booleanAt, entriesAt, listAt, stringAt, stringsAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import { isRecord } from '../documents/reading.ts'

/** Part of the key of every label that the server owns: it deletes all of them on each write and sets its own. */
export const SERVER_LABEL = 'fabric.githedgehog.com/'

const LISTED = 'true'

type Labels = readonly (readonly [string, string | undefined])[]

function vpcPeeringLabels(document: ResourceDocument): Labels {
  const names = [...peeredVpcs(document).keys()].sort()
  const wellFormed = listAt(document, 'spec', 'permit').every((entry) => isRecord(entry) && Object.keys(entry).length === 2)
  if (names.length !== 2 || !wellFormed) return []
  return [
    ['fabric.githedgehog.com/vpc1', names[0]],
    ['fabric.githedgehog.com/vpc2', names[1]],
    ...names.map((name) => [`vpc.fabric.githedgehog.com/${name}`, LISTED] as const),
  ]
}

function connectionLabels(document: ResourceDocument): Labels {
  const type = connectionType(document)
  const label = type === undefined ? undefined : connectionTypeLabel(type)
  if (label === undefined) return []
  return [
    ['fabric.githedgehog.com/connection-type', label],
    ['fabric.githedgehog.com/vpc', type === 'staticExternal' ? stringAt(document, 'spec', 'staticExternal', 'withinVPC') : undefined],
    ...devicesOf(document, 'switch').map((name) => [`switch.fabric.githedgehog.com/${name}`, LISTED] as const),
    ...devicesOf(document, 'server').map((name) => [`server.fabric.githedgehog.com/${name}`, LISTED] as const),
  ]
}

const OWN_LABELS: Readonly<Record<string, (document: ResourceDocument) => Labels>> = {
  VPC: (document) => [
    ['fabric.githedgehog.com/ipv4ns', stringAt(document, 'spec', 'ipv4Namespace')],
    ['fabric.githedgehog.com/vlanns', stringAt(document, 'spec', 'vlanNamespace')],
  ],
  VPCAttachment: (document) => [
    ['fabric.githedgehog.com/vpc', attachedSubnet(document)?.vpc],
    ['fabric.githedgehog.com/subnet', attachedSubnet(document)?.subnet],
    ['fabric.githedgehog.com/connection', stringAt(document, 'spec', 'connection')],
    ['fabric.githedgehog.com/nativevlan', booleanAt(document, 'spec', 'nativeVLAN') === true ? LISTED : undefined],
  ],
  VPCPeering: vpcPeeringLabels,
  External: (document) => [['fabric.githedgehog.com/ipv4ns', stringAt(document, 'spec', 'ipv4Namespace')]],
  ExternalAttachment: (document) => [
    ['fabric.githedgehog.com/connection', stringAt(document, 'spec', 'connection')],
    ['fabric.githedgehog.com/external', stringAt(document, 'spec', 'external')],
  ],
  ExternalPeering: (document) => [
    ['fabric.githedgehog.com/vpc', stringAt(document, 'spec', 'permit', 'vpc', 'name')],
    ['fabric.githedgehog.com/external', stringAt(document, 'spec', 'permit', 'external', 'name')],
  ],
  Connection: connectionLabels,
  Switch: (document) => [
    ['fabric.githedgehog.com/profile', stringAt(document, 'spec', 'profile')],
    ...stringsAt(document, 'spec', 'groups').map((name) => [`switchgroup.fabric.githedgehog.com/${name}`, LISTED] as const),
    ...stringsAt(document, 'spec', 'vlanNamespaces').map((name) => [`vlanns.fabric.githedgehog.com/${name}`, LISTED] as const),
  ],
  IPv4Namespace: () => [],
  VLANNamespace: () => [],
  Server: () => [],
}

/**
 * The labels of an already defaulted object as the server leaves them: its own are deleted and set again, others
 * stay. `undefined` for kinds without a webhook (SwitchGroup, ServerProfile and everything outside the 12).
 */
export function serverLabels(kind: string, document: ResourceDocument): Readonly<Record<string, unknown>> | undefined {
  const own = Object.hasOwn(OWN_LABELS, kind) ? OWN_LABELS[kind] : undefined
  if (own === undefined) return undefined
  const kept = entriesAt(document, 'metadata', 'labels').filter(([key]) => !key.includes(SERVER_LABEL))
  const set = own(document).filter((entry): entry is readonly [string, string] => entry[1] !== undefined)
  return Object.fromEntries([...kept, ...set])
}
