import type { DerivedStatus, Health } from '@binnacle/protocol'
import { attachedSubnet, connectionType, linksOf, peeredVpcs, portsOn } from '../documents/connections.ts'
import type { Link, LinkEnd } from '../documents/connections.ts'
import { isRecord, stringAt, valueAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import { HEALTH, worst } from './health.ts'
import type { Neighbour, Neighbours } from './neighbours.ts'
import { bgpSessions, portState, portTrouble, switchApplied, switchHealth } from './switch-health.ts'
import type { Evidence, Verdict } from './switch-health.ts'

/** Most facts a derived status carries: it rides in events. The worst come first. */
const MAX_FACTS = 12

const WORDS: Readonly<Record<Health, string>> = {
  healthy: 'live',
  changing: 'applying',
  degraded: 'degraded',
  failed: 'failed',
  unknown: 'unknown',
}

/** How the system description begins that fabric switches announce by LLDP. */
const FABRIC_SWITCH = 'Hedgehog Fabric'

/** A part that a status is the sum of. */
interface Part {
  readonly kind: string
  readonly name: string
  readonly health: Health
  readonly text: string
  readonly evidence: readonly Evidence[]
}

function status(word: string, health: Health, text: string, from: readonly Evidence[] = []): DerivedStatus {
  const distinct = [...new Map(from.map((fact) => [JSON.stringify(fact), fact])).values()]
  return { status: word, health, text, from: distinct.slice(0, MAX_FACTS) }
}

function byHealth(one: { readonly health: Health }, other: { readonly health: Health }): number {
  return HEALTH.indexOf(other.health) - HEALTH.indexOf(one.health)
}

function ofVerdict(verdict: Verdict, fine: string): DerivedStatus {
  return status(WORDS[verdict.health], verdict.health, verdict.reasons.length === 0 ? fine : sentence(verdict.reasons), verdict.evidence)
}

function plural(count: number, one: string, many: string): string {
  return `${count} ${count === 1 ? one : many}`
}

/** The first three different reasons, and how many more there are. */
function sentence(reasons: readonly string[]): string {
  const distinct = [...new Set(reasons)]
  const shown = distinct.slice(0, 3).join('; ')
  return distinct.length > 3 ? `${shown}; and ${distinct.length - 3} more` : shown
}

/** What another fabric switch says to be at the far end, when it is not the one that the Connection names. */
function wrongNeighbour(neighbours: readonly unknown[], expected: LinkEnd | undefined): string | undefined {
  for (const neighbour of neighbours) {
    const system = stringAt(neighbour, 'sysName') ?? stringAt(neighbour, 'name')
    if (system !== undefined && stringAt(neighbour, 'sysDescr')?.startsWith(FABRIC_SWITCH) === true && system !== expected?.device)
      return system
  }
  return undefined
}

/** Derives statuses within one transaction; what was asked once is remembered. */
export class Derivation {
  readonly #neighbours: Neighbours
  readonly #known = new Map<string, DerivedStatus | undefined>()
  readonly #applied = new Map<string, Verdict>()

  constructor(neighbours: Neighbours) {
    this.#neighbours = neighbours
  }

  /** The status of a neighbour, derived once. `undefined` when it does not exist. */
  #of(kind: string, name: string): DerivedStatus | undefined {
    const key = `${kind}/${name}`
    if (!this.#known.has(key)) {
      const found = this.#neighbours.get(kind, name)
      this.#known.set(key, found === undefined ? undefined : this.derive(kind, found.name, found.document))
    }
    return this.#known.get(key)
  }

  #listed(kind: string): boolean {
    return this.#neighbours.listed?.(kind) ?? true
  }

  #appliedOn(name: string): Verdict {
    const known = this.#applied.get(name)
    if (known !== undefined) return known
    const agent = this.#neighbours.get('Agent', name)
    const verdict = switchApplied(name, agent?.document, agent?.signals ?? {})
    this.#applied.set(name, verdict)
    return verdict
  }

  /** A reference that must lead somewhere: a failure when it does not, unknown while that cannot be told. */
  #missing(kind: string, name: string): Part {
    const listed = this.#listed(kind)
    const fact = listed ? 'does not exist' : 'is not listed yet'
    return { kind, name, health: listed ? 'failed' : 'unknown', text: `${kind} ${name} ${fact}`, evidence: [{ kind, name, fact }] }
  }

  #part(kind: string, name: string): Part {
    const found = this.#of(kind, name)
    if (found === undefined) return this.#missing(kind, name)
    return { kind, name, health: found.health, text: found.text, evidence: [{ kind, name, fact: found.status }, ...found.from] }
  }

  #sum(parts: readonly Part[], fine: string): DerivedStatus {
    const sorted = parts.toSorted(byHealth)
    const health = worst(parts.map((part) => part.health))
    const troubled = sorted.filter((part) => part.health !== 'healthy')
    const text = troubled.length === 0 ? fine : sentence(troubled.map((part) => part.text))
    return status(
      WORDS[health],
      health,
      text,
      sorted.flatMap((part) => part.evidence),
    )
  }

  /** Derives the status of an object of one of the 12 kinds or of an Agent; `undefined` for other kinds. Never throws. */
  derive(kind: string, name: string, document: ResourceDocument): DerivedStatus | undefined {
    switch (kind) {
      case 'Agent':
      case 'Switch':
        return this.#switch(name)
      case 'Connection':
        return this.#connection(name, document)
      case 'Server':
        return this.#users(name, 'Server', 'Connection', 'connection', 'connections', 'no connection leads to it')
      case 'VPC':
        return this.#users(name, 'VPC', 'VPCAttachment', 'attachment', 'attachments', 'no attachment brings it to a switch')
      case 'External':
        return this.#users(name, 'External', 'ExternalAttachment', 'attachment', 'attachments', 'no attachment plugs it in')
      case 'VPCAttachment':
        return this.#vpcAttachment(document)
      case 'ExternalAttachment':
        return this.#externalAttachment(document)
      case 'VPCPeering':
        return this.#peering([...peeredVpcs(document).keys()].map((vpc) => ['VPC', vpc] as const))
      case 'ExternalPeering':
        return this.#peering([
          ['VPC', stringAt(document, 'spec', 'permit', 'vpc', 'name')],
          ['External', stringAt(document, 'spec', 'permit', 'external', 'name')],
        ])
      case 'IPv4Namespace':
        return this.#declared('IPv4Namespace', name, [
          ['VPC', 'VPC', 'VPCs'],
          ['External', 'external', 'externals'],
        ])
      case 'VLANNamespace':
        return this.#declared('VLANNamespace', name, [
          ['VPC', 'VPC', 'VPCs'],
          ['Switch', 'switch', 'switches'],
        ])
      case 'SwitchGroup':
        return this.#declared('SwitchGroup', name, [['Switch', 'switch', 'switches']])
      default:
        return undefined
    }
  }

  #switch(name: string): DerivedStatus {
    const agent = this.#neighbours.get('Agent', name)
    const ports = this.#neighbours.referrers('Switch', name, 'Connection').flatMap((connection) => portsOn(connection.document, name))
    const verdict = switchHealth(agent?.document, agent?.signals ?? {}, [...new Set(ports)], name)
    return ofVerdict(verdict, `${name} runs its current generation and is heard of`)
  }

  #end(end: LinkEnd, far: LinkEnd | undefined): Part | undefined {
    if (end.role !== 'switch') return undefined
    const agent = this.#neighbours.get('Agent', end.device)
    if (agent === undefined) return undefined
    const label = `${end.device}/${end.port}`
    const part = (health: Health, text: string): Part => ({
      kind: 'Agent',
      name: end.device,
      health,
      text: `${label} ${text}`,
      evidence: [{ kind: 'Agent', name: end.device, fact: `port ${end.port} ${text}` }],
    })
    const state = portState(agent.document, end.port)
    if (state === undefined) return part('unknown', 'is not reported')
    const trouble = portTrouble(state)
    if (trouble !== undefined) return part('degraded', trouble)
    const wrong = wrongNeighbour(state.neighbours, far)
    return wrong === undefined
      ? part('healthy', 'has a link')
      : part('degraded', `is wired to ${wrong} instead of ${far?.device ?? 'the outside'}`)
  }

  #link(link: Link): readonly Part[] {
    return link.ends.flatMap((end, index) => this.#end(end, link.ends[index === 0 ? 1 : 0]) ?? [])
  }

  #connection(name: string, document: ResourceDocument): DerivedStatus {
    const type = connectionType(document)
    if (type === undefined)
      return status('failed', 'failed', 'the spec names no type of connection', [{ kind: 'Connection', name, fact: 'no type' }])
    if (type === 'mclag' || type === 'mclagDomain') {
      return status('not_deployed', 'degraded', `connections of type ${type} are accepted but no longer configured`, [
        { kind: 'Connection', name, fact: `type ${type}` },
      ])
    }
    const links = linksOf(document)
    const parts: Part[] = []
    const seen = new Set<string>()
    for (const end of links.flatMap((link) => link.ends)) {
      const kind = end.role === 'switch' ? 'Switch' : 'Server'
      if (end.role === 'gateway' || seen.has(`${kind}/${end.device}`)) continue
      seen.add(`${kind}/${end.device}`)
      if (this.#neighbours.get(kind, end.device) === undefined) parts.push(this.#missing(kind, end.device))
      if (end.role === 'switch') parts.push(this.#appliedPart(end.device))
    }
    const states = links.map((link) => this.#link(link))
    parts.push(...states.flat())
    if (parts.length === 0)
      return status('failed', 'failed', 'no link names a device and a port', [{ kind: 'Connection', name, fact: 'no readable link' }])
    const down = states.filter((ends) => ends.some((end) => end.health === 'degraded'))
    const sum = this.#sum(parts, `${plural(links.length, 'link', 'links')} up, every switch runs its current generation`)
    // Some links down is degraded; all of them down carries nothing.
    return sum.health === 'degraded' && down.length === links.length ? { ...sum, status: 'failed', health: 'failed' } : sum
  }

  #appliedPart(name: string): Part {
    const verdict = this.#appliedOn(name)
    return {
      kind: 'Switch',
      name,
      health: verdict.health,
      text: verdict.reasons.join('; ') || `${name} runs its current generation`,
      evidence: verdict.evidence,
    }
  }

  #users(name: string, kind: string, by: string, one: string, many: string, none: string): DerivedStatus {
    const users = this.#neighbours.referrers(kind, name, by)
    if (users.length === 0) {
      if (!this.#listed(by))
        return status('unknown', 'unknown', `${by} objects are not listed yet`, [{ kind: by, name: '', fact: 'not listed yet' }])
      return status('not_deployed', 'healthy', none, [{ kind, name, fact: `no ${one}` }])
    }
    const parts = users.map((user) => this.#userPart(by, user))
    return this.#sum(parts, `live on ${plural(users.length, one, many)}`)
  }

  #userPart(kind: string, user: Neighbour): Part {
    const key = `${kind}/${user.name}`
    if (!this.#known.has(key)) this.#known.set(key, this.derive(kind, user.name, user.document))
    return this.#part(kind, user.name)
  }

  #vpcAttachment(document: ResourceDocument): DerivedStatus {
    const target = attachedSubnet(document)
    const connection = stringAt(document, 'spec', 'connection')
    if (target === undefined || connection === undefined) return status('failed', 'failed', 'the spec names no VPC or no connection')
    const parts: Part[] = []
    const vpc = this.#neighbours.get('VPC', target.vpc)
    if (vpc === undefined) parts.push(this.#missing('VPC', target.vpc))
    else if (!isRecord(valueAt(vpc.document, 'spec', 'subnets', target.subnet))) {
      const fact = `has no subnet ${target.subnet}`
      parts.push({
        kind: 'VPC',
        name: target.vpc,
        health: 'failed',
        text: `VPC ${target.vpc} ${fact}`,
        evidence: [{ kind: 'VPC', name: target.vpc, fact }],
      })
    }
    parts.push(this.#part('Connection', connection))
    return this.#sum(parts, `${target.vpc}/${target.subnet} is in force on ${connection}`)
  }

  #externalAttachment(document: ResourceDocument): DerivedStatus {
    const external = stringAt(document, 'spec', 'external')
    const connection = stringAt(document, 'spec', 'connection')
    if (external === undefined || connection === undefined) return status('failed', 'failed', 'the spec names no external or no connection')
    const parts: Part[] = this.#neighbours.get('External', external) === undefined ? [this.#missing('External', external)] : []
    parts.push(this.#part('Connection', connection))
    const address = stringAt(document, 'spec', 'neighbor', 'ip')
    const device = linksOf(this.#neighbours.get('Connection', connection)?.document ?? {})[0]?.ends[0]?.device
    if (address !== undefined && device !== undefined) parts.push(...this.#session(device, address))
    return this.#sum(parts, `${external} is plugged in at ${connection}`)
  }

  #session(device: string, address: string): readonly Part[] {
    const agent = this.#neighbours.get('Agent', device)
    if (agent === undefined) return []
    const session = bgpSessions(agent.document).find((candidate) => candidate.address === address)
    const state = session?.state ?? 'not reported'
    const health: Health = session === undefined ? 'unknown' : session.state === 'established' ? 'healthy' : 'degraded'
    const fact = `BGP with ${address} is ${state}`
    return [{ kind: 'Agent', name: device, health, text: `${device}: ${fact}`, evidence: [{ kind: 'Agent', name: device, fact }] }]
  }

  #peering(sides: readonly (readonly [kind: string, name: string | undefined])[]): DerivedStatus {
    const named = sides.flatMap(([kind, name]) => (name === undefined ? [] : [[kind, name] as const]))
    if (named.length !== 2) return status('failed', 'failed', 'the spec does not name two sides')
    const parts = named.map(([kind, name]) => this.#part(kind, name))
    const idle = named.filter(([kind, name]) => this.#of(kind, name)?.status === 'not_deployed')
    if (idle.length > 0 && parts.every((part) => part.health === 'healthy')) {
      return status(
        'not_deployed',
        'healthy',
        `${idle.map(([kind, name]) => `${kind} ${name}`).join(' and ')} not deployed`,
        parts.flatMap((part) => part.evidence),
      )
    }
    return this.#sum(parts, `${named.map(([, name]) => name).join(' and ')} are live`)
  }

  #declared(kind: string, name: string, users: readonly (readonly [by: string, one: string, many: string])[]): DerivedStatus {
    const unlisted = users.filter(([by]) => !this.#listed(by))
    // A namespace may have ten thousand users: they are counted, not read.
    const counts = users.map(([by, one, many]) =>
      plural(this.#neighbours.count?.(kind, name, by) ?? this.#neighbours.referrers(kind, name, by).length, one, many),
    )
    const facts = counts.map((fact) => ({ kind, name, fact: `used by ${fact}` }))
    if (unlisted.length > 0)
      return status('unknown', 'unknown', `${unlisted.map(([by]) => by).join(' and ')} objects are not listed yet`, facts)
    return status('declared', 'healthy', `declared, used by ${counts.join(' and ')}`, facts)
  }
}
