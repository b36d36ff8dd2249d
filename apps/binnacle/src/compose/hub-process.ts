import { createApi, type ApiKind } from '@binnacle/api'
import { webFolder } from '@binnacle/console'
import { createDelivery } from '@binnacle/delivery'
import { KINDS } from '@binnacle/hedgehog'
import { LiveHub, projectorModule } from '@binnacle/hub'
import { Identity } from '@binnacle/identity'
import { BinnacleError, errorCodeOf, problemOf, ERRORS, type Clock, type Random } from '@binnacle/protocol'
import { KEY_GENERATION, openSqliteStore, type Store } from '@binnacle/store'
import { createHash, randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { isAbsolute, join, resolve } from 'node:path'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { adminOperations } from '../admin/admin-operations.ts'
import type { AdminOperations } from '../admin/operations.ts'
import { serveAdminSocket } from '../admin/socket.ts'
import type { Config } from '../config/load-config.ts'
import { sealingKey, takeDataDir } from './data-dir.ts'
import { FabricSupervisor } from './fabric-supervisor.ts'
import type { createLogs } from './logger.ts'
import { createMetrics } from './metrics.ts'
import { topologyOfFabric } from './topology.ts'

/** The program's version, as in its package.json. */
export const VERSION = '0.1.0'

const RETENTION_MS = 3_600_000

/** What a hub is made with. */
export interface HubProcessOptions {
  readonly config: Config
  /** Relative paths in the configuration start here. */
  readonly baseDir: string
  readonly clock: Clock
  readonly random: Random
  readonly logs: ReturnType<typeof createLogs>
  /** False: only the store and the operations, for commands beside no running hub. */
  readonly serving: boolean
}

/** A running hub. */
export interface HubProcess {
  /** Where it answers; null when it does not serve. */
  readonly url: string | null
  readonly operations: AdminOperations
  /** Whether nobody can sign in yet. */
  readonly needsSetup: boolean
  close(): Promise<void>
}

const apiKinds = (): ApiKind[] =>
  KINDS.map((kind) => ({
    group: kind.group,
    kind: kind.kind,
    plural: kind.plural,
    slug: kind.slug,
    expected: kind.expected,
    routeWords: [kind.singular, kind.plural, kind.slug, ...kind.shortNames],
  }))

async function openStore(
  config: Config,
  paths: { readonly path: string; readonly database: string },
  options: HubProcessOptions,
): Promise<{ readonly store: Store; readonly key: Buffer }> {
  const key = sealingKey({ key: config.secretKey, file: config.secretKeyFile ?? join(paths.path, 'secret.key') })
  const log = options.logs.component('store')
  const store = await openSqliteStore({
    path: paths.database,
    projector: projectorModule,
    keys: { current: key, ...(config.previousSecretKey === null ? {} : { previous: Buffer.from(config.previousSecretKey, 'hex') }) },
    retention: {
      eventsMs: config.retention.eventsSeconds * 1_000,
      eventsMax: config.retention.eventsMax,
      versionsMs: config.retention.versionsSeconds * 1_000,
      versionsPerObject: config.retention.versionsPerObject,
    },
    now: () => options.clock.now(),
    onWarning: (text) => log.warn({}, text),
  })
  return { store, key }
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]']
const isLoopback = ({ listen }: Config): boolean => [...LOOPBACK, '::1'].includes(listen.host)

/** Figures name fabrics: without a token they are for this machine only, so never where another address leads here. A token nobody knows closes them. */
const metricsToken = (config: Config): string | null =>
  config.metricsToken ?? (isLoopback(config) && config.publicUrl === null ? null : randomBytes(32).toString('base64url'))

/** Hosts and origins that are answered: where we listen, and the public address. */
function ownAddresses(config: Config, port: () => number): { readonly hosts: () => string[]; readonly origins: () => string[] } {
  const names = isLoopback(config) ? LOOPBACK : [config.listen.host]
  const publicUrl = config.publicUrl === null ? undefined : new URL(config.publicUrl)
  return {
    hosts: () => [...names.map((name) => `${name}:${port()}`), ...(publicUrl === undefined ? [] : [publicUrl.host])],
    origins: () => [...names.map((name) => `http://${name}:${port()}`), ...(publicUrl === undefined ? [] : [publicUrl.origin])],
  }
}

/** Refuses an upgrade with a plain answer. */
function refuseUpgrade(socket: Duplex, error: unknown): void {
  const problem = problemOf(error instanceof BinnacleError ? error : new BinnacleError(errorCodeOf(error) ?? 'INTERNAL'))
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${problem.status} ${ERRORS[errorCodeOf(error) ?? 'INTERNAL'].title}\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** Puts everything together: the one place that knows everything. Undoes what it did when a part cannot start. */
export async function startHubProcess(options: HubProcessOptions): Promise<HubProcess> {
  const { config, clock, random, logs } = options
  const log = logs.component('app')
  const undo: (() => Promise<void> | void)[] = []
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step()
  }
  try {
    const paths = takeDataDir(isAbsolute(config.dataDir) ? config.dataDir : resolve(options.baseDir, config.dataDir))
    undo.push(() => paths.release())
    const { store, key } = await openStore(config, paths, options)
    undo.push(() => store.control.close())
    const onError = (component: string) => (error: unknown) =>
      logs
        .component(component)
        .error({ code: errorCodeOf(error), error: error instanceof Error ? error.message : String(error) }, 'a fact could not be kept')
    const live = new LiveHub({ clock, sink: store.facts, onError: onError('hub') })
    undo.push(() => live.close())
    const identity = await Identity.open({
      accounts: store.accounts,
      audit: store.audit,
      sink: store.facts,
      clock,
      signingKey: createHash('sha256').update('binnacle access tokens').update(key).digest(),
      generation: (await store.accounts.setting(KEY_GENERATION)) ?? '0',
    })
    undo.push(() => identity.close())
    const supervisor = new FabricSupervisor({
      fabrics: store.fabrics,
      audit: store.audit,
      sink: store.facts,
      live,
      clock,
      random,
      log: logs.component('source'),
      destinations: { private: config.destinations.private, loopback: config.destinations.loopback },
      allowInsecure: config.destinations.insecure,
      limits: { objectBytes: config.limits.objectBytes },
    })
    let url: string | null = null
    const operations = adminOperations({
      store,
      identity,
      supervisor,
      url: () => config.publicUrl ?? url,
      listenUrl: () => `http://${config.listen.host}:${config.listen.port}`,
    })
    if (!options.serving) return { url: null, operations, needsSetup: identity.needsSetup, close }

    const delivery = createDelivery({ log: store.log, grants: identity, gauges: live, clock, random, logger: logs.component('delivery') })
    undo.push(() => delivery.close())
    const port = (): number => (api.app.server.address() as AddressInfo | null)?.port ?? config.listen.port
    const addresses = ownAddresses(config, port)
    const api = await createApi(
      {
        grants: identity,
        signIns: identity,
        log: store.log,
        inventory: store.inventory,
        fabrics: supervisor,
        live,
        store: store.control,
        audit: store.audit,
        connections: { connections: () => [...delivery.connections()], end: (id) => delivery.end(id) },
        kinds: apiKinds(),
        topology: (fabricId) => topologyOfFabric(store.inventory, fabricId),
        metrics: createMetrics({ store: store.control, fabrics: store.fabrics, live, delivery }),
        clock,
      },
      {
        ...addresses,
        secureCookies: config.publicUrl?.startsWith('https:') ?? false,
        trustedProxies: config.trustedProxies,
        consoleDir: fileURLToPath(webFolder()),
        metricsToken: metricsToken(config),
        features: Object.fromEntries(Object.entries(config.features).map(([name, value]) => [name, value !== 'off'])),
        version: VERSION,
        log: logs.component('api'),
      },
    )
    undo.push(() => api.app.close())
    api.app.server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      socket.on('error', () => socket.destroy())
      try {
        api.guardUpgrade(request)
        if ((request.url ?? '').split('?', 1)[0] !== '/api/v1/ws' || request.method !== 'GET') throw new BinnacleError('NOT_FOUND')
        delivery.handleUpgrade(request, socket, head, { address: api.addressOf(request) })
      } catch (error) {
        refuseUpgrade(socket, error)
      }
    })
    await supervisor.reconcile(
      config.fabrics.map((fabric) => ({
        ...fabric,
        connection:
          fabric.in_cluster === true
            ? { type: 'in_cluster' as const }
            : {
                type: 'kubeconfig_file' as const,
                path: resolve(options.baseDir, fabric.kubeconfig ?? ''),
                ...(fabric.context === undefined ? {} : { context: fabric.context }),
              },
      })),
    )
    await supervisor.start()
    undo.push(() => supervisor.stop())
    await api.app.listen({ host: config.listen.host, port: config.listen.port })
    url = `http://${config.listen.host.includes(':') ? `[${config.listen.host}]` : config.listen.host}:${port()}`
    const socket = await serveAdminSocket(paths.adminSocket, operations)
    undo.push(() => socket.close())
    const retention = repeat(clock, RETENTION_MS, () =>
      store.control.applyRetention().catch((error: unknown) => log.error({ error: String(error) }, 'retention failed')),
    )
    undo.push(() => retention.cancel())
    const { epoch, head } = store.log.state()
    await store.facts.write([
      {
        fact: 'note',
        event: {
          event_type: 'hub_started',
          scope: 'system',
          subject: null,
          data: { version: VERSION, head },
          observedAt: clock.now(),
          source: 'hub',
        },
      },
    ])
    log.info({ url, epoch, head }, 'the hub is ready')
    return { url, operations, needsSetup: identity.needsSetup, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Runs work again and again, the next pause after the end of the last. */
function repeat(clock: Clock, ms: number, work: () => Promise<unknown>): { cancel(): void } {
  let cancelled = false
  let timer: { cancel(): void } | undefined
  const arm = (): void => {
    timer = clock.after(ms, () => {
      void work().finally(() => {
        if (!cancelled) arm()
      })
    })
  }
  arm()
  return {
    cancel: () => {
      cancelled = true
      timer?.cancel()
    },
  }
}
