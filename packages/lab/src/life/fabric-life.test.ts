import { cutObject, numberAt, stringAt, valueAt, type ResourceDocument } from '@binnacle/hedgehog'
import { expect, onTestFinished, test } from 'vitest'
import { startLabServer, type LabServer } from '../apiserver/lab-server.ts'
import { FabricIndex } from '../fabrics/fabric-index.ts'
import type { LabFabric } from '../fabrics/lab-fabric.ts'
import { labObject, nameOfObject, specOf } from '../fabrics/lab-object.ts'
import { meshFabric } from '../fabrics/mesh-fabric.ts'
import { spineLeafFabric } from '../fabrics/spine-leaf-fabric.ts'
import { vpc, vpcAttachment } from '../fabrics/tenants.ts'
import { labClock } from '../lab-clock.ts'
import { waitUntil } from '../wait-until.ts'
import { FabricLife } from './fabric-life.ts'
import { LabClient } from './lab-client.ts'
import { demoScript, type ScriptedStep } from './life-script.ts'

interface Running {
  readonly server: LabServer
  readonly client: LabClient
  readonly life: FabricLife
  readonly fabric: LabFabric
  readonly errors: unknown[]
}

/** A mesh that lives 30 times as fast as the clock, with nothing but beats unless a script is given. */
async function alive(script: Iterable<ScriptedStep> | 'none' = 'none', speed = 30): Promise<Running> {
  const fabric = meshFabric({ at: Date.now() })
  const server = await startLabServer()
  server.control.seed(fabric.objects)
  const access = { server: server.url, ca: server.ca, token: server.token() }
  const errors: unknown[] = []
  const life = new FabricLife({ access, plan: fabric.plan, clock: labClock, script, speed, onError: (error) => errors.push(error) })
  const client = new LabClient(access)
  onTestFinished(async () => {
    await life.stop()
    client.close()
    await server.close()
  })
  life.start()
  await waitUntil('all switches live', () => life.counts.switches === 3)
  return { server, client, life, fabric, errors }
}

const applied = async (client: LabClient, name: string): Promise<boolean> => {
  const agent = await client.get('Agent', name)
  return numberAt(agent, 'status', 'lastAppliedGen') === agent.metadata.generation
}

test('[LF8] every switch reports again and again: a new heartbeat, moved counters, the same generation', async () => {
  const { client, life } = await alive()
  const before = await client.get('Agent', 'quay-leaf-1')
  await waitUntil('a round of beats', () => life.counts.reports >= 9)
  const after = await client.get('Agent', 'quay-leaf-1')
  expect(stringAt(after, 'status', 'lastHeartbeat')).not.toBe(stringAt(before, 'status', 'lastHeartbeat'))
  expect(valueAt(after, 'status', 'state', 'interfaces', 'E1/1', 'counters')).not.toEqual(
    valueAt(before, 'status', 'state', 'interfaces', 'E1/1', 'counters'),
  )
  expect(after.metadata.generation).toBe(before.metadata.generation)
  expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion)
  expect(JSON.stringify(after).length).toBeGreaterThan(15_000)
  // Only what is volatile moved: an idle switch must not fill the log.
  const kept = (agent: object) => cutObject('Agent.agent.githedgehog.com', agent as ResourceDocument).document['status']
  expect(kept(after)).toEqual(kept(before))
  // What was seeded is what the controller would have made: it had nothing to write.
  expect(life.counts.writes).toBe(0)
})

test('[LF8] what is recorded of an idle switch stays as it was seeded, however often it reports', async () => {
  const { client, life, fabric } = await alive()
  await waitUntil('two rounds of beats', () => life.counts.reports >= 9)
  for (const name of ['quay-leaf-1', 'quay-leaf-2', 'quay-leaf-3']) {
    const seeded = new FabricIndex(fabric.objects).get('Agent', name)
    const now = await client.get('Agent', name)
    const recorded = (object: unknown) => cutObject('Agent.agent.githedgehog.com', object as Record<string, unknown>).document['status']
    expect(recorded(now)).toEqual(recorded(seeded))
  }
})

