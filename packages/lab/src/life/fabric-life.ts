import { linksOf } from '@binnacle/hedgehog'
import type { Clock } from '@binnacle/protocol'
import { objectOr } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import type { AddressPlan } from '../fabrics/addressing.ts'
import { lease } from '../fabrics/dhcp-subnets.ts'
import { nameOfObject } from '../fabrics/lab-object.ts'
import { LabController } from './controller.ts'
import { LabAnswerError, LabClient, type ClusterAccess } from './lab-client.ts'
import { BEAT_MS, LabSwitch } from './lab-switch.ts'
import { LifeTimers } from './life-timers.ts'
import { demoScript, type LifeStep, type ScriptedStep } from './life-script.ts'
import { seededRandom } from './seeded-random.ts'

/** What the life of a fabric needs. */
export interface FabricLifeOptions {
  readonly access: ClusterAccess
  readonly plan: AddressPlan
  readonly clock: Clock
  /** Same seed, same story; 1. */
  readonly seed?: number
  /** How much faster than the clock everything goes; 1. */
  readonly speed?: number
  /** The story; `none` for switches that only beat. The demo's unless given. */
  readonly script?: Iterable<ScriptedStep> | 'none'
  /** Failures are tried again; this is for telling them. */
  readonly onError?: (error: unknown) => void
}

/** A step that was done, and when (milliseconds since 1970). */
export interface DoneStep {
  readonly at: number
  readonly step: LifeStep
  readonly error: string | null
}

/** Steps remembered. */
const REMEMBERED = 1_000

/** Controller, switches and a story for one fabric; everything goes through the cluster's HTTP API, as in real life. */
export class FabricLife {
  readonly #options: FabricLifeOptions
  readonly #client: LabClient
  readonly #controller: LabController
  readonly #switches = new Map<string, LabSwitch>()
  /** Of the switches: they go on beating while the story is paused. */
  readonly #beats: LifeTimers
  readonly #story: LifeTimers
  readonly #done: DoneStep[] = []
  #script: Iterator<ScriptedStep> | undefined
  #acting: Promise<void> = Promise.resolve()
  #reports = 0
  #failures = 0

