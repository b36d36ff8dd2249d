import { describe, expect, test } from 'vitest'
import { HEALTH, worse, worst } from './health.ts'
import { agentTransitions } from './agent-transitions.ts'
import { portState, switchApplied, switchHealth } from './switch-health.ts'

const FRESH = { heartbeat: { value: 'fresh', since: 0 } }
const SILENT = { heartbeat: { value: 'silent', since: Date.UTC(2026, 0, 1) } }

const agent = (status: Record<string, unknown> = {}, generation = 8) => ({
  metadata: { name: 'leaf-01', generation },
  status: { lastAppliedGen: 8, ...status },
})

describe('health', () => {
  test('[HH18] unknown is the worst, and the health of nothing is unknown', () => {
    expect(HEALTH).toEqual(['healthy', 'changing', 'degraded', 'failed', 'unknown'])
    expect(worse('failed', 'unknown')).toBe('unknown')
    expect(worse('healthy', 'changing')).toBe('changing')
    expect(worst(['healthy', 'degraded', 'changing'])).toBe('degraded')
    expect(worst([])).toBe('unknown')
  })
})

describe('the health of a switch', () => {
  test('[HH19] healthy needs an agent, a fresh heartbeat and the current generation', () => {
    expect(switchHealth(agent(), FRESH)).toEqual({
      health: 'healthy',
      reasons: [],
      evidence: [
        { kind: 'Agent', name: 'leaf-01', fact: 'heartbeat fresh since 1970-01-01T00:00:00.000Z' },
        { kind: 'Agent', name: 'leaf-01', fact: 'applied generation 8 of 8' },
      ],
    })
  })

  test('[HH19] without agent, without heartbeat, or silent: unknown, with the reason', () => {
    expect(switchHealth(undefined, {}, [], 'leaf-01')).toMatchObject({
      health: 'unknown',
      reasons: ['leaf-01 has no switch agent: nothing tells what it does'],
    })
    expect(switchHealth(agent(), {})).toMatchObject({ health: 'unknown', reasons: ['no heartbeat of leaf-01 was seen yet'] })
    expect(switchHealth(agent(), { heartbeat: { value: 'unknown', since: 0 } }).health).toBe('unknown')
    expect(switchHealth(agent(), SILENT)).toMatchObject({
      health: 'unknown',
      reasons: ['leaf-01 is silent since 2026-01-01T00:00:00.000Z'],
    })
    expect(switchHealth({ metadata: { name: 'leaf-01' }, status: {} }, FRESH).health).toBe('unknown')
  })

  test('[HH19] a silent switch stays unknown whatever else its last report said', () => {
    expect(switchHealth(agent({ rebootRequired: true, lastAppliedGen: 3 }), SILENT).health).toBe('unknown')
  })

  test('[HH20] a generation that is not in force yet is changing, one that never arrives is failed', () => {
    expect(switchHealth(agent({}, 9), FRESH)).toMatchObject({
      health: 'changing',
      reasons: ['leaf-01 is applying generation 9 (8 is in force)'],
    })
    expect(switchHealth(agent({}, 9), { ...FRESH, apply: { value: 'overdue', since: 0 } }).health).toBe('failed')
    expect(switchHealth({ metadata: { name: 'x', generation: 1 }, status: {} }, FRESH).health).toBe('changing')
  })

  test('[HH20] the Applied condition counts, a condition of another type does not', () => {
    const condition = (type: string, status: string) =>
      switchHealth(agent({ conditions: [{ type, status, reason: 'ApplyPending' }] }), FRESH).health
    expect(condition('Applied', 'True')).toBe('healthy')
    expect(condition('Applied', 'False')).toBe('changing')
    expect(condition('Applied', 'Unknown')).toBe('unknown')
    expect(condition('Ready', 'False')).toBe('healthy')
  })

  test('[HH21] a reboot that waits, a used port without link and a lost BGP session degrade it', () => {
    const ports = {
      'E1/1': { admin: 'up', oper: 'up' },
      'E1/2': { admin: 'up', oper: 'down' },
      'E1/3/1': { admin: 'up', oper: 'up', errDisabled: true },
      'E1/4': { admin: 'down', oper: 'down' },
      'E1/5': { admin: 'up' },
    }
    const health = (used: string[], state: Record<string, unknown> = { interfaces: ports }) => switchHealth(agent({ state }), FRESH, used)
    expect(switchHealth(agent({ rebootRequired: true }), FRESH)).toMatchObject({
      health: 'degraded',
      reasons: ['leaf-01 must be rebooted'],
    })
    expect(health(['E1/1']).health).toBe('healthy')
    expect(health([]).health).toBe('healthy')
    expect(health(['E1/2']).reasons).toEqual(['port E1/2 of leaf-01 has no link (down)'])
    expect(health(['E1/3']).reasons).toEqual(['port E1/3 of leaf-01 is switched off because it flapped'])
    expect(health(['E1/4']).reasons).toEqual(['port E1/4 of leaf-01 is switched off'])
    expect(health(['E1/5']).reasons).toEqual(['port E1/5 of leaf-01 reports no link state'])
    expect(health(['E1/99']).health).toBe('healthy')
    const bgp = {
      bgpNeighbors: {
        default: {
          '172.30.128.0': { enabled: true, state: 'established' },
          '172.30.128.2': { enabled: true, state: 'active' },
          '172.30.128.4': { state: 'idle' },
        },
      },
    }
    expect(health([], bgp)).toMatchObject({ health: 'degraded', reasons: ['BGP of leaf-01 with 172.30.128.2 in default is active'] })
    expect(health([], bgp).evidence.map((fact) => fact.fact)).toContain('1 of 2 BGP sessions established')
  })

  test('[HH21] what lives on a switch depends only on heartbeat and generation', () => {
    expect(switchApplied('leaf-01', agent({ rebootRequired: true }), FRESH).health).toBe('healthy')
    expect(switchApplied('leaf-01', undefined, {}).health).toBe('unknown')
  })

  test('[HH21] a port is found under the alias that a breakout gives it', () => {
    const document = agent({ state: { interfaces: { 'E1/55/1': { oper: 'up' }, 'E1/7': { oper: 'down' } } } })
    expect(portState(document, 'E1/55')?.oper).toBe('up')
    expect(portState(document, 'E1/7/1')?.oper).toBe('down')
    expect(portState(document, 'E1/55/2')).toBeUndefined()
    expect(portState({}, 'M1')).toBeUndefined()
  })

  test('[HH21] nothing is thrown for malformed reports', () => {
    for (const status of [null, [], 'x', { state: [] }, { state: { interfaces: [], bgpNeighbors: { default: null } }, conditions: {} }]) {
      expect(switchHealth({ metadata: [], status }, FRESH, ['E1/1'], 'x').health).toBe('unknown')
    }
  })
})