test('[LF9] an attached VPC raises the generation of the switches it touches, and of no other; they apply it a little later', async () => {
  const { client, life, fabric } = await alive()
  const index = new FabricIndex(fabric.objects)
  const connection = index.all('Connection').find((object) => nameOfObject(object).includes('--unbundled--quay-leaf-2'))
  const visitor = vpc(fabric.plan, 60, 'visitor-1')
  await life.act({ step: 'create', object: visitor })
  const subnet = await waitUntil('its DHCP subnet', () => client.get('DHCPSubnet', 'visitor-1--front').catch(() => undefined))
  expect(specOf(subnet)['cidrBlock']).toBe('10.41.240.0/24')
  expect(valueAt(await client.get('Catalog', 'fabric'), 'spec', 'vpcVNIs', 'visitor-1')).toBeTypeOf('number')
  await life.act({ step: 'create', object: vpcAttachment('visitor-1/front', connection === undefined ? '' : nameOfObject(connection)) })
  const pending = await waitUntil('a new generation', async () => {
    const agent = await client.get('Agent', 'quay-leaf-2')
    return (agent.metadata.generation ?? 1) > 1 && agent
  })
  expect(numberAt(pending, 'status', 'lastAppliedGen')).toBe(1)
  const trying = await waitUntil('the attempt', async () => {
    const agent = await client.get('Agent', 'quay-leaf-2')
    return numberAt(agent, 'status', 'lastAttemptGen') === 2 && agent
  })
  expect(['ApplyPending', 'ApplySucceeded']).toContain((valueAt(trying, 'status', 'conditions') as { reason: string }[])[0]?.reason)
  await waitUntil('the generation in force', () => applied(client, 'quay-leaf-2'))
  const done = await client.get('Agent', 'quay-leaf-2')
  expect(valueAt(done, 'status', 'conditions')).toMatchObject([{ type: 'Applied', status: 'True', reason: 'ApplySucceeded' }])
  expect(valueAt(done, 'spec', 'attachedVPCs', 'visitor-1')).toBe(true)
  expect((await client.get('Agent', 'quay-leaf-1')).metadata.generation).toBe(1)
  const attachment = vpcAttachment('visitor-1/front', connection === undefined ? '' : nameOfObject(connection))
  await life.act({ step: 'delete', kind: 'VPCAttachment', name: nameOfObject(attachment) })
  await life.act({ step: 'delete', kind: 'VPC', name: 'visitor-1' })
  await waitUntil('the DHCP subnet gone', () =>
    client.get('DHCPSubnet', 'visitor-1--front').then(
      () => false as const,
      () => true,
    ),
  )
  await waitUntil('the VPC forgotten by the switch', async () => {
    const agent = await client.get('Agent', 'quay-leaf-2')
    return valueAt(agent, 'spec', 'attachedVPCs', 'visitor-1') === undefined && (await applied(client, 'quay-leaf-2'))
  })
})

test('[LF9] a new switch gets an Agent that reports, a deleted one loses it', async () => {
  const { client, life, fabric } = await alive()
  const leaf = new FabricIndex(fabric.objects).get('Switch', 'quay-leaf-3')
  const extra = labObject('Switch', 'quay-leaf-9', {
    ...specOf(leaf),
    ip: '10.201.0.99/21',
    protocolIP: '10.201.8.99/32',
    vtepIP: '10.201.12.99/32',
    asn: 65_299,
  })
  await life.act({ step: 'create', object: extra })
  await waitUntil('its first report', () => applied(client, 'quay-leaf-9').catch(() => undefined))
  await life.act({ step: 'delete', kind: 'Switch', name: 'quay-leaf-9' })
  await waitUntil('the agent gone', () =>
    client.get('Agent', 'quay-leaf-9').then(
      () => false as const,
      () => true,
    ),
  )
  expect(life.counts.switches).toBe(3)
})

test('[LF10] a flapping link goes down at both ends with its BGP session, and comes back counted', async () => {
  const { client, life } = await alive('none', 5)
  await life.act({ step: 'link_flap', device: 'quay-leaf-1', port: 'E1/1', seconds: 10 })
  const ends = [
    ['quay-leaf-1', 'E1/1'],
    ['quay-leaf-2', 'E1/1'],
  ] as const
  const sessions = (agent: object): string[] =>
    Object.values((valueAt(agent, 'status', 'state', 'bgpNeighbors', 'default') ?? {}) as Record<string, { state: string }>).map(
      ({ state }) => state,
    )
  for (const [name, port] of ends) {
    const down = await waitUntil(`${name} down`, async () => {
      const agent = await client.get('Agent', name)
      return stringAt(agent, 'status', 'state', 'interfaces', port, 'oper') === 'down' && agent
    })
    expect(sessions(down)).toContain('active')
  }
  for (const [name, port] of ends) {
    const up = await waitUntil(`${name} up`, async () => {
      const agent = await client.get('Agent', name)
      return stringAt(agent, 'status', 'state', 'interfaces', port, 'oper') === 'up' && !sessions(agent).includes('active') && agent
    })
    expect(numberAt(up, 'status', 'state', 'interfaces', port, 'linkFlapCount')).toBe(1)
  }
  await expect(life.act({ step: 'link_flap', device: 'quay-leaf-1', port: 'E1/64', seconds: 1 })).rejects.toThrow('no connection uses')
})

