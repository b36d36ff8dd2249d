import { isRecord, listAt, stringAt, stringsAt, valueAt } from './reading.ts'
import type { ResourceDocument } from './reading.ts'
import { parsePort } from './ports.ts'
import type { DevicePort } from './ports.ts'

/** Keys of the Connection union in the order in which the server looks for them: of two, the first one counts. */
export const CONNECTION_TYPES = [
  'unbundled',
  'bundled',
  'eslag',
  'fabric',
  'mesh',
  'gateway',
  'vpcLoopback',
  'external',
  'staticExternal',
  'mclag',
  'mclagDomain',
] as const

/** One key of the Connection union. */
export type ConnectionType = (typeof CONNECTION_TYPES)[number]

/** What stands at an end of a link. */
export type EndRole = 'switch' | 'server' | 'gateway'

/** One end of a link, with the path of its `port` field inside the document. */
export interface LinkEnd extends DevicePort {
  readonly role: EndRole
  /** The key the end has in the link: switch, server, spine, leaf, leaf1, leaf2, switch1, switch2, gateway. */
  readonly side: string
  readonly ip: string | undefined
  readonly path: readonly string[]
}

/** A link has one end (external types) or two. */
export interface Link {
  readonly ends: readonly LinkEnd[]
}

/** The keys of the union that the spec holds as maps, in the server's order. Normally exactly one. */
export function connectionTypesOf(document: ResourceDocument): readonly ConnectionType[] {
  return CONNECTION_TYPES.filter((type) => isRecord(valueAt(document, 'spec', type)))
}

/** The type that counts; `undefined` when the spec holds none. */
export function connectionType(document: ResourceDocument): ConnectionType | undefined {
  return connectionTypesOf(document)[0]
}

/** The value of the label `fabric.githedgehog.com/connection-type`; the removed MCLAG types get none. */
export function connectionTypeLabel(type: ConnectionType): string | undefined {
  if (type === 'vpcLoopback') return 'vpc-loopback'
  if (type === 'staticExternal') return 'static-external'
  if (type === 'mclag' || type === 'mclagDomain') return undefined
  return type
}

/** Ends named so in a link, left to right as operators read them (server before switch, spine before leaf). */
const SIDES: readonly (readonly [side: string, role: EndRole])[] = [
  ['server', 'server'],
  ['spine', 'switch'],
  ['leaf1', 'switch'],
  ['switch1', 'switch'],
  ['switch', 'switch'],
  ['leaf', 'switch'],
  ['leaf2', 'switch'],
  ['switch2', 'switch'],
  ['gateway', 'gateway'],
]

function linkAt(value: unknown, path: readonly string[]): Link {
  const ends: LinkEnd[] = []
  for (const [side, role] of SIDES) {
    const end = valueAt(value, side)
    const port = parsePort(valueAt(end, 'port'))
    if (port === undefined) continue
    ends.push({ ...port, role, side, ip: stringAt(end, 'ip'), path: [...path, side, 'port'] })
  }
  return { ends }
}

/** All links of a Connection of any type. Ends without a readable port are left out. */
export function linksOf(document: ResourceDocument): readonly Link[] {
  const type = connectionType(document)
  if (type === undefined) return []
  const body = valueAt(document, 'spec', type)
  const links: Link[] = []
  if (isRecord(valueAt(body, 'link'))) links.push(linkAt(valueAt(body, 'link'), ['spec', type, 'link']))
  for (const list of ['links', 'peerLinks', 'sessionLinks']) {
    for (const [index, link] of listAt(body, list).entries()) {
      links.push(linkAt(link, ['spec', type, list, String(index)]))
    }
  }
  return links
}

/** The distinct devices of a role on a Connection, in order of appearance. */
export function devicesOf(document: ResourceDocument, role: EndRole): readonly string[] {
  const names = new Set<string>()
  for (const link of linksOf(document)) {
    for (const end of link.ends) if (end.role === role) names.add(end.device)
  }
  return [...names]
}

/** The ports a Connection uses on one switch, in order of appearance. */
export function portsOn(document: ResourceDocument, switchName: string): readonly string[] {
  const ports = new Set<string>()
  for (const link of linksOf(document)) {
    for (const end of link.ends) if (end.role === 'switch' && end.device === switchName) ports.add(end.port)
  }
  return [...ports]
}

/** VPC and subnet of a VPCAttachment's `subnet` field; a bare VPC name means its subnet `default`. */
export function attachedSubnet(document: ResourceDocument): { readonly vpc: string; readonly subnet: string } | undefined {
  const text = stringAt(document, 'spec', 'subnet')
  if (text === undefined) return undefined
  const slash = text.indexOf('/')
  if (slash < 0) return { vpc: text, subnet: 'default' }
  return slash === 0 ? undefined : { vpc: text.slice(0, slash), subnet: text.slice(slash + 1) }
}

/** The VPC names of a VPCPeering with the subnets each side permits; an empty list means all of them. */
export function peeredVpcs(document: ResourceDocument): ReadonlyMap<string, readonly string[]> {
  const vpcs = new Map<string, readonly string[]>()
  for (const entry of listAt(document, 'spec', 'permit')) {
    if (!isRecord(entry)) continue
    for (const [name, side] of Object.entries(entry)) {
      vpcs.set(name, [...new Set([...(vpcs.get(name) ?? []), ...stringsAt(side, 'subnets')])])
    }
  }
  return vpcs
}
