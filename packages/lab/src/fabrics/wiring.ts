import type { JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import type { AddressPlan } from './addressing.ts'
import { labObject } from './lab-object.ts'
import { PORTS } from './switch-profiles.ts'

/** Draws cables: every call takes the next free port of the devices it names. */
export class Wiring {
  readonly connections: KubeObject[] = []
  /** The connections that lead to servers, in order: where VPCs can be attached. */
  readonly toServers: string[] = []
  readonly #plan: AddressPlan
  readonly #switchPorts = new Map<string, number>()
  readonly #serverPorts = new Map<string, number>()
  #links = 0

  constructor(plan: AddressPlan) {
    this.#plan = plan
  }

  /** Two switches, one above the other or side by side, with `links` numbered cables. */
  between(type: 'fabric' | 'mesh', upper: string, lower: string, links: number): void {
    const [one, other] = type === 'fabric' ? ['spine', 'leaf'] : ['leaf1', 'leaf2']
    this.#add(`${upper}--${type}--${lower}`, type, {
      links: Array.from({ length: links }, () => {
        const ips = this.#plan.link(this.#links++)
        return { [one]: { port: this.#switchPort(upper), ip: ips.first }, [other]: { port: this.#switchPort(lower), ip: ips.second } }
      }),
    })
  }

  /** A server on one switch with one cable. */
  unbundled(server: string, leaf: string): void {
    this.toServers.push(this.#add(`${server}--unbundled--${leaf}`, 'unbundled', { link: this.#serverLink(server, leaf) }))
  }

  /** A server on one switch with two cables as one. */
  bundled(server: string, leaf: string): void {
    const links = [this.#serverLink(server, leaf), this.#serverLink(server, leaf)]
    this.toServers.push(this.#add(`${server}--bundled--${leaf}`, 'bundled', { links }))
  }

  /** A server on two switches of a group. */
  eslag(server: string, leaves: readonly string[]): void {
    const links = leaves.map((leaf) => this.#serverLink(server, leaf))
    this.toServers.push(this.#add(`${server}--eslag--${leaves.join('--')}`, 'eslag', { links }))
  }

  /** Two ports of a switch wired to each other. */
  loopback(leaf: string): void {
    const links = [{ switch1: { port: this.#switchPort(leaf) }, switch2: { port: this.#switchPort(leaf) } }]
    this.#add(`${leaf}--vpc-loopback`, 'vpcLoopback', { links })
  }

  /** A port that leads out; returns the connection's name. */
  external(leaf: string, to: string): string {
    return this.#add(`${leaf}--external--${to}`, 'external', { link: { switch: { port: this.#switchPort(leaf) } } })
  }

  #serverLink(server: string, leaf: string): JsonObject {
    const number = (this.#serverPorts.get(server) ?? 0) + 1
    this.#serverPorts.set(server, number)
    return { server: { port: `${server}/ens${number}f0` }, switch: { port: this.#switchPort(leaf) } }
  }

  #switchPort(device: string): string {
    const number = (this.#switchPorts.get(device) ?? 0) + 1
    if (number > PORTS) throw new RangeError(`${device} has only ${PORTS} ports; give the fabric more leaves`)
    this.#switchPorts.set(device, number)
    return `${device}/E1/${number}`
  }

  #add(name: string, type: string, body: JsonObject): string {
    this.connections.push(labObject('Connection', name, { [type]: body }))
    return name
  }
}
