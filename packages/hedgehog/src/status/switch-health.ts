import type { DerivedStatus, Health, Signal } from '@binnacle/protocol'
import { portAliases } from '../documents/ports.ts'
import { booleanAt, entriesAt, isRecord, listAt, nameOf, numberAt, stringAt, valueAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import { worse } from './health.ts'

/** One fact that a status was derived from. */
export type Evidence = DerivedStatus['from'][number]

/** A verdict with its reasons, worst first where they differ, and the facts behind it. */
export interface Verdict {
  readonly health: Health
  /** Sentences; empty when there is nothing to complain about. */
  readonly reasons: readonly string[]
  readonly evidence: readonly Evidence[]
}

/** Judgements about an Agent that need a clock; made elsewhere. */
export type SwitchSignals = Readonly<Partial<Record<'heartbeat' | 'apply', Signal>>>

/** What one port reports. `undefined` when the agent does not list it. */
export interface PortState {
  readonly admin: string | undefined
  readonly oper: string | undefined
  readonly errDisabled: boolean
  readonly neighbours: readonly unknown[]
}

/** The state of a port, under the name it has in Connections or the alias that a breakout gives it. */
export function portState(agent: ResourceDocument, port: string): PortState | undefined {
  for (const name of portAliases(port)) {
    const found = valueAt(agent, 'status', 'state', 'interfaces', name)
    if (!isRecord(found)) continue
    return {
      admin: stringAt(found, 'admin'),
      oper: stringAt(found, 'oper'),
      errDisabled: booleanAt(found, 'errDisabled') ?? false,
      neighbours: listAt(found, 'lldpNeighbors'),
    }
  }
  return undefined
}

/** What is wrong with a port that should carry traffic; `undefined` when nothing is. */
export function portTrouble(state: PortState): string | undefined {
  if (state.errDisabled) return 'is switched off because it flapped'
  if (state.admin === 'down') return 'is switched off'
  if (state.oper === 'up') return undefined
  return state.oper === undefined ? 'reports no link state' : `has no link (${state.oper})`
}

/** An enabled BGP session of a switch. */
export interface BgpSession {
  readonly vrf: string
  readonly address: string
  readonly state: string
}

/**
 * The BGP sessions that are switched on. The source leaves `enabled` out when it is false and `state` when it is
 * unset, so a session without `enabled` is one that is off.
 */
export function bgpSessions(agent: ResourceDocument): readonly BgpSession[] {
  return entriesAt(agent, 'status', 'state', 'bgpNeighbors').flatMap(([vrf, peers]) =>
    entriesAt(peers).flatMap(([address, peer]) =>
      booleanAt(peer, 'enabled') === true ? [{ vrf, address, state: stringAt(peer, 'state') ?? 'unset' }] : [],
    ),
  )
}

/** Collects reasons and facts; the health only gets worse. */
class Judgement {
  #health: Health = 'healthy'
  readonly #reasons: { readonly health: Health; readonly text: string }[] = []
  readonly #evidence: Evidence[] = []

  fact(kind: string, name: string, fact: string): void {
    this.#evidence.push({ kind, name, fact })
  }

  complain(health: Health, text: string): void {
    this.#health = worse(this.#health, health)
    this.#reasons.push({ health, text })
  }

  verdict(): Verdict {
    const matters = this.#reasons.toSorted((one, other) =>
      one.health === other.health ? 0 : worse(one.health, other.health) === one.health ? -1 : 1,
    )
    return { health: this.#health, reasons: matters.map((reason) => reason.text), evidence: this.#evidence }
  }
}

function since(signal: Signal | undefined): string {
  return signal === undefined ? '' : ` since ${new Date(signal.since).toISOString()}`
}

function judgeApplied(judgement: Judgement, name: string, agent: ResourceDocument | undefined, signals: SwitchSignals): void {
  if (agent === undefined) {
    judgement.fact('Switch', name, 'has no switch agent')
    judgement.complain('unknown', `${name} has no switch agent: nothing tells what it does`)
    return
  }
  const { heartbeat, apply } = signals
  judgement.fact('Agent', name, `heartbeat ${heartbeat?.value ?? 'unknown'}${since(heartbeat)}`)
  if (heartbeat?.value === 'silent') judgement.complain('unknown', `${name} is silent${since(heartbeat)}`)
  else if (heartbeat?.value !== 'fresh') judgement.complain('unknown', `no heartbeat of ${name} was seen yet`)
  const generation = numberAt(agent, 'metadata', 'generation')
  const applied = numberAt(agent, 'status', 'lastAppliedGen') ?? 0
  judgement.fact('Agent', name, `applied generation ${applied} of ${generation ?? 'unknown'}`)
  if (generation === undefined) judgement.complain('unknown', `the generation ${name} should have is not known`)
  else if (applied !== generation) {
    if (apply?.value === 'overdue')
      judgement.complain('failed', `${name} does not get to generation ${generation}${since(apply)} (${applied} is in force)`)
    else judgement.complain('changing', `${name} is applying generation ${generation} (${applied} is in force)`)
  } else {
    const condition = listAt(agent, 'status', 'conditions').find((candidate) => stringAt(candidate, 'type') === 'Applied')
    const status = stringAt(condition, 'status')
    if (status === 'False')
      judgement.complain('changing', `${name} says its configuration is not applied (${stringAt(condition, 'reason') ?? 'no reason'})`)
    else if (status === 'Unknown') judgement.complain('unknown', `${name} does not know whether its configuration is applied`)
  }
}

/**
 * Whether a switch has taken the whole configuration of its current generation and is heard of: what objects that
 * live on it depend on. It proves that the switch took it, not that traffic flows.
 */
export function switchApplied(name: string, agent: ResourceDocument | undefined, signals: SwitchSignals): Verdict {
  const judgement = new Judgement()
  judgeApplied(judgement, name, agent, signals)
  return judgement.verdict()
}

/**
 * The health of a switch from its Agent: heartbeat, generation, reboot, the ports that connections use, BGP.
 * A switch that is silent is unknown whatever its last report said. `usedPorts` are port names without the device.
 */
export function switchHealth(
  agent: ResourceDocument | undefined,
  signals: SwitchSignals,
  usedPorts: readonly string[] = [],
  name: string = nameOf(agent),
): Verdict {
  const judgement = new Judgement()
  judgeApplied(judgement, name, agent, signals)
  if (agent === undefined) return judgement.verdict()
  if (booleanAt(agent, 'status', 'rebootRequired') === true) {
    judgement.fact('Agent', name, 'reboot required')
    judgement.complain('degraded', `${name} must be rebooted`)
  }
  for (const port of usedPorts) {
    const state = portState(agent, port)
    const trouble = state === undefined ? undefined : portTrouble(state)
    if (trouble === undefined) continue
    judgement.fact('Agent', name, `port ${port} ${trouble}`)
    judgement.complain('degraded', `port ${port} of ${name} ${trouble}`)
  }
  const sessions = bgpSessions(agent)
  if (sessions.length > 0) {
    const down = sessions.filter((session) => session.state !== 'established')
    judgement.fact('Agent', name, `${sessions.length - down.length} of ${sessions.length} BGP sessions established`)
    for (const session of down)
      judgement.complain('degraded', `BGP of ${name} with ${session.address} in ${session.vrf} is ${session.state}`)
  }
  return judgement.verdict()
}
