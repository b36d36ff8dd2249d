import type { Clock } from '@binnacle/protocol'
import { equal, objectOr } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import type { AddressPlan } from '../fabrics/addressing.ts'
import { agentSpec } from '../fabrics/agent-spec.ts'
import { catalogSpec } from '../fabrics/catalog.ts'
import { dhcpSubnets } from '../fabrics/dhcp-subnets.ts'
import { FabricIndex } from '../fabrics/fabric-index.ts'
import { labObject, nameOfObject, specOf } from '../fabrics/lab-object.ts'
import { followKind } from './follow-kind.ts'
import type { LabClient } from './lab-client.ts'

/** Kinds from which the controller makes Agents, Catalog and DHCPSubnets, and these themselves. */
const KINDS = [
  'IPv4Namespace',
  'VLANNamespace',
  'Switch',
  'Connection',
  'VPC',
  'External',
  'VPCAttachment',
  'ExternalAttachment',
  'VPCPeering',
  'ExternalPeering',
  'Agent',
  'Catalog',
  'DHCPSubnet',
]
/** Kinds it only keeps in mind, for the story. */
const EXTRAS = ['Server']
/** Changes that come together are worked off together. */
const GATHER_MS = 100
const AGAIN_MS = 2_000

/** What a controller needs. */
export interface ControllerOptions {
  readonly client: LabClient
  readonly plan: AddressPlan
  readonly clock: Clock
  /** Called with every version of an Agent, first of all with those that are there. */
  readonly onAgent: (agent: KubeObject) => void
  readonly onAgentGone: (name: string) => void
  readonly onError: (error: unknown) => void
}

/**
 * What Hedgehog's controller does, as far as one can see it from outside: it makes one Agent per Switch, whose spec (and
 * so whose generation) follows the objects that concern the switch, keeps the Catalog and one DHCPSubnet per subnet.
 */
export class LabController {
  readonly index = new FabricIndex()
  readonly #options: ControllerOptions
  readonly #ending = new AbortController()
  readonly #listed = new Set<string>()
  #following: Promise<unknown> = Promise.resolve()
  #working: Promise<void> = Promise.resolve()
  #timer: { cancel(): void } | undefined
  #writes = 0

  constructor(options: ControllerOptions) {
    this.#options = options
  }

  /** Whether every kind has been listed: before that the fabric is not known. */
  get ready(): boolean {
    return this.#listed.size === KINDS.length + EXTRAS.length
  }

  /** How many objects it has written. */
  get writes(): number {
    return this.#writes
  }

  start(): void {
    const { client, clock, onError } = this.#options
    const how = { clock, signal: this.#ending.signal, onError }
    this.#following = Promise.all([...KINDS, ...EXTRAS].map((kind) => followKind(client, kind, this.#listener(kind), how)))
  }

  /** Ends it; resolves when nothing of it runs any more. */
  async stop(): Promise<void> {
    this.#ending.abort()
    this.#timer?.cancel()
    await this.#following
    await this.#working
  }

  #listener(kind: string): Parameters<typeof followKind>[2] {
    const put = (object: KubeObject): void => {
      const before = this.index.get(kind, nameOfObject(object))
      this.index.put(object)
      if (kind === 'Agent') this.#options.onAgent(object)
      // Reports of switches and leases change only the status: nothing to do.
      if (before === undefined || !equal(before['spec'], object['spec'])) this.#wake(GATHER_MS)
    }
    return {
      listed: (objects) => {
        const names = new Set(objects.map(nameOfObject))
        for (const known of this.index.all(kind)) if (!names.has(nameOfObject(known))) this.#gone(kind, nameOfObject(known))
        for (const object of objects) put(object)
        this.#listed.add(kind)
        this.#wake(GATHER_MS)
      },
      put,
      gone: (object) => this.#gone(kind, nameOfObject(object)),
    }
  }

  #gone(kind: string, name: string): void {
    this.index.remove(kind, name)
    if (kind === 'Agent') this.#options.onAgentGone(name)
    this.#wake(GATHER_MS)
  }

  #wake(ms: number): void {
    // Before everything is listed, an Agent would be told that its VPCs are gone.
    if (!this.ready || this.#ending.signal.aborted) return
    this.#timer?.cancel()
    this.#timer = this.#options.clock.after(ms, () => {
      this.#working = this.#working.then(() => this.#work()).catch((error: unknown) => this.#failed(error))
    })
  }

  #failed(error: unknown): void {
    if (this.#ending.signal.aborted) return
    this.#options.onError(error)
    this.#wake(AGAIN_MS)
  }

  async #work(): Promise<void> {
    const { index } = this
    const { plan } = this.#options
    const switches = index.all('Switch').map(nameOfObject)
    for (const name of switches) await this.#want(labObject('Agent', name, agentSpec(name, index, plan)))
    await this.#only('Agent', new Set(switches))
    const before = objectOr(index.get('Catalog', 'fabric')?.['spec'])
    await this.#want(labObject('Catalog', 'fabric', catalogSpec(index, before)))
    const subnets = dhcpSubnets(index)
    for (const subnet of subnets) await this.#want(subnet)
    await this.#only('DHCPSubnet', new Set(subnets.map(nameOfObject)))
  }

  async #want(object: KubeObject): Promise<void> {
    const there = this.index.get(object.kind, nameOfObject(object))
    if (this.#ending.signal.aborted || (there !== undefined && equal(there['spec'], object['spec']))) return
    this.#writes += 1
    if (there === undefined) await this.#options.client.put(object)
    else await this.#options.client.set(object.kind, nameOfObject(object), 'spec', specOf(object))
  }

  async #only(kind: string, wanted: ReadonlySet<string>): Promise<void> {
    for (const object of this.index.all(kind)) {
      if (this.#ending.signal.aborted || wanted.has(nameOfObject(object))) continue
      this.#writes += 1
      await this.#options.client.remove(kind, nameOfObject(object))
    }
  }
}
