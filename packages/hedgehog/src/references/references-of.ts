import type { Reference } from '@binnacle/protocol'
import { attachedSubnet, connectionType, linksOf, peeredVpcs } from '../documents/connections.ts'
import type { EndRole } from '../documents/connections.ts'
import { entriesAt, keysAt, listAt, nameOf, stringAt, valueAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import { kindOf } from '../kinds/registry.ts'

/** A reference and where in the document it stands, as a JSON pointer. */
export interface FoundReference extends Reference {
  readonly path: string
}

function pointer(path: readonly (string | number)[]): string {
  return path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}

class Found {
  readonly #found = new Map<string, FoundReference>()

  /** Adds a reference; of several to the same object in the same role the first stays. */
  add(kind: string, name: string | undefined, role: string, ...path: readonly (string | number)[]): void {
    const group = kindOf(kind)?.group
    if (name === undefined || name === '' || group === undefined) return
    const key = JSON.stringify([kind, name, role])
    if (!this.#found.has(key)) this.#found.set(key, { group, kind, name, role, path: pointer(path) })
  }

  /** Adds a reference read from a path. */
  at(document: ResourceDocument, kind: string, role: string, ...path: readonly string[]): void {
    this.add(kind, stringAt(document, ...path), role, ...path)
  }

  /** Adds references read from the list at a path. */
  each(document: ResourceDocument, kind: string, role: string, ...path: readonly string[]): void {
    for (const [index, name] of listAt(document, ...path).entries())
      this.add(kind, typeof name === 'string' ? name : undefined, role, ...path, index)
  }

  all(): readonly FoundReference[] {
    return [...this.#found.values()]
  }
}

type Finder = (document: ResourceDocument, found: Found) => void

const END_KINDS: Readonly<Record<EndRole, string>> = { switch: 'Switch', server: 'Server', gateway: 'Gateway' }

/** The VPC and External behind the names of a GatewayPeering: `ext.` marks an External. */
function gatewayPeer(found: Found, name: string, ...path: readonly string[]): void {
  if (name.startsWith('ext.')) found.add('External', name.slice('ext.'.length), 'external', ...path)
  else found.add('VPC', name, 'vpc', ...path)
}

const FINDERS: Readonly<Record<string, Finder>> = {
  VPC(document, found) {
    found.at(document, 'IPv4Namespace', 'ipv4Namespace', 'spec', 'ipv4Namespace')
    found.at(document, 'VLANNamespace', 'vlanNamespace', 'spec', 'vlanNamespace')
    for (const [name, subnet] of entriesAt(document, 'spec', 'subnets')) {
      found.add('VPC', stringAt(subnet, 'dhcp', 'relayVPC'), 'relayVPC', 'spec', 'subnets', name, 'dhcp', 'relayVPC')
    }
  },
  VPCAttachment(document, found) {
    found.add('VPC', attachedSubnet(document)?.vpc, 'vpc', 'spec', 'subnet')
    found.at(document, 'Connection', 'connection', 'spec', 'connection')
  },
  VPCPeering(document, found) {
    for (const name of peeredVpcs(document).keys()) {
      const index = listAt(document, 'spec', 'permit').findIndex((entry) => keysAt(entry).includes(name))
      found.add('VPC', name, 'vpc', 'spec', 'permit', index, name)
    }
  },
  External(document, found) {
    found.at(document, 'IPv4Namespace', 'ipv4Namespace', 'spec', 'ipv4Namespace')
  },
  ExternalAttachment(document, found) {
    found.at(document, 'External', 'external', 'spec', 'external')
    found.at(document, 'Connection', 'connection', 'spec', 'connection')
  },
  ExternalPeering(document, found) {
    found.at(document, 'VPC', 'vpc', 'spec', 'permit', 'vpc', 'name')
    found.at(document, 'External', 'external', 'spec', 'permit', 'external', 'name')
  },
  Connection(document, found) {
    for (const link of linksOf(document)) for (const end of link.ends) found.add(END_KINDS[end.role], end.device, end.role, ...end.path)
    if (connectionType(document) === 'staticExternal') found.at(document, 'VPC', 'withinVPC', 'spec', 'staticExternal', 'withinVPC')
  },
  Switch(document, found) {
    found.at(document, 'SwitchProfile', 'profile', 'spec', 'profile')
    found.each(document, 'SwitchGroup', 'group', 'spec', 'groups')
    found.at(document, 'SwitchGroup', 'redundancyGroup', 'spec', 'redundancy', 'group')
    found.each(document, 'VLANNamespace', 'vlanNamespace', 'spec', 'vlanNamespaces')
  },
  Server(document, found) {
    found.at(document, 'ServerProfile', 'profile', 'spec', 'profile')
  },
  Agent(document, found) {
    found.add('Switch', nameOf(document), 'switch', 'metadata', 'name')
    found.at(document, 'SwitchProfile', 'profile', 'spec', 'switch', 'profile')
  },
  DHCPSubnet(document, found) {
    // The name is `<vpc>--<subnet>`; the spec says the same as `<vpc>/<subnet>`.
    const subnet = stringAt(document, 'spec', 'subnet')
    if (subnet === undefined) found.add('VPC', nameOf(document).split('--', 1)[0], 'vpc', 'metadata', 'name')
    else found.add('VPC', subnet.split('/', 1)[0], 'vpc', 'spec', 'subnet')
  },
  Gateway(document, found) {
    for (const [index, group] of listAt(document, 'spec', 'groups').entries())
      found.add('GatewayGroup', stringAt(group, 'name'), 'group', 'spec', 'groups', index, 'name')
  },
  GatewayPeering(document, found) {
    found.at(document, 'GatewayGroup', 'gatewayGroup', 'spec', 'gatewayGroup')
    for (const name of keysAt(document, 'spec', 'peering')) gatewayPeer(found, name, 'spec', 'peering', name)
  },
  VPCInfo(document, found) {
    const name = nameOf(document)
    if (name !== '') gatewayPeer(found, name, 'metadata', 'name')
  },
  GatewayAgent(document, found) {
    found.add('Gateway', nameOf(document), 'gateway', 'metadata', 'name')
  },
}

/**
 * The objects that an object refers to, each once per role, with the place of the first mention. Whether they
 * exist is another question. Never throws; an unknown kind refers to nothing.
 */
export function referencesOf(kind: string, document: ResourceDocument): readonly FoundReference[] {
  const found = new Found()
  if (Object.hasOwn(FINDERS, kind) && valueAt(document) !== undefined) FINDERS[kind]?.(document, found)
  return found.all()
}
