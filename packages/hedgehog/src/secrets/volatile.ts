import { entriesAt, isRecord, numberAt, stringAt, valueAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'

type Numbers = Readonly<Record<string, number>>

/** Readings of one port; absent readings are 0 at the source (it drops zeros). Rates in bits and packets per second. */
export interface InterfaceReading {
  readonly inBps: number
  readonly outBps: number
  readonly inPps: number
  readonly outPps: number
  readonly inErrors: number
  readonly outErrors: number
  readonly inDiscards: number
  readonly outDiscards: number
}

/**
 * What moves with every heartbeat: it lives in memory with its age, and is never stored. Every part is absent
 * when the object does not have it.
 */
export interface Volatile {
  /** Last sign of life by the sender's own clock, RFC 3339. */
  readonly heartbeat?: string
  /** When the switch last began to apply its configuration, RFC 3339: it does so every two minutes, changed or not. */
  readonly attempt?: string
  readonly uptime?: string
  readonly interfaces?: Readonly<Record<string, InterfaceReading>>
  /** Degrees Celsius by sensor. */
  readonly temperatures?: Numbers
  /** Speed by fan. */
  readonly fans?: Numbers
  readonly psus?: Readonly<Record<string, Numbers>>
  /** By port: temp, voltage, and per lane `in`/`out` in dBm. */
  readonly transceivers?: Readonly<Record<string, unknown>>
  readonly criticalResources?: unknown
  /** By `vrf/address`: routes and messages. */
  readonly bgp?: Readonly<Record<string, unknown>>
  /** GatewayAgent: packets, bytes and drops by peering and by VPC. */
  readonly peerings?: unknown
  readonly vpcs?: unknown
}

/** A document without its volatile parts, and these. */
export interface Split {
  readonly document: ResourceDocument
  readonly volatile: Volatile | undefined
}

/** A copy without the named keys. A value that is not a map stays as it is. */
export function without(value: unknown, ...names: readonly string[]): unknown {
  if (!isRecord(value) || !names.some((name) => Object.hasOwn(value, name))) return value
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)))
}

/** A copy with the value at one key changed, when it is there. */
function change(value: unknown, name: string, by: (inner: unknown) => unknown): unknown {
  if (!isRecord(value) || !Object.hasOwn(value, name)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, key === name ? by(inner) : inner]))
}

/** A copy with every value of a map changed. */
function each(value: unknown, by: (inner: unknown) => unknown): unknown {
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, by(inner)]))
}

function numbers(value: unknown, ...path: readonly string[]): Numbers {
  return Object.fromEntries(
    entriesAt(value, ...path).filter(
      (entry): entry is readonly [string, number] => typeof entry[1] === 'number' && Number.isFinite(entry[1]),
    ),
  )
}

