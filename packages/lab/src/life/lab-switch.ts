import { numberAt, stringAt } from '@binnacle/hedgehog'
import type { Clock, Random } from '@binnacle/protocol'
import { objectOr, type JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import { agentStatus, appliedCondition, bootIds, secondsText } from '../fabrics/agent-status.ts'
import type { FabricIndex } from '../fabrics/fabric-index.ts'
import type { LabClient } from './lab-client.ts'
import type { LifeTimers } from './life-timers.ts'

/** Switches say that they live every 15 seconds, as real ones do. */
export const BEAT_MS = 15_000
/** From a new generation to the attempt, and from there to the end of it. */
const ATTEMPT_MS = 500
const APPLY_MS = { least: 2_000, spread: 3_000 }
/** How long a session takes to come back after its link or its switch did. */
const SESSION_MS = 3_000

/** What a switch needs. */
export interface LabSwitchOptions {
  readonly name: string
  readonly client: LabClient
  readonly index: FabricIndex
  readonly timers: LifeTimers
  readonly clock: Clock
  readonly random: Random
  /** Delay of the first heartbeat, so that not all switches beat at once. */
  readonly firstBeatMs: number
  readonly onBeat: () => void
  readonly onError: (error: unknown) => void
}

/** A switch with its agent, as far as a cluster can see it: reports, generations it applies, links, reboots, silence. */
export class LabSwitch {
  readonly #options: LabSwitchOptions
  readonly #downPorts = new Map<string, { flaps: number; since: number; down: boolean }>()
  readonly #lostSessions = new Set<string>()
  #wanted: number
  #attempted: number
  #applied: number
  #attemptedAt: number
  #appliedAt: number
  #bootedAt: number
  #boot = 1
  #silent = 0
  #applying: { cancel(): void } | undefined
  #beating: { cancel(): void } | undefined
  #writing: Promise<void> = Promise.resolve()
  #ended = false

  constructor(agent: KubeObject, options: LabSwitchOptions) {
    this.#options = options
    const now = options.clock.now()
    this.#wanted = agent.metadata.generation ?? 1
    // A switch that was there before goes on where its last report left off; a new one has applied nothing.
    this.#applied = numberAt(agent, 'status', 'lastAppliedGen') ?? 0
    this.#attempted = this.#applied
    this.#attemptedAt = Date.parse(stringAt(agent, 'status', 'lastAttemptTime') ?? '') || now
    this.#appliedAt = Date.parse(stringAt(agent, 'status', 'lastAppliedTime') ?? '') || now
    // As its last report had it, so that the first beat of this life changes nothing either.
    this.#bootedAt = (Date.parse(stringAt(agent, 'status', 'lastHeartbeat') ?? '') || now) - 86_400_000
    this.#beating = options.timers.after(options.firstBeatMs, () => this.#beat())
    if (this.#wanted !== this.#applied) this.#apply()
  }

  /** The generation the cluster wants. */
  wants(generation: number): void {
    if (generation === this.#wanted) return
    this.#wanted = generation
    this.#apply()
  }

  /** Says nothing and applies nothing for this long. */
  silence(ms: number): void {
    this.#silent += 1
    this.#options.timers.after(ms, () => {
      this.#silent -= 1
      if (this.#silent > 0) return
      this.#report()
      if (this.#wanted !== this.#applied) this.#apply()
    })
  }

  /** Goes away for this long and comes back with a new boot id. */
  reboot(ms: number): void {
    this.#options.timers.after(ms - 1, () => {
      this.#boot += 1
      this.#bootedAt = this.#options.clock.now()
    })
    this.silence(ms)
  }

  /** Takes a link down or brings it up; `sessions` are the BGP neighbours that go with it. */
  link(port: string, up: boolean, sessions: readonly string[]): void {
    const flaps = (this.#downPorts.get(port)?.flaps ?? 0) + (up ? 0 : 1)
    this.#downPorts.set(port, { flaps, since: this.#options.clock.now(), down: !up })
    if (up) {
      this.#options.timers.after(SESSION_MS, () => {
        for (const session of sessions) this.#lostSessions.delete(session)
        this.#report()
      })
    } else for (const session of sessions) this.#lostSessions.add(session)
    this.#report()
  }

  /** Ends it; resolves when its last report is written. */
  async end(): Promise<void> {
    this.#ended = true
    this.#beating?.cancel()
    this.#applying?.cancel()
    await this.#writing
  }

  #beat(): void {
    if (this.#ended) return
    this.#beating = this.#options.timers.after(BEAT_MS, () => this.#beat())
    this.#report()
  }

  #apply(): void {
    if (this.#silent > 0 || this.#applying !== undefined || this.#ended) return
    const { timers, clock, random } = this.#options
    this.#applying = timers.after(ATTEMPT_MS, () => {
      const generation = this.#wanted
      this.#attempted = generation
      this.#attemptedAt = clock.now()
      this.#report()
      this.#applying = timers.after(APPLY_MS.least + random() * APPLY_MS.spread, () => {
        this.#applying = undefined
        // A switch that went away in between begins again when it is back.
        if (this.#silent > 0) return
        this.#applied = generation
        this.#appliedAt = clock.now()
        this.#report()
        if (this.#wanted !== generation) this.#apply()
      })
    })
  }

  #report(): void {
    if (this.#silent > 0 || this.#ended) return
    // One after the other: a report must never overwrite a later one.
    this.#writing = this.#writing.then(() => this.#write())
  }

  async #write(): Promise<void> {
    const { client, name, onBeat, onError } = this.#options
    try {
      await client.set('Agent', name, 'status', this.#status())
      onBeat()
    } catch (error) {
      onError(error)
    }
  }

  #status(): JsonObject {
    const { name, index, clock } = this.#options
    const at = clock.now()
    const status = agentStatus(name, index, { at, generation: this.#applied, boot: this.#boot, bootedAt: this.#bootedAt })
    const applied = this.#attempted === this.#applied
    return {
      ...status,
      // Milliseconds, unlike the cluster's own times: life may run faster than a beat per second.
      lastHeartbeat: new Date(at).toISOString(),
      lastAttemptGen: this.#attempted,
      lastAttemptTime: secondsText(this.#attemptedAt),
      lastAppliedGen: this.#applied,
      lastAppliedTime: secondsText(this.#appliedAt),
      conditions: [appliedCondition(applied, this.#attempted, applied ? this.#appliedAt : this.#attemptedAt)],
      ...bootIds(name, this.#boot),
      state: this.#withTroubles(objectOr(status['state'])),
    }
  }

  #withTroubles(state: JsonObject): JsonObject {
    const interfaces = objectOr(state['interfaces'])
    for (const [port, { flaps, since, down }] of this.#downPorts) {
      const found = objectOr(interfaces[port])
      interfaces[port] = {
        ...found,
        linkFlapCount: flaps,
        change: secondsText(since),
        ...(down && { oper: 'down', lldpNeighbors: [], counters: {} }),
      }
    }
    const vrfs = objectOr(state['bgpNeighbors'])
    for (const [vrf, peers] of Object.entries(vrfs)) {
      for (const [address, session] of Object.entries(objectOr(peers))) {
        if (this.#lostSessions.has(address))
          objectOr(vrfs[vrf])[address] = {
            ...objectOr(session),
            state: 'active',
            connDropped: 1,
            prefixes: {},
            lastResetReason: 'link down',
          }
      }
    }
    return state
  }
}