  constructor(options: FabricLifeOptions) {
    this.#options = options
    this.#client = new LabClient(options.access)
    this.#beats = new LifeTimers(options.clock, options.speed ?? 1)
    this.#story = new LifeTimers(options.clock, options.speed ?? 1)
    this.#controller = new LabController({
      client: this.#client,
      plan: options.plan,
      clock: options.clock,
      onAgent: (agent) => this.#agent(agent),
      onAgentGone: (name) => {
        void this.#switches.get(name)?.end()
        this.#switches.delete(name)
      },
      onError: (error) => this.#failed(error),
    })
  }

  /** Status reports written, objects written by the controller, failures that were tried again. */
  get counts(): { readonly reports: number; readonly writes: number; readonly failures: number; readonly switches: number } {
    return { reports: this.#reports, writes: this.#controller.writes, failures: this.#failures, switches: this.#switches.size }
  }

  /** What the story has done so far, oldest first. */
  get done(): readonly DoneStep[] {
    return this.#done
  }

  start(): void {
    this.#controller.start()
    this.#next()
  }

  /** Stops the story; switches go on beating, and controllers and running steps finish what they began. */
  pause(): void {
    this.#story.pause()
  }

  resume(): void {
    this.#story.resume()
  }

  /** Does one step now, out of turn. Rejects when the cluster refuses it. */
  async act(step: LifeStep): Promise<void> {
    let error: string | null = null
    try {
      await this.#act(step)
    } catch (failure) {
      error = failure instanceof Error ? failure.message : String(failure)
      throw failure
    } finally {
      this.#done.push({ at: this.#options.clock.now(), step, error })
      if (this.#done.length > REMEMBERED) this.#done.shift()
    }
  }

  /** Ends everything; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#story.clear()
    this.#beats.clear()
    await this.#acting
    await this.#controller.stop()
    await Promise.all([...this.#switches.values()].map((one) => one.end()))
    this.#beats.clear()
    this.#story.clear()
    this.#client.close()
  }

  #failed(error: unknown): void {
    this.#failures += 1
    this.#options.onError?.(error)
  }

  #agent(agent: KubeObject): void {
    const name = nameOfObject(agent)
    const known = this.#switches.get(name)
    if (known !== undefined) {
      known.wants(agent.metadata.generation ?? 1)
      return
    }
    const place = this.#switches.size
    this.#switches.set(
      name,
      new LabSwitch(agent, {
        name,
        client: this.#client,
        index: this.#controller.index,
        timers: this.#beats,
        clock: this.#options.clock,
        random: seededRandom((this.#options.seed ?? 1) + place),
        // Spread over one period: real switches do not beat in step either.
        firstBeatMs: ((place * BEAT_MS) / 16) % BEAT_MS,
        onBeat: () => {
          this.#reports += 1
        },
        onError: (error) => this.#failed(error),
      }),
    )
  }

  #next(): void {
    const { script, plan, seed } = this.#options
    if (script === 'none') return
    const { index } = this.#controller
    if (this.#script === undefined && script === undefined && !this.#controller.ready) {
      // The story is told about the fabric that is there, so it waits until that is known.
      this.#story.after(1_000, () => this.#next())
      return
    }
    this.#script ??= (script ?? demoScript(index, plan, seed ?? 1))[Symbol.iterator]()
    const { value, done } = this.#script.next()
    if (done === true) return
    this.#story.after(value.afterSeconds * 1_000, () => {
      this.#acting = this.act(value.step).catch((error: unknown) => this.#failed(error))
      void this.#acting.then(() => this.#next())
    })
  }

  async #act(step: LifeStep): Promise<void> {
    switch (step.step) {
      case 'create':
        return this.#client.put(step.object)
      case 'delete':
        return this.#client.remove(step.kind, step.name).catch((error: unknown) => {
          // Somebody else was faster: it is gone, as wanted.
          if (!(error instanceof LabAnswerError) || error.status !== 404) throw error
        })
      case 'describe':
        return this.#client.merge(step.kind, step.name, { spec: { description: step.description } })
      case 'link_flap':
        return this.#flap(step.device, step.port, step.seconds)
      case 'switch_silent':
        return this.#switch(step.name).silence(step.seconds * 1_000)
      case 'switch_reboot':
        return this.#switch(step.name).reboot(step.seconds * 1_000)
      case 'dhcp_lease':
        return this.#lease(step.subnet, step.number)
    }
  }

  #switch(name: string): LabSwitch {
    const found = this.#switches.get(name)
    if (found === undefined) throw new RangeError(`there is no switch ${name}`)
    return found
  }

  #flap(device: string, port: string, seconds: number): void {
    const ends = this.#controller.index
      .all('Connection')
      .flatMap((connection) => linksOf(connection))
      .find((link) => link.ends.some((end) => end.device === device && end.port === port))?.ends
    if (ends === undefined) throw new RangeError(`no connection uses port ${port} of ${device}`)
    const both = (up: boolean): void => {
      for (const [place, end] of ends.entries()) {
        const far = ends[1 - place]?.ip
        if (end.role === 'switch')
          this.#switches.get(end.device)?.link(end.port, up, far === undefined ? [] : [far.slice(0, far.indexOf('/'))])
      }
    }
    both(false)
    this.#beats.after(seconds * 1_000, () => both(true))
  }

  async #lease(name: string, number: number): Promise<void> {
    const subnet = await this.#client.get('DHCPSubnet', name)
    const { mac, entry } = lease(subnet, number, this.#options.clock.now())
    const status = objectOr(subnet['status'])
    await this.#client.set('DHCPSubnet', name, 'status', { ...status, allocated: { ...objectOr(status['allocated']), [mac]: entry } })
  }
}
