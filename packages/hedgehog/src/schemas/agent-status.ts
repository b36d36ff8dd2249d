import { bool, int, int32, int64, list, map, num, obj, str, time } from './json-schema.ts'
import type { JsonSchema } from './json-schema.ts'
import { statusUpdates } from './agent-spec.ts'
import { conditions } from './condition.ts'

function usedAndAvailable(names: readonly string[]): Record<string, JsonSchema> {
  return Object.fromEntries(
    names.flatMap((name) => [
      [`${name}Used`, int32()],
      [`${name}Available`, int32()],
    ]),
  )
}

const aclUse = obj(usedAndAvailable(['groups', 'tables']))
const aclStage = obj({ lag: aclUse, port: aclUse, rif: aclUse, switch: aclUse, vlan: aclUse })
const criticalResources = obj(
  {
    aclStats: obj({ ingress: aclStage, egress: aclStage }, 'Filters.'),
    stats: obj(
      usedAndAvailable([
        'dnatEntries',
        'snatEntries',
        'fdbEntries',
        'ipmcEntries',
        'ipv4Neighbors',
        'ipv4Nexthops',
        'ipv4Routes',
        'ipv6Neighbors',
        'ipv6Nexthops',
        'ipv6Routes',
        'nexthopGroupMembers',
        'nexthopGroups',
      ]),
      'Tables.',
    ),
  },
  'Use of the tables of the switching chip.',
)

const queue = obj({
  b: int64('Bytes.'),
  bps: int64(),
  db: int64('Dropped bytes.'),
  dp: int64('Dropped packets.'),
  ecnb: int64(),
  ecnp: int64(),
  p: int64('Packets.'),
  pps: int64(),
  wreddp: int64(),
})
const counters = obj(
  {
    inb: int64('Bits in.'),
    inbps: num('Bits per second in.'),
    inpbs: num('Packets per second in.'),
    ind: int64('Discards in.'),
    ine: int64('Errors in.'),
    inu: int('Percent in use, in.'),
    outb: int64('Bits out.'),
    outbps: num('Bits per second out.'),
    outpps: num('Packets per second out.'),
    outd: int64('Discards out.'),
    oute: int64('Errors out.'),
    outu: int('Percent in use, out.'),
    clear: time('When the counters last began at 0.'),
    queues: map(queue, 'By queue.'),
  },
  'Traffic.',
)
const lldpNeighbor = obj({
  chassis: str(),
  manuf: str(),
  model: str(),
  name: str(),
  portDescr: str(),
  portID: str(),
  serial: str(),
  sysDescr: str(),
  sysName: str(),
})
const networkInterface = obj({
  enabled: bool('Switched on.'),
  admin: str('State asked for: up or down.'),
  oper: str('State found: up, down, testing, unknown, dormant, notPresent or lowerLayerDown.'),
  auto: bool('Auto negotiation.'),
  fec: str('Forward error correction.'),
  speed: str('Speed.'),
  mac: str('MAC address.'),
  change: time('When the state last changed.'),
  errDisabled: bool('Switched off because it flapped.'),
  linkFlapCount: int32('Flaps counted.'),
  counters,
  lldpNeighbors: list(lldpNeighbor, 'Who says to be at the other end.'),
})

const messages = obj({ cap: int64(), keepal: int64(), notif: int64(), open: int64(), rrefresh: int64(), update: int64() })
const bgpNeighbor = obj({
  enabled: bool(),
  state: str('idle, connect, active, openSent, openConfirm or established.'),
  peerAS: int32(),
  localAS: int32(),
  peerGroup: str(),
  peerPort: int(),
  peerType: str(),
  remoteRouterID: str(),
  shutdownMsg: str(),
  estabTrans: int64('Times established.'),
  connDropped: int64('Times lost.'),
  lastEstab: time(),
  lastRead: time(),
  lastWrite: time(),
  lastReset: time(),
  lastResetReason: str(),
  prefixes: map(obj({ rec: int32(), recPre: int32(), sent: int32() }), 'Routes by address family.'),
  msgs: obj({ rec: messages, sent: messages }, 'Messages.'),
})

const transceiver = obj({
  cable: str(),
  channels: map(obj({ bias: num(), in: num('Received power in dBm.'), out: num('Sent power in dBm.') }), 'Lanes.'),
  cmis: str(),
  cmisApp: int(),
  cmisRev: str(),
  connType: str(),
  descr: str(),
  firmware: str(),
  formFactor: str(),
  length: num(),
  oper: str(),
  present: str(),
  serial: str(),
  temp: num('Degrees Celsius.'),
  vendor: str(),
  vendorOUI: str(),
  vendorPart: str(),
  vendorRev: str(),
  voltage: num(),
})

const platform = obj(
  {
    fans: map(obj({ dir: str(), presence: bool(), speed: num(), status: bool() }), 'Fans.'),
    psus: map(
      obj({
        inCurrent: num(),
        inPower: num(),
        inVoltage: num(),
        outCurrent: num(),
        outPower: num(),
        outVoltage: num(),
        presence: bool(),
        status: bool(),
      }),
      'Power supplies.',
    ),
    temps: map(
      obj({ alarms: str(), critHighThreshold: num(), critLowThreshold: num(), highThreshold: num(), lowThreshold: num(), temp: num() }),
      'Temperatures.',
    ),
  },
  'Hardware.',
)

const nos = obj(
  {
    asicVersion: str(),
    buildCommit: str(),
    buildDate: str(),
    builtBy: str(),
    configDBVersion: str(),
    distributionVersion: str(),
    hardwareVersion: str(),
    hwskuVersion: str(),
    kernelVersion: str(),
    mfgName: str(),
    platformName: str(),
    productDescription: str(),
    productVersion: str(),
    serialNumber: str(),
    softwareVersion: str(),
    uptime: str(),
  },
  'Network OS and device.',
)

const state = obj(
  {
    nos,
    interfaces: map(networkInterface, 'Ports by fabric name.'),
    bgpNeighbors: map(map(bgpNeighbor), 'BGP sessions by routing table and address.'),
    bfdPeers: map(
      map(obj({ fails: int64(), lastUpTime: time(), profile: str(), state: str('up, down, adminDown or init.') })),
      'Failure detection by routing table and address.',
    ),
    transceivers: map(transceiver, 'Optics by port.'),
    platform,
    criticalResources,
    breakouts: map(obj({ mode: str(), status: str() }), 'Split ports.'),
    firmware: map(str(), 'Firmware by component.'),
    roce: bool('Lossless queues in force.'),
  },
  'Live state.',
)

/** What one switch reports. */
export const agentStatus = obj(
  {
    version: str('Version of the agent.'),
    lastHeartbeat: time('Last sign of life, by the clock of the switch.'),
    lastAttemptGen: int64('Generation it last began to apply.'),
    lastAttemptTime: time('When.'),
    lastAppliedGen: int64('Generation in force.'),
    lastAppliedTime: time('Since when.'),
    conditions,
    installID: str('Changes with a reinstall.'),
    bootID: str('Changes with a reboot.'),
    runID: str('Changes with a restart of the agent.'),
    rebootRequired: bool('A change waits for a reboot.'),
    statusUpdates,
    state,
  },
  'What the switch reports.',
  { 'x-kubernetes-map-type': 'atomic', required: ['conditions'] },
)
