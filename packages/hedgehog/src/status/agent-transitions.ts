import { booleanAt, entriesAt, numberAt, stringAt, valueAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'

/** What happened to a switch between two reports. */
export type AgentTransitionType =
  | 'reinstalled'
  | 'rebooted'
  | 'agent_restarted'
  | 'applied'
  | 'reboot_required'
  | 'link_up'
  | 'link_down'
  | 'port_err_disabled'
  | 'port_recovered'
  | 'bgp_up'
  | 'bgp_down'

/** One thing that happened. */
export interface AgentTransition {
  readonly type: AgentTransitionType
  /** The port, or `vrf/address` of a BGP session; absent when it is about the whole switch. */
  readonly subject?: string
  readonly text: string
}

function identityChange(before: ResourceDocument, after: ResourceDocument): AgentTransition | undefined {
  const changed = (field: string) => {
    const [was, is] = [stringAt(before, 'status', field), stringAt(after, 'status', field)]
    return was !== undefined && is !== undefined && was !== is
  }
  // A reinstall changes all three ids and a reboot two: only the strongest is what happened.
  if (changed('installID')) return { type: 'reinstalled', text: 'the network OS was installed anew' }
  if (changed('bootID')) return { type: 'rebooted', text: 'the switch was rebooted' }
  if (changed('runID')) return { type: 'agent_restarted', text: 'the switch agent was restarted' }
  return undefined
}

function portChanges(before: ResourceDocument, after: ResourceDocument): readonly AgentTransition[] {
  const found: AgentTransition[] = []
  for (const [port, now] of entriesAt(after, 'status', 'state', 'interfaces')) {
    const was = valueAt(before, 'status', 'state', 'interfaces', port)
    if (was === undefined) continue
    const [wasUp, isUp] = [stringAt(was, 'oper') === 'up', stringAt(now, 'oper') === 'up']
    if (wasUp !== isUp)
      found.push({
        type: isUp ? 'link_up' : 'link_down',
        subject: port,
        text: `port ${port} went from ${stringAt(was, 'oper') ?? 'unset'} to ${stringAt(now, 'oper') ?? 'unset'}`,
      })
    const [wasOff, isOff] = [booleanAt(was, 'errDisabled') ?? false, booleanAt(now, 'errDisabled') ?? false]
    if (wasOff !== isOff)
      found.push({
        type: isOff ? 'port_err_disabled' : 'port_recovered',
        subject: port,
        text: isOff ? `port ${port} was switched off because it flapped` : `port ${port} is back after flapping`,
      })
  }
  return found
}

function bgpChanges(before: ResourceDocument, after: ResourceDocument): readonly AgentTransition[] {
  const found: AgentTransition[] = []
  const vrfs = new Set(
    [...entriesAt(before, 'status', 'state', 'bgpNeighbors'), ...entriesAt(after, 'status', 'state', 'bgpNeighbors')].map(([vrf]) => vrf),
  )
  for (const vrf of vrfs) {
    const peers = (document: ResourceDocument) => entriesAt(document, 'status', 'state', 'bgpNeighbors', vrf)
    for (const address of new Set([...peers(before), ...peers(after)].map(([peer]) => peer))) {
      const state = (document: ResourceDocument) => stringAt(document, 'status', 'state', 'bgpNeighbors', vrf, address, 'state')
      const [was, is] = [state(before), state(after)]
      if ((was === 'established') === (is === 'established')) continue
      found.push({
        type: is === 'established' ? 'bgp_up' : 'bgp_down',
        subject: `${vrf}/${address}`,
        text: `BGP with ${address} in ${vrf} went from ${was ?? 'absent'} to ${is ?? 'absent'}`,
      })
    }
  }
  return found
}

/** What happened to a switch between two versions of its Agent, for events. Empty when nothing worth telling did. */
export function agentTransitions(before: ResourceDocument, after: ResourceDocument): readonly AgentTransition[] {
  const found: AgentTransition[] = []
  const identity = identityChange(before, after)
  if (identity !== undefined) found.push(identity)
  const applied = (document: ResourceDocument) => numberAt(document, 'status', 'lastAppliedGen')
  const now = applied(after)
  if (now !== undefined && now !== applied(before)) found.push({ type: 'applied', text: `generation ${now} is in force` })
  if (booleanAt(after, 'status', 'rebootRequired') === true && booleanAt(before, 'status', 'rebootRequired') !== true)
    found.push({ type: 'reboot_required', text: 'a reboot is required' })
  return [...found, ...portChanges(before, after), ...bgpChanges(before, after)]
}
