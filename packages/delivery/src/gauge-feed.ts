import { reaches, scopeMatches, type Clock, type Gauge } from '@binnacle/protocol'
import type { Group } from './group.ts'
import { frameBytes } from './shared-frame.ts'
import type { Subscription } from './subscription.ts'

/** Volatile values, as delivery needs them; `LiveFabrics` of the hub fits. */
export interface GaugePort {
  gauges(scope: string): readonly Gauge[]
  onGauges(listener: (values: readonly Gauge[]) => void): () => void
}

const keyOf = (gauge: Gauge): string => JSON.stringify([gauge.scope, gauge.kind, gauge.name])

/**
 * Sends gauges to subscriptions that name scopes: latest wins, at most one frame per group and interval, only where the
 * right reaches viewer on the scope.
 */
export class GaugeFeed {
  readonly #port: GaugePort
  readonly #clock: Clock
  readonly #intervalMs: number
  readonly #groups: () => Iterable<Group>
  readonly #scopes = new Set<string>()
  readonly #held = new Map<string, { readonly gauge: Gauge; readonly at: number }>()
  readonly #end: () => void
  #timer: { cancel(): void } | null = null
  #sentAt = Number.NEGATIVE_INFINITY
  frames = 0

  constructor(port: GaugePort, clock: Clock, intervalMs: number, groups: () => Iterable<Group>) {
    this.#port = port
    this.#clock = clock
    this.#intervalMs = intervalMs
    this.#groups = groups
    this.#end = port.onGauges((values) => this.#take(values))
  }

  /** Whether a group may see a gauge and asked for it. */
  static passes(group: Group, gauge: Gauge): boolean {
    const { filter, rights } = group.effective
    if (!filter.scopes?.some((pattern) => scopeMatches(pattern, gauge.scope))) return false
    if (filter.kinds?.length && !filter.kinds.includes(gauge.kind)) return false
    if (filter.names?.length && !filter.names.includes(gauge.name)) return false
    return reaches(rights, gauge.scope, 'viewer')
  }

  /** What a new subscription sees first. */
  greet(subscription: Subscription): void {
    const scopes = subscription.group.effective.filter.scopes ?? []
    const known = [...new Set([...this.#scopes, ...scopes.filter((scope) => !scope.endsWith('*'))])]
    const values = known.flatMap((scope) =>
      scopes.some((pattern) => scopeMatches(pattern, scope))
        ? this.#port.gauges(scope).filter((gauge) => GaugeFeed.passes(subscription.group, gauge))
        : [],
    )
    if (values.length > 0) this.#send([subscription], subscription.group.sub, values)
  }

  /** No more gauges are sent. */
  close(): void {
    this.#end()
    this.#timer?.cancel()
  }

  #take(values: readonly Gauge[]): void {
    const at = this.#clock.monotonic()
    for (const gauge of values) {
      this.#scopes.add(gauge.scope)
      this.#held.set(keyOf(gauge), { gauge, at })
    }
    if (this.#timer !== null) return
    this.#timer = this.#clock.after(Math.max(0, this.#sentAt + this.#intervalMs - at), () => {
      this.#timer = null
      this.#flush()
    })
  }

  #flush(): void {
    const now = this.#clock.monotonic()
    this.#sentAt = now
    const values = [...this.#held.values()].map(({ gauge, at }) => ({ ...gauge, age_ms: Math.round(gauge.age_ms + now - at) }))
    this.#held.clear()
    for (const group of this.#groups()) {
      if (group.members.size === 0 || !group.effective.filter.scopes?.length) continue
      const own = values.filter((gauge) => GaugeFeed.passes(group, gauge))
      if (own.length > 0) this.#send(group.members, group.sub, own)
    }
  }

  #send(subscriptions: Iterable<Subscription>, sub: number, values: Gauge[]): void {
    const bytes = frameBytes({ type: 'gauges', sub, values })
    this.frames++
    for (const { reader } of subscriptions) if (!reader.outbox.congested && reader.maySend()) reader.outbox.send(bytes, sub)
  }
}
