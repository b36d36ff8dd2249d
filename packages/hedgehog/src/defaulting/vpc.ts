import { isRecord, stringAt } from '../documents/reading.ts'
import { formatAddress, parseCidr } from '../net/ipv4.ts'
import { normalMac } from '../net/mac.ts'
import { byText, fields, isUnset, mapValues, set, sortedTexts } from './edit.ts'
import type { Fields } from './edit.ts'

/** The server's defaults for DHCP options. */
const INTERFACE_MTU = 9036
const LEASE_TIME_SECONDS = 3600

function sortedRoutes(value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const key = (route: unknown) => [stringAt(route, 'destination') ?? '', stringAt(route, 'gateway') ?? ''] as const
  return value.toSorted((one, other) => byText(key(one)[0], key(other)[0]) || byText(key(one)[1], key(other)[1]))
}

/** The options with every gap filled, or `undefined` when nothing in them is set. */
function defaultedOptions(options: Fields): Fields | undefined {
  const lists = ['dnsServers', 'timeServers', 'advertisedRoutes']
  const scalars = ['pxeURL', 'interfaceMTU', 'leaseTimeSeconds', 'disableDefaultRoute']
  const empty =
    lists.every((name) => options[name] === undefined || options[name] === null) && scalars.every((name) => isUnset(options[name]))
  if (empty) return undefined
  const routes = sortedRoutes(options['advertisedRoutes'])
  return set(options, {
    interfaceMTU: isUnset(options['interfaceMTU']) ? INTERFACE_MTU : options['interfaceMTU'],
    leaseTimeSeconds: isUnset(options['leaseTimeSeconds']) ? LEASE_TIME_SECONDS : options['leaseTimeSeconds'],
    dnsServers: sortedTexts(options['dnsServers'] ?? []),
    timeServers: sortedTexts(options['timeServers'] ?? []),
    // An empty list is not written back: the field is left out when empty, unlike the two server lists.
    advertisedRoutes: Array.isArray(routes) && routes.length > 0 ? routes : undefined,
  })
}

function normalLeases(leases: unknown): unknown {
  if (!isRecord(leases)) return leases
  return Object.fromEntries(Object.entries(leases).map(([mac, lease]) => [normalMac(mac) ?? mac, lease]))
}

function defaultedDhcp(given: unknown, subnet: unknown): unknown {
  const network = parseCidr(subnet)
  if (!isRecord(given) || network === undefined || network.length > 30) return given
  const dhcp = given
  if (isUnset(dhcp['enable'])) return set(dhcp, { range: undefined, options: undefined })
  const range = fields(dhcp['range'])
  const filled = set(dhcp, {
    range: set(range, {
      start: isUnset(range['start']) ? formatAddress(network.first + 2) : range['start'],
      // The last address of the network, broadcast included: what the server really writes.
      end: isUnset(range['end']) ? formatAddress(network.last) : range['end'],
    }),
  })
  if (!isRecord(dhcp['options'])) return set(filled, { static: normalLeases(dhcp['static']) })
  const options = defaultedOptions(dhcp['options'])
  // The server stops at empty options before it comes to the leases, so their keys stay as they are.
  if (options === undefined) return set(filled, { options: undefined })
  return set(filled, { options, static: normalLeases(dhcp['static']) })
}

function defaultedSubnet(given: unknown): unknown {
  if (!isRecord(given)) return given
  const network = parseCidr(given['subnet'])
  const needsGateway = network !== undefined && isUnset(given['gateway']) && isUnset(given['hostBGP'])
  return set(given, {
    ...(needsGateway && { gateway: formatAddress(network.first + 1) }),
    dhcp: defaultedDhcp(given['dhcp'], given['subnet']),
  })
}

/** The spec of a VPC after the mutating webhook. */
export function defaultedVpc(spec: Fields): Fields {
  return set(spec, {
    ipv4Namespace: isUnset(spec['ipv4Namespace']) ? 'default' : spec['ipv4Namespace'],
    vlanNamespace: isUnset(spec['vlanNamespace']) ? 'default' : spec['vlanNamespace'],
    subnets: mapValues(spec['subnets'], defaultedSubnet),
  })
}
