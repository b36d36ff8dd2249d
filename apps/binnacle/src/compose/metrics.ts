import type { Delivery } from '@binnacle/delivery'
import type { LiveHub } from '@binnacle/hub'
import type { FabricStore, StoreControl } from '@binnacle/protocol'
import { Gauge, Registry, collectDefaultMetrics } from 'prom-client'

/** What is measured. */
export interface MetricsPorts {
  readonly store: StoreControl
  readonly fabrics: FabricStore
  readonly live: LiveHub
  readonly delivery: Delivery
}

/** Prometheus text. Labels are ids and names of our own lists, never what a client sends, so their number is bounded. */
export function createMetrics(ports: MetricsPorts): () => Promise<string> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry, prefix: 'binnacle_' })
  const gauge = (name: string, help: string, labelNames: string[] = []): Gauge =>
    new Gauge({ name: `binnacle_${name}`, help, labelNames, registers: [registry] })
  const head = gauge('log_head', 'seq of the newest event')
  const oldest = gauge('log_oldest', 'seq before the oldest kept event')
  const databaseBytes = gauge('database_bytes', 'size of the database')
  const pendingFacts = gauge('pending_facts', 'facts that wait for the writer')
  const commitMs = gauge('commit_p99_milliseconds', '99th percentile of recent commits')
  const storeOk = gauge('store_ok', '1 when the store can be written')
  const connections = gauge('connections', 'live connections')
  const subscriptions = gauge('subscriptions', 'subscriptions of live connections')
  const lagging = gauge('connections_lagging', 'connections that read from the log at their own pace')
  const unsent = gauge('unsent_bytes', 'bytes that wait in sockets')
  const hop = gauge(
    'hop_milliseconds',
    'how long the newest events took: from the watch line to the commit, from the commit to the frame',
    ['hop', 'quantile'],
  )
  const watchLive = gauge('watch_live', '1 when the watch of a kind is live', ['fabric', 'kind'])
  const watchProof = gauge('watch_seconds_since_proof', 'seconds since the server last showed that it lives', ['fabric', 'kind'])
  const watchObjects = gauge('watch_objects', 'objects of a kind', ['fabric', 'kind'])
  const gaugesDropped = gauge('gauges_dropped', 'volatile values that had to give way')
  const heartbeatLoop = gauge('heartbeat_loop_idle_milliseconds', 'since the heartbeat watch last looked')
  return async () => {
    const health = await ports.store.health()
    head.set(health.head)
    oldest.set(health.oldest)
    databaseBytes.set(health.databaseBytes)
    pendingFacts.set(health.pendingFacts)
    commitMs.set(health.commitMsP99)
    storeOk.set(health.ok ? 1 : 0)
    const delivery = ports.delivery.metrics()
    connections.set(delivery.connections)
    subscriptions.set(delivery.subscriptions)
    lagging.set(delivery.lagging)
    unsent.set(delivery.unsentBytes)
    for (const [name, { p50, p99 }] of Object.entries({
      observed_to_commit: delivery.observedToCommitMs,
      commit_to_frame: delivery.commitToFrameMs,
      observed_to_frame: delivery.observedToFrameMs,
    })) {
      if (p50 !== null) hop.set({ hop: name, quantile: '0.5' }, p50)
      if (p99 !== null) hop.set({ hop: name, quantile: '0.99' }, p99)
    }
    gaugesDropped.set(ports.live.board.dropped)
    heartbeatLoop.set(ports.live.heartbeats.idleMs)
    for (const each of [watchLive, watchProof, watchObjects]) each.reset()
    for (const { id, name } of await ports.fabrics.all()) {
      for (const watch of ports.live.watches(id)) {
        const labels = { fabric: name, kind: watch.kind }
        watchLive.set(labels, watch.state === 'live' ? 1 : 0)
        if (watch.seconds_since_proof !== null) watchProof.set(labels, watch.seconds_since_proof)
        if (watch.objects !== null) watchObjects.set(labels, watch.objects)
      }
    }
    return registry.metrics()
  }
}
