import { isRecord, numberAt, stringAt } from '../documents/reading.ts'
import { byText, fields, isUnset, mapValues, set, sortedTexts } from './edit.ts'
import type { Fields } from './edit.ts'

/** The CRD's own defaults for a linkFlapErrDisable that is present: 3 flaps in 30 s, off for 300 s. */
const LINK_FLAP = { flapThreshold: 3, samplingInterval: 30, recoveryInterval: 300 }

/** 1..4094: the VLAN ids that exist. */
const VLAN_MIN = 1
const VLAN_MAX = 4094

function plainSpeeds(value: unknown): unknown {
  return mapValues(value, (speed) => (typeof speed === 'string' && speed.startsWith('SPEED_') ? speed.slice('SPEED_'.length) : speed))
}

function withGroup(groups: unknown, group: unknown): unknown {
  const list = Array.isArray(groups) ? (groups as unknown[]) : []
  return typeof group === 'string' && group !== '' && !list.includes(group) ? [...list, group] : groups
}

/** A present flap guard gets its missing numbers; 0 is a number, only absent and null are missing. */
function defaultedLinkFlap(value: unknown): unknown {
  if (!isRecord(value)) return value
  return set(value, Object.fromEntries(Object.entries(LINK_FLAP).map(([name, standard]) => [name, value[name] ?? standard])))
}

/** The spec of a Switch after the mutating webhook and the schema's defaults. */
export function defaultedSwitch(spec: Fields): Fields {
  const namespaces = spec['vlanNamespaces']
  return set(spec, {
    vlanNamespaces: Array.isArray(namespaces) && namespaces.length > 0 ? sortedTexts(namespaces) : ['default'],
    groups: sortedTexts(withGroup(spec['groups'], fields(spec['redundancy'])['group'])),
    portSpeeds: plainSpeeds(spec['portSpeeds']),
    portGroupSpeeds: plainSpeeds(spec['portGroupSpeeds']),
    linkFlapErrDisable: defaultedLinkFlap(spec['linkFlapErrDisable']),
  })
}

/**
 * The spec of a VLANNamespace: `to` filled, ranges sorted. A range that is the wrong way round or leaves 1..4094
 * empties ALL ranges, silently: that is what the server does, and the reason for a warning elsewhere.
 */
export function defaultedVlanNamespace(spec: Fields): Fields {
  const given = spec['ranges']
  if (!Array.isArray(given)) return spec
  const ranges = given.map((range) => {
    const from = numberAt(range, 'from') ?? 0
    const to = numberAt(range, 'to') ?? 0
    return { range: fields(range), from, to: to === 0 ? from : to }
  })
  if (ranges.some(({ from, to }) => from > to || from < VLAN_MIN || to > VLAN_MAX)) return set(spec, { ranges: undefined })
  const sorted = ranges.toSorted((one, other) => one.from - other.from || one.to - other.to)
  return set(spec, { ranges: sorted.map(({ range, to }) => set(range, { to })) })
}

/** The spec of an IPv4Namespace: networks sorted. */
export function defaultedIpv4Namespace(spec: Fields): Fields {
  return set(spec, { subnets: sortedTexts(spec['subnets']) })
}

/** The spec of a Gateway: logs, workers and groups filled, groups sorted by name. */
export function defaultedGateway(spec: Fields): Fields {
  const logs = fields(spec['logs'])
  const tags = fields(logs['tags'])
  const groups = spec['groups']
  const name = (group: unknown) => stringAt(group, 'name') ?? ''
  return set(spec, {
    logs: set(logs, {
      default: isUnset(logs['default']) ? 'info' : logs['default'],
      tags: Object.keys(tags).length === 0 ? { all: 'info' } : tags,
    }),
    workers: isUnset(spec['workers']) ? 4 : spec['workers'],
    groups:
      Array.isArray(groups) && groups.length > 0 ? groups.toSorted((one, other) => byText(name(one), name(other))) : [{ name: 'default' }],
  })
}

/** Idle NAT flows are forgotten after this time unless the peering says otherwise. */
const IDLE_TIMEOUT = '2m0s'

function defaultedExpose(given: unknown): unknown {
  if (!isRecord(given) || !isRecord(given['nat'])) return given
  const nat = mapValues(given['nat'], (inner, name) => {
    if (!isRecord(inner) || (name !== 'masquerade' && name !== 'portForward')) return inner
    const timeout = inner['idleTimeout']
    return isUnset(timeout) || timeout === '0s' ? set(inner, { idleTimeout: IDLE_TIMEOUT }) : inner
  })
  return set(given, { nat })
}

/** The spec of a GatewayPeering. With other than two sides the webhook gives up and changes nothing. */
export function defaultedGatewayPeering(spec: Fields): Fields {
  const sides = spec['peering']
  if (!isRecord(sides) || Object.keys(sides).length !== 2) return spec
  const peering = mapValues(sides, (side) => {
    if (!isRecord(side) || !Array.isArray(side['expose'])) return side
    return set(side, { expose: side['expose'].map(defaultedExpose) })
  })
  const acl = spec['acl']
  const rules =
    isRecord(acl) && Array.isArray(acl['rules'])
      ? acl['rules'].map((rule) => (isRecord(rule) && isUnset(rule['scope']) ? set(rule, { scope: 'flow' }) : rule))
      : undefined
  return set(spec, {
    peering,
    gatewayGroup: isUnset(spec['gatewayGroup']) ? 'default' : spec['gatewayGroup'],
    ...(isRecord(acl) && {
      acl: set(acl, { default: isUnset(acl['default']) ? 'deny-unless-exposed' : acl['default'], ...(rules !== undefined && { rules }) }),
    }),
  })
}
