import { linksOf, type Link, type LinkEnd } from '@binnacle/hedgehog'
import { text, type JsonObject } from '../apiserver/json.ts'
import type { FabricIndex } from './fabric-index.ts'
import { specOf } from './lab-object.ts'
import { PORTS, SPINE_PROFILE } from './switch-profiles.ts'

/** How the system description of a fabric switch begins in LLDP. */
const SYSTEM_DESCRIPTION = 'Hedgehog Fabric'
/** Rates are made from the port's number, so that they are different and the same in every run. */
const IDLE_BPS = 1_500_000

const DAY_MS = 86_400_000

/** RFC 3339 in whole seconds, as Kubernetes writes times. */
export const secondsText = (at: number): string => `${new Date(at).toISOString().slice(0, 19)}Z`

/** When and as what a switch reports. */
export interface AgentReport {
  /** Milliseconds since 1970. */
  readonly at: number
  /** Generation in force. */
  readonly generation: number
  /** Changes with a reboot. */
  readonly boot: number
  /** Milliseconds since 1970; a day before the report unless given. */
  readonly bootedAt?: number
}

/** A 32 bit number of a text: makes serial numbers and addresses that stay the same. */
function numberOf(text: string): number {
  let hash = 2_166_136_261
  for (const letter of text) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619)
  return hash >>> 0
}

const macOf = (text: string): string => {
  const digits = numberOf(text).toString(16).padStart(8, '0')
  return `02:1b:${digits.match(/../g)?.join(':') ?? '00:00:00:00'}`
}

/** The ends of links at a switch, each with its far end. */
function endsAt(name: string, index: FabricIndex): { readonly end: LinkEnd; readonly far: LinkEnd | undefined; readonly link: Link }[] {
  return index
    .all('Connection')
    .flatMap((connection) =>
      linksOf(connection).flatMap((link) =>
        link.ends.flatMap((end, place) => (end.role === 'switch' && end.device === name ? [{ end, far: link.ends[1 - place], link }] : [])),
      ),
    )
}

function counters(name: string, port: string, up: boolean, at: number): JsonObject {
  const share = (numberOf(`${name}/${port}`) % 900) / 100
  const bps = up ? Math.round(IDLE_BPS * (1 + share) * (1 + Math.sin(at / 60_000 + share) / 4)) : 0
  const seconds = Math.floor(at / 1_000) % 8_640_000
  return {
    inb: bps * seconds,
    outb: bps * seconds,
    inbps: bps,
    outbps: Math.round(bps * 0.8),
    inpbs: Math.round(bps / 8_000),
    outpps: Math.round(bps / 9_000),
    inu: up ? Math.min(100, Math.round((bps * 100) / 1e11)) : 0,
    clear: secondsText(at - seconds * 1_000),
  }
}

function interfaces(name: string, index: FabricIndex, report: AgentReport, bootedAt: number): JsonObject {
  const ends = new Map(endsAt(name, index).map((found) => [found.end.port, found]))
  const ports: JsonObject = { M1: { enabled: true, admin: 'up', oper: 'up', speed: '1G', auto: true, mac: macOf(`${name}/M1`) } }
  for (let number = 1; number <= PORTS; number += 1) {
    const port = `E1/${number}`
    const found = ends.get(port)
    const up = found !== undefined
    const far = found?.far
    ports[port] = {
      ...(up && { enabled: true }),
      admin: up ? 'up' : 'down',
      oper: up ? 'up' : 'down',
      speed: far?.role === 'server' ? '25G' : '100G',
      fec: 'rs',
      mac: macOf(`${name}/${port}`),
      // A port of a switch that nobody touches last changed when the switch came up: reports must not move it.
      change: secondsText(bootedAt),
      counters: counters(name, port, up, report.at),
      ...(far !== undefined && {
        lldpNeighbors: [
          {
            name: far.device,
            sysName: far.device,
            portID: far.port,
            portDescr: `to ${name}`,
            chassis: macOf(far.device),
            sysDescr: far.role === 'switch' ? `${SYSTEM_DESCRIPTION} lab` : 'Lab server',
          },
        ],
      }),
    }
  }
  return ports
}

function session(asn: unknown, local: unknown, at: number, bootedAt: number, peer: string): JsonObject {
  return {
    enabled: true,
    state: 'established',
    peerAS: Number(asn),
    localAS: Number(local),
    peerType: 'external',
    remoteRouterID: peer,
    estabTrans: 1,
    lastEstab: secondsText(bootedAt),
    lastRead: secondsText(at),
    lastWrite: secondsText(at),
    prefixes: { ipv4Unicast: { rec: 12, recPre: 12, sent: 14 } },
    msgs: {
      rec: { keepal: Math.floor(at / 30_000) % 1e6, open: 1, update: 42 },
      sent: { keepal: Math.floor(at / 30_000) % 1e6, open: 1, update: 40 },
    },
  }
}

function bgpNeighbors(name: string, index: FabricIndex, at: number, bootedAt: number): JsonObject {
  const own = specOf(index.get('Switch', name))
  const fabric: JsonObject = {}
  const connections = new Set<string>()
  for (const { far, end } of endsAt(name, index)) {
    if (far?.ip !== undefined && end.ip !== undefined) {
      const address = far.ip.slice(0, far.ip.indexOf('/'))
      fabric[address] = session(specOf(index.get('Switch', far.device))['asn'], own['asn'], at, bootedAt, address)
    }
  }
  for (const connection of index.all('Connection'))
    if (linksOf(connection).some((link) => link.ends.some((end) => end.device === name))) connections.add(connection.metadata.name ?? '')
  const vrfs: JsonObject = { default: fabric }
  for (const attachment of index.all('ExternalAttachment')) {
    const spec = specOf(attachment)
    const neighbor = (spec['neighbor'] ?? {}) as JsonObject
    if (!connections.has(text(spec['connection'])) || typeof neighbor['ip'] !== 'string') continue
    vrfs[`VrfE${text(spec['external'])}`] = { [neighbor['ip']]: session(neighbor['asn'], own['asn'], at, bootedAt, neighbor['ip']) }
  }
  return vrfs
}

