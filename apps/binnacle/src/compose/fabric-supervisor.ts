import { BOUNDARY, KINDS, cutObject, kindId } from '@binnacle/hedgehog'
import type { LiveHub } from '@binnacle/hub'
import {
  BinnacleError,
  fabricScope,
  type AuditLog,
  type Clock,
  type ClusterSecret,
  type ConnectionInput,
  type ConnectionTestReport,
  type ConnectionView,
  type FabricAdmin,
  type FabricInput,
  type FabricRecord,
  type FabricStore,
  type FabricView,
  type FactSink,
  type NewEvent,
  type Random,
} from '@binnacle/protocol'
import {
  createKubernetesSource,
  inspectConnection,
  openConnection,
  testConnection,
  type DestinationPolicy,
  type KubernetesSource,
  type SourceLimits,
  type WantedKind,
} from '@binnacle/source-kubernetes'
import type { ComponentLog } from './logger.ts'

/** What the supervisor of fabrics is made of. */
export interface FabricSupervisorOptions {
  readonly fabrics: FabricStore
  readonly audit: AuditLog
  readonly sink: FactSink
  readonly live: LiveHub
  readonly clock: Clock
  readonly random: Random
  readonly log: ComponentLog
  /** Where clusters given over the API may be. */
  readonly destinations: DestinationPolicy
  readonly allowInsecure: boolean
  readonly limits: SourceLimits
}

/** Every Hedgehog kind, as a source is asked to watch it. */
const wantedKinds = (disabled: readonly string[]): WantedKind[] =>
  KINDS.map((kind) => ({
    group: kind.group,
    kind: kind.kind,
    plural: kind.plural,
    version: kind.version,
    expected: kind.expected,
    disabled: disabled.includes(kind.kind),
  }))

const isKnown = (id: string): boolean => Object.hasOwn(BOUNDARY, id)

/**
 * Runs one source per enabled fabric, and is where fabrics are added, changed, tested and removed. A fabric that
 * cannot be opened is shown with its cause; the others go on.
 */
export class FabricSupervisor implements FabricAdmin {
  readonly #options: FabricSupervisorOptions
  readonly #running = new Map<number, KubernetesSource>()
  /** Changes of one fabric happen one after another. */
  readonly #turns = new Map<number, Promise<unknown>>()

  constructor(options: FabricSupervisorOptions) {
    this.#options = options
  }

  /** Starts every enabled fabric; does not wait for their clusters. */
  async start(): Promise<void> {
    for (const record of await this.#options.fabrics.all()) await this.#run(record)
  }

  /** Stops every source; sockets and timers are gone when it resolves. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.keys()].map((id) => this.#halt(id)))
  }

  async list(): Promise<readonly FabricView[]> {
    return (await this.#options.fabrics.all()).map((record) => this.#view(record))
  }

  async get(id: number): Promise<FabricView | undefined> {
    const record = await this.#options.fabrics.get(id)
    return record === undefined ? undefined : this.#view(record)
  }

  /** `by` says how the connection came here. The actor's name never does: anybody may be called anything. */
  async create(input: FabricInput, actor: string, by: 'api' | 'operator' = 'api'): Promise<FabricView> {
    if (input.connection === undefined)
      throw new BinnacleError('INVALID', 'a fabric needs a connection', { places: [{ field: '/connection' }] })
    const { view, secret } = this.#accept(input.connection, by === 'operator')
    return this.#add(
      { name: input.name, description: input.description, enabled: input.enabled, settings: input.settings },
      view,
      secret,
      by === 'operator' ? 'configuration' : 'api',
      actor,
    )
  }

