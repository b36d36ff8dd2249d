import {
  BinnacleError,
  causeOf,
  fabricScope,
  type Clock,
  type FactSink,
  type LiveFabrics,
  type SyncReport,
  type WatchState,
  type WatchStatus,
} from '@binnacle/protocol'
import { HeartbeatWatch } from '../heartbeats/heartbeat-watch.ts'
import { GaugeBoard } from '../volatile/gauge-board.ts'
import { FabricWatch } from './fabric-watch.ts'
import type { ObjectKey } from '@binnacle/protocol'

/** Result of listing one kind anew. */
export interface RelistResult {
  readonly kind: string
  readonly group: string
  readonly objects: number | null
  readonly digest: string | null
  readonly differences: number | null
  readonly cause: SyncReport['kinds'][number]['cause']
}

/** What the hub needs of a running source. */
export interface LiveSource {
  watches(): readonly WatchStatus[]
  relist(): Promise<readonly RelistResult[]>
}

/** What the hub needs. */
export interface LiveHubOptions {
  readonly clock: Clock
  readonly sink: FactSink
  readonly onError: (error: unknown) => void
}

/** What a source tells about one fabric, besides facts. */
export interface FabricObserver {
  watchChanged(status: WatchStatus, before: WatchState | null): void
  volatile(key: ObjectKey, values: Record<string, unknown>, observedAt: number): void
}

interface Registered {
  source: LiveSource | undefined
  readonly watch: FabricWatch
  readonly heartbeatDeadlineMs: number
  syncing: Promise<SyncReport> | undefined
}

/** The live half of the hub: watch states, heartbeats and gauges of the fabrics that are registered. */
export class LiveHub implements LiveFabrics {
  readonly #options: LiveHubOptions
  readonly #fabrics = new Map<number, Registered>()
  readonly board: GaugeBoard
  readonly heartbeats: HeartbeatWatch

  constructor(options: LiveHubOptions) {
    this.#options = options
    this.board = new GaugeBoard(options.clock)
    this.heartbeats = new HeartbeatWatch({
      clock: options.clock,
      sink: options.sink,
      onError: options.onError,
      deadlineMs: (scope) => this.#fabrics.get(Number(scope.slice('fabric/'.length)))?.heartbeatDeadlineMs ?? 60_000,
    })
  }

  /** Makes a fabric known and returns the observer that its source talks to; {@link attach} follows. */
  register(fabricId: number, settings: { readonly heartbeatDeadlineMs: number }): FabricObserver {
    const { clock, sink, onError } = this.#options
    const watch = new FabricWatch({ fabricId, clock, sink, onError, watches: () => this.watches(fabricId) })
    this.#fabrics.set(fabricId, { source: undefined, watch, heartbeatDeadlineMs: settings.heartbeatDeadlineMs, syncing: undefined })
    const scope = fabricScope(fabricId)
    return {
      watchChanged: (status, before) => watch.changed(status, before),
      volatile: (key, values, observedAt) => {
        const { heartbeat, ...rest } = values
        const skew = typeof heartbeat === 'string' ? observedAt - Date.parse(heartbeat) : Number.NaN
        this.board.put(scope, key.kind, key.name, {
          ...rest,
          ...(typeof heartbeat === 'string' ? { heartbeat } : {}),
          ...(Number.isFinite(skew) ? { clock_skew_ms: Math.round(skew) } : {}),
        })
        if (typeof heartbeat === 'string') this.heartbeats.beat(key, heartbeat)
      },
    }
  }

  /** The source of a registered fabric runs. */
  attach(fabricId: number, source: LiveSource): void {
    const found = this.#fabrics.get(fabricId)
    if (found !== undefined) found.source = source
  }

  /** The fabric is stopped or removed: nothing of it is live any more. */
  unregister(fabricId: number): void {
    this.#fabrics.get(fabricId)?.watch.close()
    this.#fabrics.delete(fabricId)
    this.board.forget(fabricScope(fabricId))
    this.heartbeats.forget(fabricScope(fabricId))
  }

  /** An object is gone, its readings with it. */
  gone(key: ObjectKey): void {
    this.board.remove(key.scope, key.kind, key.name)
    this.heartbeats.remove(key)
  }

  watches(fabricId: number): readonly WatchStatus[] {
    return this.#fabrics.get(fabricId)?.source?.watches() ?? []
  }

  status(fabricId: number): ReturnType<LiveFabrics['status']> {
    return this.#fabrics.get(fabricId)?.watch.status ?? { status: 'unknown', since: this.#options.clock.now(), cause: null }
  }

  gauges(scope: string): ReturnType<LiveFabrics['gauges']> {
    return this.board.of(scope)
  }

  onGauges(listener: Parameters<LiveFabrics['onGauges']>[0]): () => void {
    return this.board.listen(listener)
  }

  /** Two people who press the button at once get the same sync. */
  syncCluster(fabricId: number, actor: string): Promise<SyncReport> {
    const found = this.#fabrics.get(fabricId)
    if (found?.source === undefined) return Promise.reject(new BinnacleError('UNAVAILABLE', `fabric ${fabricId} is not watched`))
    const { source } = found
    found.syncing ??= this.#sync(fabricId, source, actor).finally(() => {
      found.syncing = undefined
    })
    return found.syncing
  }

  close(): void {
    for (const { watch } of this.#fabrics.values()) watch.close()
    this.heartbeats.close()
    this.board.close()
  }

  async #sync(fabricId: number, source: LiveSource, actor: string): Promise<SyncReport> {
    const { clock, sink } = this.#options
    const begun = clock.monotonic()
    const note = (event_type: 'sync_started' | 'sync_completed' | 'sync_failed', data: Record<string, unknown>) =>
      sink.write([
        {
          fact: 'note',
          event: {
            event_type,
            scope: fabricScope(fabricId),
            subject: { kind: 'Fabric', name: String(fabricId) },
            data: { kind: 'cluster', ...data },
            observedAt: clock.now(),
            source: 'hub',
            actor,
          },
        },
      ])
    await note('sync_started', {})
    const kinds = await source.relist().catch(async (error: unknown) => {
      await note('sync_failed', { ms: Math.round(clock.monotonic() - begun), cause: causeOf(error) })
      throw error
    })
    const ok = kinds.every(({ cause }) => cause === null)
    const report: SyncReport = { fabric_id: fabricId, ok, ms: Math.round(clock.monotonic() - begun), kinds: [...kinds] }
    await note(ok ? 'sync_completed' : 'sync_failed', {
      ms: report.ms,
      kinds: kinds.map(({ kind, objects, differences, cause }) => ({ kind, objects, differences, cause })),
    })
    return report
  }
}