function gather<T>(
  value: unknown,
  path: readonly string[],
  read: (inner: unknown) => T | undefined,
): Readonly<Record<string, T>> | undefined {
  const found = entriesAt(value, ...path).flatMap(([name, inner]) => {
    const one = read(inner)
    return one === undefined ? [] : [[name, one] as const]
  })
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function interfaceReading(port: unknown): InterfaceReading | undefined {
  const counters = valueAt(port, 'counters')
  if (!isRecord(counters)) return undefined
  const read = (name: string) => numberAt(counters, name) ?? 0
  // inpbs: the source's own spelling of packets per second in.
  return {
    inBps: read('inbps'),
    outBps: read('outbps'),
    inPps: read('inpbs'),
    outPps: read('outpps'),
    inErrors: read('ine'),
    outErrors: read('oute'),
    inDiscards: read('ind'),
    outDiscards: read('outd'),
  }
}

function transceiverReading(transceiver: unknown): unknown {
  const channels = valueAt(transceiver, 'channels')
  const readings = {
    temp: numberAt(transceiver, 'temp'),
    voltage: numberAt(transceiver, 'voltage'),
    channels: isRecord(channels) ? channels : undefined,
  }
  const present = Object.entries(readings).filter(([, reading]) => reading !== undefined)
  return present.length === 0 ? undefined : Object.fromEntries(present)
}

function peerReading(peer: unknown, routes: readonly string[], messages: string): unknown {
  const present = [...routes, messages].flatMap((name) => {
    const value = valueAt(peer, name)
    return isRecord(value) ? [[name, value] as const] : []
  })
  return present.length === 0 ? undefined : Object.fromEntries(present)
}

function peerReadings(
  vrfs: readonly (readonly [string, unknown])[],
  read: (peer: unknown) => unknown,
): Readonly<Record<string, unknown>> | undefined {
  const found = vrfs.flatMap(([vrf, peers]) =>
    entriesAt(peers).flatMap(([address, peer]) => {
      const reading = read(peer)
      return reading === undefined ? [] : [[`${vrf}/${address}`, reading] as const]
    }),
  )
  return found.length === 0 ? undefined : Object.fromEntries(found)
}

function compact(parts: Readonly<Record<string, unknown>>): Volatile | undefined {
  const present = Object.entries(parts).filter(([, value]) => value !== undefined)
  return present.length === 0 ? undefined : Object.fromEntries(present)
}

const PSU_READINGS = ['inCurrent', 'inPower', 'inVoltage', 'outCurrent', 'outPower', 'outVoltage']

function recordedAgentState(given: unknown): unknown {
  let state = without(given, 'criticalResources')
  state = change(state, 'nos', (nos) => without(nos, 'uptime'))
  state = change(state, 'interfaces', (ports) => each(ports, (port) => without(port, 'counters')))
  state = change(state, 'bgpNeighbors', (vrfs) =>
    each(vrfs, (peers) => each(peers, (peer) => without(peer, 'msgs', 'prefixes', 'lastRead', 'lastWrite'))),
  )
  state = change(state, 'transceivers', (all) => each(all, (one) => without(one, 'channels', 'temp', 'voltage')))
  return change(state, 'platform', (given2) => {
    let platform = change(given2, 'fans', (fans) => each(fans, (fan) => without(fan, 'speed')))
    platform = change(platform, 'psus', (psus) => each(psus, (psu) => without(psu, ...PSU_READINGS)))
    return change(platform, 'temps', (temps) => each(temps, (sensor) => without(sensor, 'temp')))
  })
}

/**
 * Splits an Agent: heartbeat, uptime, counters, readings and table use are volatile. What stays changes only when
 * something happened: generations, conditions, port and session states, presence and status of parts.
 */
export function splitAgent(document: ResourceDocument): Split {
  const status = valueAt(document, 'status')
  const state = valueAt(status, 'state')
  const platform = valueAt(state, 'platform')
  const psus = gather(platform, ['psus'], (psu) => {
    const readings = Object.entries(numbers(psu)).filter(([name]) => PSU_READINGS.includes(name))
    return readings.length === 0 ? undefined : Object.fromEntries(readings)
  })
  return {
    document: change(document, 'status', (given) =>
      change(without(given, 'lastHeartbeat', 'lastAttemptTime'), 'state', recordedAgentState),
    ) as ResourceDocument,
    volatile: compact({
      heartbeat: stringAt(status, 'lastHeartbeat'),
      attempt: stringAt(status, 'lastAttemptTime'),
      uptime: stringAt(state, 'nos', 'uptime'),
      interfaces: gather(state, ['interfaces'], interfaceReading),
      temperatures: gather(platform, ['temps'], (sensor) => numberAt(sensor, 'temp')),
      fans: gather(platform, ['fans'], (fan) => numberAt(fan, 'speed')),
      psus,
      transceivers: gather(state, ['transceivers'], transceiverReading),
      criticalResources: valueAt(state, 'criticalResources'),
      bgp: peerReadings(entriesAt(state, 'bgpNeighbors'), (peer) => peerReading(peer, ['prefixes'], 'msgs')),
    }),
  }
}

const GATEWAY_ROUTES = ['ipv4UnicastPrefixes', 'ipv6UnicastPrefixes', 'l2VPNEVPNPrefixes']

/** Splits a GatewayAgent: heartbeat and every counter are volatile. */
export function splitGatewayAgent(document: ResourceDocument): Split {
  const status = valueAt(document, 'status')
  const state = valueAt(status, 'state')
  const vrfs = entriesAt(state, 'bgp', 'vrfs').map(([vrf, inner]) => [vrf, valueAt(inner, 'neighbors')] as const)
  const recorded = (given: unknown) =>
    change(without(given, 'lastCollectedTime', 'peerings', 'vpcs'), 'bgp', (bgp) =>
      change(bgp, 'vrfs', (all) =>
        each(all, (vrf) => change(vrf, 'neighbors', (peers) => each(peers, (peer) => without(peer, 'messages', ...GATEWAY_ROUTES)))),
      ),
    )
  return {
    document: change(document, 'status', (given) => change(without(given, 'lastHeartbeat'), 'state', recorded)) as ResourceDocument,
    volatile: compact({
      heartbeat: stringAt(status, 'lastHeartbeat'),
      peerings: valueAt(state, 'peerings'),
      vpcs: valueAt(state, 'vpcs'),
      bgp: peerReadings(vrfs, (peer) => peerReading(peer, GATEWAY_ROUTES, 'messages')),
    }),
  }
}