describe('what happened to a switch', () => {
  const report = (status: Record<string, unknown>) => ({ metadata: { name: 'leaf-01' }, status })
  const types = (before: Record<string, unknown>, after: Record<string, unknown>) =>
    agentTransitions(report(before), report(after)).map((change) =>
      change.subject === undefined ? change.type : `${change.type} ${change.subject}`,
    )

  test('[HH22] reinstall, reboot and restart: only the strongest', () => {
    const ids = { installID: 'i', bootID: 'b', runID: 'r' }
    expect(types(ids, ids)).toEqual([])
    expect(types(ids, { installID: 'j', bootID: 'c', runID: 's' })).toEqual(['reinstalled'])
    expect(types(ids, { installID: 'i', bootID: 'c', runID: 's' })).toEqual(['rebooted'])
    expect(types(ids, { installID: 'i', bootID: 'b', runID: 's' })).toEqual(['agent_restarted'])
    expect(types({}, ids)).toEqual([])
  })

  test('[HH22] generations, reboot required, links, flapping ports and BGP sessions', () => {
    expect(types({ lastAppliedGen: 7 }, { lastAppliedGen: 8, rebootRequired: true })).toEqual(['applied', 'reboot_required'])
    const ports = (one: unknown, two: unknown) => ({ state: { interfaces: { 'E1/1': one, 'E1/2': two } } })
    expect(types(ports({ oper: 'up' }, { oper: 'down' }), ports({ oper: 'down' }, { oper: 'up' }))).toEqual([
      'link_down E1/1',
      'link_up E1/2',
    ])
    expect(types(ports({ oper: 'down' }, { errDisabled: true }), ports({ oper: 'lowerLayerDown', errDisabled: true }, {}))).toEqual([
      'port_err_disabled E1/1',
      'port_recovered E1/2',
    ])
    expect(types({ state: {} }, ports({ oper: 'up' }, {}))).toEqual([])
    const bgp = (peers: unknown) => ({ state: { bgpNeighbors: { default: peers } } })
    expect(types(bgp({ a: { state: 'established' } }), bgp({ b: { state: 'established' } }))).toEqual([
      'bgp_down default/a',
      'bgp_up default/b',
    ])
    expect(types(bgp({ a: { state: 'active' } }), bgp({ a: { state: 'idle' } }))).toEqual([])
  })
})
