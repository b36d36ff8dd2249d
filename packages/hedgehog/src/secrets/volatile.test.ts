import { describe, expect, test } from 'vitest'
import { cutObject } from './cut-object.ts'

const agent = (state: unknown, heartbeat: string) => ({
  kind: 'Agent',
  metadata: { name: 'leaf-01', generation: 8, resourceVersion: heartbeat },
  spec: { role: 'server-leaf' },
  status: {
    lastHeartbeat: heartbeat,
    // Re-enforced every two minutes, whether anything changed or not.
    lastAttemptTime: heartbeat,
    lastAppliedGen: 8,
    lastAppliedTime: '2026-01-01T00:00:00Z',
    conditions: [],
    state,
  },
})

const state = (turn: number) => ({
  nos: { uptime: `${turn} minutes`, serialNumber: 's' },
  interfaces: {
    'E1/1': { admin: 'up', oper: 'up', counters: { inbps: turn, outbps: 2, inpbs: 3, ine: 4, oute: 5, ind: 6, outd: 7, queues: {} } },
    'E1/2': { oper: 'down' },
  },
  bgpNeighbors: {
    default: {
      '172.30.128.0': {
        state: 'established',
        estabTrans: 1,
        lastRead: `${turn}`,
        lastWrite: `${turn}`,
        msgs: { rec: { update: turn } },
        prefixes: { ipv4: { rec: turn } },
      },
    },
  },
  transceivers: { 'E1/1': { vendor: 'v', temp: turn, voltage: 3.3, channels: { '1': { in: -turn } } } },
  platform: {
    fans: { f1: { status: true, speed: turn } },
    psus: { p1: { status: true, inPower: turn, outVoltage: 12 } },
    temps: { t1: { temp: turn, highThreshold: 80 } },
  },
  criticalResources: { stats: { ipv4RoutesUsed: turn } },
})

const AGENT = 'Agent.agent.githedgehog.com'
const GATEWAY_AGENT = 'GatewayAgent.gwint.githedgehog.com'

describe('what is volatile', () => {
  test('[HH10] two heartbeats of an unchanged switch give the same document', () => {
    const first = cutObject(AGENT, agent(state(1), '2026-01-01T00:00:15Z'))
    const second = cutObject(AGENT, agent(state(2), '2026-01-01T00:00:30Z'))
    expect(second.document).toEqual(first.document)
    expect(second.volatile).not.toEqual(first.volatile)
  })

  test('[HH10] readings travel apart, compact', () => {
    expect(cutObject(AGENT, agent(state(9), '2026-01-01T00:00:15Z')).volatile).toEqual({
      heartbeat: '2026-01-01T00:00:15Z',
      attempt: '2026-01-01T00:00:15Z',
      uptime: '9 minutes',
      interfaces: { 'E1/1': { inBps: 9, outBps: 2, inPps: 3, outPps: 0, inErrors: 4, outErrors: 5, inDiscards: 6, outDiscards: 7 } },
      temperatures: { t1: 9 },
      fans: { f1: 9 },
      psus: { p1: { inPower: 9, outVoltage: 12 } },
      transceivers: { 'E1/1': { temp: 9, voltage: 3.3, channels: { '1': { in: -9 } } } },
      criticalResources: { stats: { ipv4RoutesUsed: 9 } },
      bgp: { 'default/172.30.128.0': { prefixes: { ipv4: { rec: 9 } }, msgs: { rec: { update: 9 } } } },
    })
  })

  test('[HH10] what happened stays: generations, states, presence, thresholds', () => {
    const { document } = cutObject(AGENT, agent(state(1), 'x'))
    expect(document['status']).toEqual({
      lastAppliedGen: 8,
      lastAppliedTime: '2026-01-01T00:00:00Z',
      conditions: [],
      state: {
        nos: { serialNumber: 's' },
        interfaces: { 'E1/1': { admin: 'up', oper: 'up' }, 'E1/2': { oper: 'down' } },
        bgpNeighbors: { default: { '172.30.128.0': { state: 'established', estabTrans: 1 } } },
        transceivers: { 'E1/1': { vendor: 'v' } },
        platform: { fans: { f1: { status: true } }, psus: { p1: { status: true } }, temps: { t1: { highThreshold: 80 } } },
      },
    })
  })

  test('[HH10] the input is not changed', () => {
    const given = agent(state(1), 'x')
    const before = structuredClone(given)
    cutObject(AGENT, given)
    expect(given).toEqual(before)
  })

  test('[HH10] a gateway agent is split alike', () => {
    const given = (turn: number) => ({
      metadata: { name: 'gw-1' },
      status: {
        lastHeartbeat: `t${turn}`,
        lastAppliedGen: 2,
        state: {
          lastCollectedTime: `t${turn}`,
          peerings: { p: { b: turn } },
          vpcs: { v: { b: turn } },
          bgp: {
            vrfs: {
              default: {
                neighbors: {
                  '10.0.0.1': { sessionState: 'established', messages: { sent: { open: turn } }, ipv4UnicastPrefixes: { sent: turn } },
                },
              },
            },
          },
        },
      },
    })
    const first = cutObject(GATEWAY_AGENT, given(1))
    expect(cutObject(GATEWAY_AGENT, given(2)).document).toEqual(first.document)
    expect(first.document['status']).toEqual({
      lastAppliedGen: 2,
      state: { bgp: { vrfs: { default: { neighbors: { '10.0.0.1': { sessionState: 'established' } } } } } },
    })
    expect(first.volatile).toEqual({
      heartbeat: 't1',
      peerings: { p: { b: 1 } },
      vpcs: { v: { b: 1 } },
      bgp: { 'default/10.0.0.1': { ipv4UnicastPrefixes: { sent: 1 }, messages: { sent: { open: 1 } } } },
    })
  })

  test('[HH10] a switch that never reported has no readings', () => {
    expect(cutObject(AGENT, { metadata: { name: 'x' }, status: {} }).volatile).toBeUndefined()
  })
})
