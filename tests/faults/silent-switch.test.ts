import { FabricLife, labClock, spineLeafFabric, startLabServer } from '@binnacle/lab'
import type { BinnacleEvent } from '@binnacle/protocol'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { startHubProcess } from '../system/_hub-process.ts'
import { viewHub } from './_hub-view.ts'
import { until } from './_until.ts'

/** The shortest deadline there is. */
const DEADLINE_SECONDS = 20
/** Beats come every three seconds instead of every fifteen. */
const SPEED = 5
const SWITCHES = 7

const undo: (() => unknown)[] = []
afterEach(async () => {
  for (const step of undo.splice(0).toReversed()) await step()
})

test(
  '[SY33] idle switches write nothing into the log; one that falls silent is found by the timer, and seen to come back',
  { timeout: 180_000 },
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'binnacle-silent-'))
    undo.push(() => rmSync(folder, { recursive: true, force: true }))
    const lab = await startLabServer({ watch: { bookmarkMs: 2_000 } })
    undo.push(() => lab.close())
    const { objects, plan } = spineLeafFabric({ name: 'harbor', at: Date.now() })
    lab.control.seed(objects)
    const kubeconfig = join(folder, 'harbor.kubeconfig')
    writeFileSync(kubeconfig, lab.kubeconfig(), { mode: 0o600 })
    const life = new FabricLife({
      access: { server: lab.url, ca: lab.ca, token: lab.token() },
      plan,
      clock: labClock,
      speed: SPEED,
      script: 'none',
    })
    undo.push(() => life.stop())
    life.start()
    const settings = { stall_deadline_seconds: 10, heartbeat_deadline_seconds: DEADLINE_SECONDS }
    const hub = await startHubProcess({ config: { fabrics: [{ name: 'harbor', kubeconfig, settings }] } })
    undo.push(() => hub.close())
    const view = await viewHub(hub)
    undo.push(() => view.close())
    const id = await view.id('harbor')
    await view.live(id)
    const health = async () => (await view.detail(id)).kinds.find(({ kind }) => kind === 'Switch')?.by_health
    await until('every switch was heard', async () => (await health())?.healthy === SWITCHES, 40_000)
    // What the first beats brought (first reports, generations applied) is told; now nothing happens but beats.
    let quiet = { at: (await view.detail(id)).at, reports: life.counts.reports }
    await until(
      'three beats of each switch move nothing',
      async () => {
        const { at } = await view.detail(id)
        if (at !== quiet.at) quiet = { at, reports: life.counts.reports }
        return life.counts.reports - quiet.reports >= SWITCHES * 3
      },
      40_000,
    )
    const silentName = 'harbor-leaf-3'
    const changes = (): BinnacleEvent[] =>
      view.events.filter(({ event_type, subject }) => event_type === 'switch_health_changed' && subject?.name === silentName)
    const before = changes().length
    const begun = Date.now()
    await life.act({ step: 'switch_silent', name: silentName, seconds: 30 * SPEED })
    const found = await until('the silence is told', () => changes()[before], 40_000)
    const after = Date.parse(found.metadata.observed_at) - begun
    expect(after).toBeLessThan((DEADLINE_SECONDS + 2) * 1_000)
    // Its last beat may be a whole period old.
    expect(after).toBeGreaterThan((DEADLINE_SECONDS - 15 / SPEED - 1) * 1_000)
    expect((found.data['after'] as { health: string }).health).not.toBe('healthy')
    expect(JSON.stringify(found.data['after']), 'it says from what').toContain('heartbeat')
    expect(await health()).toMatchObject({ healthy: SWITCHES - 1 })
    const back = await until('it is heard again', () => changes()[before + 1], 40_000)
    expect((back.data['after'] as { health: string }).health).toBe('healthy')
    expect(await health()).toEqual({ healthy: SWITCHES })
    expect(
      new Set(
        view.events
          .filter(({ event_type, seq }) => event_type === 'switch_health_changed' && seq >= found.seq)
          .map(({ subject }) => subject?.name),
      ),
    ).toEqual(new Set([silentName]))
  },
)