test('[LF11] a silent switch writes nothing and applies nothing; after a reboot its boot id is another', async () => {
  const { client, life } = await alive()
  const before = await client.get('Agent', 'quay-leaf-1')
  await life.act({ step: 'switch_reboot', name: 'quay-leaf-1', seconds: 45 })
  await life.act({ step: 'describe', kind: 'Switch', name: 'quay-leaf-1', description: 'new optics' })
  await waitUntil('a new generation', async () => ((await client.get('Agent', 'quay-leaf-1')).metadata.generation ?? 0) > 1)
  const reports = life.counts.reports
  await waitUntil('the others beat', () => life.counts.reports >= reports + 2)
  const silent = await client.get('Agent', 'quay-leaf-1')
  expect(numberAt(silent, 'status', 'lastAppliedGen')).toBe(1)
  const back = await waitUntil('back and applied', async () => {
    const agent = await client.get('Agent', 'quay-leaf-1')
    return (await applied(client, 'quay-leaf-1')) && agent
  })
  expect(stringAt(back, 'status', 'bootID')).not.toBe(stringAt(before, 'status', 'bootID'))
  expect(stringAt(back, 'status', 'installID')).toBe(stringAt(before, 'status', 'installID'))
})

test('[LF12] hosts get leases beside those that are there', async () => {
  const { client, life } = await alive()
  const [subnet] = (await client.list('DHCPSubnet')).items
  const name = subnet === undefined ? '' : nameOfObject(subnet)
  await life.act({ step: 'dhcp_lease', subnet: name, number: 30 })
  const leases = valueAt(await client.get('DHCPSubnet', name), 'status', 'allocated')
  expect(Object.keys(leases as object)).toHaveLength(4)
})

test('[LF13] the same fabric and seed give the same story, another seed another; every kind of step comes up', () => {
  const fabric = spineLeafFabric()
  const story = (seed: number): ScriptedStep[] => {
    const script = demoScript(new FabricIndex(fabric.objects), fabric.plan, seed)
    return Array.from({ length: 60 }, () => script.next().value as ScriptedStep)
  }
  expect(story(7)).toEqual(story(7))
  expect(story(8)).not.toEqual(story(7))
  expect(new Set(story(7).map(({ step }) => step.step))).toEqual(
    new Set(['create', 'delete', 'describe', 'link_flap', 'switch_silent', 'switch_reboot', 'dhcp_lease']),
  )
})

test('[LF13] the story runs to its end through the cluster without a refused step', async () => {
  const fabric = meshFabric()
  const script = demoScript(new FabricIndex(fabric.objects), fabric.plan, 3)
  const steps = Array.from({ length: 11 }, () => script.next().value as ScriptedStep)
  const { life, errors } = await alive(steps, 30)
  await waitUntil('one round', () => life.done.length === 11, 30_000)
  expect(life.done.filter(({ error }) => error !== null)).toEqual([])
  expect(errors).toEqual([])
}, 40_000)

test('[LF14] while paused no step is done and switches go on beating; afterwards the story goes on', async () => {
  const describe = (text: string): ScriptedStep => ({
    afterSeconds: 3,
    step: { step: 'describe', kind: 'Server', name: 'quay-srv-01', description: text },
  })
  const { life } = await alive([describe('one'), describe('two')])
  life.pause()
  const steps = life.done.length
  const { reports } = life.counts
  await waitUntil('beats', () => life.counts.reports >= reports + 6)
  expect(life.done.length).toBeLessThanOrEqual(steps + 1)
  life.resume()
  await waitUntil('the rest', () => life.done.length === 2)
})

test('[LF15] a restart of the cluster is survived: switches report again', async () => {
  const { server, client, life } = await alive()
  await server.control.restart({ downMs: 50 })
  const { reports } = life.counts
  await waitUntil('reports after the restart', () => life.counts.reports >= reports + 6)
  await life.act({ step: 'describe', kind: 'Switch', name: 'quay-leaf-3', description: 'after the restart' })
  await waitUntil('a generation applied', async () => {
    const agent = await client.get('Agent', 'quay-leaf-3')
    return stringAt(agent, 'spec', 'description') === 'after the restart' && (await applied(client, 'quay-leaf-3'))
  })
})