function platform(name: string, at: number): JsonObject {
  const sway = (what: string, size: number): number => Math.sin(at / 90_000 + numberOf(`${name}/${what}`)) * size
  return {
    fans: Object.fromEntries(
      [1, 2, 3, 4].map((fan) => [
        `fan${fan}`,
        { dir: 'exhaust', presence: true, status: true, speed: Math.round(8_000 + sway(`fan${fan}`, 200)) },
      ]),
    ),
    psus: Object.fromEntries(
      [1, 2].map((psu) => [
        `PSU${psu}`,
        {
          presence: true,
          status: true,
          inVoltage: 230,
          inCurrent: 0.9,
          inPower: Math.round(210 + sway(`psu${psu}`, 8)),
          outVoltage: 12,
          outPower: 195,
        },
      ]),
    ),
    temps: Object.fromEntries(
      ['ASIC', 'CPU', 'Inlet', 'Outlet'].map((sensor, place) => [
        sensor,
        {
          temp: Math.round((38 + place * 6 + sway(sensor, 2)) * 10) / 10,
          highThreshold: 85,
          critHighThreshold: 95,
          lowThreshold: 0,
          alarms: 'none',
        },
      ]),
    ),
  }
}

/** Days, hours and minutes, as the network OS says how long it runs. */
function uptime(ms: number): string {
  const minutes = Math.floor(ms / 60_000)
  return `${Math.floor(minutes / 1_440)} days, ${Math.floor(minutes / 60) % 24}:${String(minutes % 60).padStart(2, '0')}`
}

/** The live state of a switch as its cables and neighbours let one expect it: everything up. */
export function agentState(name: string, index: FabricIndex, report: AgentReport, bootedAt: number): JsonObject {
  const spine = specOf(index.get('Switch', name))['profile'] === SPINE_PROFILE
  const used = endsAt(name, index)
  return {
    nos: {
      hwskuVersion: spine ? 'Lab-S6400' : 'Lab-L6425',
      softwareVersion: 'lab-nos-4.5.1',
      productVersion: '4.5.1',
      platformName: spine ? 'x86_64-lab_s6400-r0' : 'x86_64-lab_l6425-r0',
      kernelVersion: '6.1.0-lab',
      mfgName: 'Lab Networks',
      serialNumber: `LAB${numberOf(name)}`,
      asicVersion: 'lab',
      uptime: uptime(report.at - bootedAt),
    },
    interfaces: interfaces(name, index, report, bootedAt),
    bgpNeighbors: bgpNeighbors(name, index, report.at, bootedAt),
    transceivers: Object.fromEntries(
      used
        .filter(({ far }) => far?.role === 'switch')
        .map(({ end }) => [
          end.port,
          {
            present: 'PRESENT',
            oper: 'up',
            formFactor: 'QSFP28',
            vendor: 'Lab Optics',
            vendorPart: 'LO-100G',
            serial: `LO${numberOf(`${name}/${end.port}`)}`,
            temp: Math.round((31 + Math.sin(report.at / 60_000)) * 10) / 10,
            voltage: 3.3,
            channels: Object.fromEntries([1, 2, 3, 4].map((lane) => [String(lane), { in: -1.4, out: -0.9, bias: 7.1 }])),
          },
        ]),
    ),
    platform: platform(name, report.at),
    criticalResources: {
      stats: {
        ipv4RoutesUsed: 120 + used.length,
        ipv4RoutesAvailable: 98_000,
        fdbEntriesUsed: used.length * 3,
        fdbEntriesAvailable: 40_000,
      },
    },
    firmware: { BIOS: '1.2', CPLD: '7' },
  }
}

/** The whole status of a healthy switch that has applied its generation. */
export function agentStatus(name: string, index: FabricIndex, report: AgentReport): JsonObject {
  const bootedAt = report.bootedAt ?? report.at - DAY_MS
  return {
    version: 'v0.96.2',
    lastHeartbeat: secondsText(report.at),
    lastAttemptGen: report.generation,
    lastAttemptTime: secondsText(report.at - 5_000),
    lastAppliedGen: report.generation,
    lastAppliedTime: secondsText(report.at - 2_000),
    conditions: [appliedCondition(true, report.generation, report.at - 2_000)],
    ...bootIds(name, report.boot),
    state: agentState(name, index, report, bootedAt),
  }
}

/** The ids that change with a reinstall, a reboot and a restart of the agent. */
export const bootIds = (name: string, boot: number): JsonObject => ({
  installID: `install-${numberOf(name)}`,
  bootID: `boot-${numberOf(`${name}#${boot}`)}`,
  runID: `run-${numberOf(`${name}#${boot}#run`)}`,
})

/** The only condition an Agent has. */
export function appliedCondition(applied: boolean, generation: number, at: number): JsonObject {
  return {
    type: 'Applied',
    status: applied ? 'True' : 'False',
    reason: applied ? 'ApplySucceeded' : 'ApplyPending',
    message: applied ? `Config applied, gen=${generation}` : `Config will be applied, gen=${generation}`,
    lastTransitionTime: secondsText(at),
    observedGeneration: generation,
  }
}