  async update(id: number, input: FabricInput, actor: string): Promise<FabricView> {
    const before = await this.#options.fabrics.get(id)
    if (before === undefined) throw new BinnacleError('NOT_FOUND')
    if (before.origin === 'configuration' && input.connection !== undefined)
      throw new BinnacleError('FORBIDDEN', 'this fabric was given by the operator; its connection can only be changed there')
    const accepted = input.connection === undefined ? undefined : this.#replacing(before, this.#accept(input.connection, false))
    await this.#audit(actor, 'fabric.update', before.name, { connection_changed: accepted !== undefined, enabled: input.enabled })
    const record = await this.#options.fabrics.update(
      id,
      {
        name: input.name,
        description: input.description,
        enabled: input.enabled,
        settings: input.settings,
        updatedAt: this.#options.clock.now(),
        ...(accepted === undefined ? {} : { connection: accepted.view }),
      },
      accepted?.secret,
    )
    await this.#note('fabric_updated', record, actor, { enabled: record.enabled, connection_changed: accepted !== undefined })
    await this.#inTurn(id, async () => {
      await this.#halt(id)
      await this.#run(record)
    })
    return this.#view(record)
  }

  async remove(id: number, actor: string): Promise<void> {
    const record = await this.#options.fabrics.get(id)
    if (record === undefined) throw new BinnacleError('NOT_FOUND')
    await this.#audit(actor, 'fabric.remove', record.name, { id })
    await this.#inTurn(id, async () => {
      await this.#halt(id)
      await this.#options.fabrics.remove(id)
      await this.#options.sink.write([{ fact: 'forget', scope: fabricScope(id), observedAt: this.#options.clock.now() }])
      await this.#note('fabric_removed', record, actor, {})
    })
  }

  async test(target: { readonly id: number } | { readonly connection: ConnectionInput }): Promise<ConnectionTestReport> {
    if ('connection' in target) {
      const { view, secret } = this.#accept(target.connection, false)
      return this.#prove(view, secret, [], false)
    }
    const record = await this.#options.fabrics.get(target.id)
    if (record === undefined) throw new BinnacleError('NOT_FOUND')
    const report = await this.#prove(
      record.connection,
      await this.#options.fabrics.secret(record.id),
      record.settings.disabled_kinds,
      record.origin === 'configuration',
    )
    // A proof reads no objects; those that the running watch had to set aside belong in the picture.
    const watches = this.#options.live.watches(record.id)
    return {
      ...report,
      kinds: report.kinds.map((kind) => {
        const cause = watches.find((watch) => watch.kind === kind.kind && watch.group === kind.group && watch.state === 'live')?.cause
        return kind.watch.cause !== null || cause === null || cause === undefined ? kind : { ...kind, watch: { ...kind.watch, cause } }
      }),
    }
  }

  /** Makes the fabrics of the configuration file what the file says. One that is no longer in it stays until somebody removes it: losing a line must not lose a history. */
  async reconcile(
    wanted: readonly {
      readonly id?: number | undefined
      readonly name: string
      readonly description: string
      readonly enabled: boolean
      readonly settings: FabricInput['settings']
      readonly connection: ConnectionInput
    }[],
  ): Promise<void> {
    const kept = await this.#options.fabrics.all()
    for (const each of wanted) {
      const { view, secret } = this.#accept(each.connection, true)
      const found = kept.find(({ name }) => name === each.name)
      const base = { name: each.name, description: each.description, enabled: each.enabled, settings: each.settings }
      if (found === undefined) await this.#add(base, view, secret, 'configuration', 'configuration', each.id)
      else if (
        JSON.stringify([found.description, found.enabled, found.settings, found.connection]) !==
        JSON.stringify([each.description, each.enabled, each.settings, view])
      ) {
        await this.#audit('configuration', 'fabric.update', each.name, {})
        const record = await this.#options.fabrics.update(
          found.id,
          { ...base, connection: view, origin: 'configuration', updatedAt: this.#options.clock.now() },
          secret,
        )
        await this.#note('fabric_updated', record, 'configuration', {})
      }
    }
  }

  async #add(
    base: Pick<FabricRecord, 'name' | 'description' | 'enabled' | 'settings'>,
    connection: ConnectionView,
    secret: ClusterSecret | null,
    origin: FabricRecord['origin'],
    actor: string,
    id?: number,
  ): Promise<FabricView> {
    await this.#audit(actor, 'fabric.create', base.name, { server: connection.server })
    const now = this.#options.clock.now()
    const record = await this.#options.fabrics.create(
      { ...base, connection, origin, createdAt: now, updatedAt: now, ...(id === undefined ? {} : { id }) },
      secret,
    )
    await this.#note('fabric_created', record, actor, { server: connection.server })
    await this.#inTurn(record.id, () => this.#run(record))
    return this.#view(record)
  }

  /**
   * A new connection without a credential keeps the stored one only where it stands for the same peer, proven in the
   * same way. Anywhere else the credential must be given again (CREDENTIAL_REQUIRED): it would be sent to somebody new.
   */
  #replacing(
    { connection: known, hasSecret }: FabricRecord,
    { view, secret }: { readonly view: ConnectionView; readonly secret: ClusterSecret | null },
  ): { readonly view: ConnectionView; readonly secret: ClusterSecret | null | undefined } {
    if (secret !== null || !hasSecret) return { view, secret }
    const peer = ({ type, server, ca, insecure, tls_server_name: name }: ConnectionView): string =>
      JSON.stringify([type, server, ca, insecure, name])
    if (peer(view) !== peer(known)) throw new BinnacleError('CREDENTIAL_REQUIRED', undefined, { places: [{ field: '/connection' }] })
    return { view: { ...view, context: known.context, credential: known.credential }, secret: undefined }
  }

  /** A connection as given → what is shown and what is sealed. `trusted`: from the command line or the configuration file. */
  #accept(input: ConnectionInput, trusted: boolean): { readonly view: ConnectionView; readonly secret: ClusterSecret | null } {
    return inspectConnection(input, {
      trusted,
      allowInsecure: trusted || this.#options.allowInsecure,
      destinations: trusted ? undefined : this.#options.destinations,
    })
  }

  async #run(record: FabricRecord): Promise<void> {
    if (!record.enabled || this.#running.has(record.id)) return
    const { live, sink, clock, random, log, limits } = this.#options
    const scope = fabricScope(record.id)
    const observer = live.register(record.id, { heartbeatDeadlineMs: record.settings.heartbeat_deadline_seconds * 1_000 })
    const source = createKubernetesSource({
      scope,
      connect: async () =>
        openConnection(record.connection, await this.#options.fabrics.secret(record.id), {
          clock,
          destinations: record.origin === 'configuration' ? undefined : this.#options.destinations,
        }),
      wanted: wantedKinds(record.settings.disabled_kinds),
      extraResources: record.settings.extra_resources,
      namespace: record.settings.namespace,
      cut: (kind, group, object) => {
        const id = kindId(kind, group)
        const { document, volatile, cut } = cutObject(id, object)
        return {
          document,
          quiet: kind === 'Agent' || kind === 'GatewayAgent',
          ...(volatile === undefined ? {} : { volatile: volatile as Record<string, unknown> }),
          ...(isKnown(id) ? {} : { cutPaths: cut }),
        }
      },
      sink,
      observer: { ...observer, gone: (key) => live.gone(key) },
      clock,
      random,
      log,
      stallDeadlineMs: record.settings.stall_deadline_seconds * 1_000,
      limits,
    })
    this.#running.set(record.id, source)
    live.attach(record.id, source)
    source.start()
  }

  async #halt(id: number): Promise<void> {
    const source = this.#running.get(id)
    if (source === undefined) return
    this.#running.delete(id)
    await source.stop()
    this.#options.live.unregister(id)
  }

  async #prove(
    view: ConnectionView,
    secret: ClusterSecret | null,
    disabled: readonly string[],
    trusted: boolean,
  ): Promise<ConnectionTestReport> {
    const connection = await openConnection(view, secret, {
      clock: this.#options.clock,
      destinations: trusted ? undefined : this.#options.destinations,
    })
    try {
      return await testConnection(
        connection,
        wantedKinds(disabled).filter(({ disabled: off }) => off !== true),
        { clock: this.#options.clock },
      )
    } finally {
      await connection.close()
    }
  }

  #view(record: FabricRecord): FabricView {
    const { status, since, cause } = record.enabled
      ? this.#options.live.status(record.id)
      : { status: 'disabled' as const, since: record.updatedAt, cause: null }
    return {
      id: record.id,
      name: record.name,
      description: record.description,
      enabled: record.enabled,
      origin: record.origin,
      connection: record.connection,
      settings: record.settings,
      created_at: new Date(record.createdAt).toISOString(),
      updated_at: new Date(record.updatedAt).toISOString(),
      status,
      status_since: new Date(since).toISOString(),
      cause,
    }
  }

  #inTurn<T>(id: number, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(id) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#turns.set(
      id,
      turn.catch(() => undefined),
    ) // the caller gets the error; the next turn only needs the end
    return turn
  }

  #audit(actor: string, action: string, target: string, detail: Record<string, unknown>): Promise<void> {
    return this.#options.audit.append({ at: this.#options.clock.now(), actor, action, target, outcome: 'ok', address: null, detail })
  }

  async #note(event_type: NewEvent['event_type'], record: FabricRecord, actor: string, data: Record<string, unknown>): Promise<void> {
    await this.#options.sink.write([
      {
        fact: 'note',
        event: {
          event_type,
          scope: fabricScope(record.id),
          subject: { kind: 'Fabric', name: record.name },
          data: { fabric: record.name, ...data },
          observedAt: this.#options.clock.now(),
          source: 'hub',
          actor,
        },
      },
    ])
  }
}
