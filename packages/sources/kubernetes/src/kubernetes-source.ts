import {
  BinnacleError,
  causeOf,
  type Cause,
  type Clock,
  type FactSink,
  type ObjectKey,
  type Random,
  type Scope,
  type WatchState,
  type WatchStatus,
} from '@binnacle/protocol'
import type { Connection } from './connection/connection.ts'
import { Discovery } from './discovery/discovery.ts'
import type { WantedKind } from './discovery/served-kind.ts'
import type { Cut } from './reflector/intake.ts'
import type { SourceLimits } from './reflector/kind-mirror.ts'
import { Reflector, type ServerTraits } from './reflector/reflector.ts'

/** What a source tells besides facts. */
export interface SourceObserver {
  watchChanged(status: WatchStatus, before: WatchState): void
  volatile(key: ObjectKey, values: Record<string, unknown>, observedAt: number): void
  /** An object is gone, and its readings with it. */
  gone?(key: ObjectKey): void
}

/** What a source logs with. */
export interface SourceLog {
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** How a cluster is watched. */
export interface KubernetesSourceOptions {
  readonly scope: Scope
  /** Opens the connection; called once, and again after it failed. */
  readonly connect: () => Promise<Connection>
  readonly wanted: readonly WantedKind[]
  /** Resources beyond the wanted kinds, found by discovery. */
  readonly extraResources?: readonly { readonly group: string; readonly plural: string }[]
  /** Namespace to watch where kinds are namespaced; undefined = all. */
  readonly namespace?: string | undefined
  /** False: never ask for watch-lists. Undefined: find out. */
  readonly watchList?: boolean
  readonly cut: Cut
  readonly sink: FactSink
  readonly observer: SourceObserver
  readonly clock: Clock
  readonly random: Random
  readonly log: SourceLog
  readonly stallDeadlineMs: number
  readonly limits: SourceLimits
}

/** Result of listing one kind anew. */
export interface RelistResult {
  readonly kind: string
  readonly group: string
  readonly objects: number | null
  readonly digest: string | null
  readonly differences: number | null
  readonly cause: Cause | null
}

/** A running source. */
export interface KubernetesSource {
  start(): void
  /** Resolves when all sockets and timers are gone. */
  stop(): Promise<void>
  /** As they are at this moment. */
  watches(): readonly WatchStatus[]
  /** "Sync from cluster": a fresh list of each kind. */
  relist(): Promise<readonly RelistResult[]>
  serverVersion(): string | null
}

/** Extra resources are looked for at this pace until discovery has answered. */
const LOOK_MS = 10_000

/** Proofs are judged at this pace, so that a state is true within a second of the fact. */
const JUDGE_MS = 1_000
/** A refused credential is obtained anew, but not more often than this: plug-ins run programs. */
const RENEW_MS = 5_000

/** Watches one cluster: one reflector per kind, each on its own; what happens to one does not touch the others. */
export function createKubernetesSource(options: KubernetesSourceOptions): KubernetesSource {
  const { clock, log } = options
  const traits: ServerTraits = { watchList: options.watchList }
  let opening: Promise<Connection> | undefined
  let renewedAt = -Infinity
  let stopped = false
  const closing = new Set<Promise<void>>()
  const connect = (): Promise<Connection> => {
    if (stopped) return Promise.reject(new BinnacleError('UNAVAILABLE', 'the fabric is no longer watched'))
    if (opening === undefined) {
      const attempt = options.connect()
      opening = attempt
      attempt.catch(() => {
        if (opening === attempt) opening = undefined
      })
    }
    return opening
  }
  const close = (): void => {
    const old = opening
    opening = undefined
    if (old === undefined) return
    // One that never opened has nothing to close.
    const closed: Promise<void> = old.then(
      (connection) => connection.close(),
      () => undefined,
    )
    closing.add(closed)
    void closed.finally(() => closing.delete(closed))
  }
  /** The server refused who we are, or we refused who it is: certificates, tokens and files are read anew. */
  const renew = (): void => {
    if (stopped || clock.monotonic() - renewedAt < RENEW_MS) return
    renewedAt = clock.monotonic()
    close()
  }
  /** What an observer throws is counted by nobody but seen in the log; it never touches the watch. */
  const tell = (kind: string, what: () => void): void => {
    try {
      what()
    } catch (error) {
      log.error({ scope: options.scope, kind, error: error instanceof Error ? error.message : String(error) }, 'an observer failed')
    }
  }
  const extra = options.extraResources ?? []
  const discovery = new Discovery(connect, [...options.wanted.map(({ group }) => group), ...extra.map(({ group }) => group)], clock)
  const reflectorOf = (kind: WantedKind): Reflector =>
    new Reflector({
      kind: kind.expected && options.namespace !== undefined && options.namespace !== '' ? { namespace: options.namespace, ...kind } : kind,
      connect,
      renew,
      discovery,
      traits,
      scope: options.scope,
      sink: options.sink,
      clock,
      random: options.random,
      stallDeadlineMs: options.stallDeadlineMs,
      limits: options.limits,
      cut: options.cut,
      onVolatile: (key, values, observedAt) => tell(kind.kind, () => options.observer.volatile(key, values, observedAt)),
      onGone: (key) => tell(kind.kind, () => options.observer.gone?.(key)),
      onChange: (status, before) => {
        const fields = {
          scope: options.scope,
          kind: status.kind,
          from: before,
          to: status.state,
          ...(status.cause === null ? {} : { code: status.cause.code, cause: status.cause.message, remedy: status.cause.remedy }),
        }
        if (status.state === 'live' || status.state === 'listing' || status.state === 'connecting') log.info(fields, 'watch state')
        else log.warn(fields, 'watch state')
        tell(kind.kind, () => options.observer.watchChanged(status, before))
      },
      onHandlerError: (error) =>
        log.error(
          { scope: options.scope, kind: kind.kind, error: error instanceof Error ? error.message : String(error) },
          'a fault while taking in an object',
        ),
      onSetAside: (name, { code, message, remedy }) =>
        log.warn({ scope: options.scope, kind: kind.kind, name, code, cause: message, remedy }, 'an object was set aside'),
    })
  const reflectors = options.wanted.map(reflectorOf)
  let lookTimer: { cancel(): void } | undefined
  let judgeTimer: { cancel(): void } | undefined
  const judge = (): void => {
    for (const reflector of reflectors) reflector.judge()
    judgeTimer = clock.after(JUDGE_MS, judge)
  }

  /** Extra resources have no known kind or version: the first answer of discovery names them. */
  async function addExtra(): Promise<void> {
    const missing = extra.filter(({ group, plural }) => !reflectors.some(({ kind }) => kind.group === group && kind.plural === plural))
    if (missing.length === 0 || stopped) return
    try {
      const served = await discovery.served()
      for (const { group, plural } of missing) {
        const found = served.find((each) => each.group === group && each.plural === plural && each.watchable)
        if (found === undefined || stopped) continue
        const reflector = reflectorOf({ group, kind: found.kind, plural, version: found.version, expected: false })
        reflectors.push(reflector)
        reflector.start()
      }
    } catch (error) {
      log.warn({ scope: options.scope, ...causeOf(error) }, 'the extra resources could not be looked up')
    }
    if (!stopped) lookTimer = clock.after(LOOK_MS, () => void addExtra())
  }

  return {
    start: () => {
      for (const reflector of reflectors) reflector.start()
      judge()
      if (extra.length > 0) void addExtra()
    },
    stop: async () => {
      stopped = true
      lookTimer?.cancel()
      judgeTimer?.cancel()
      const ended = reflectors.map((reflector) => reflector.stop())
      // Requests under way end now, not at their deadlines.
      close()
      await Promise.all([...ended, ...closing])
    },
    watches: () => reflectors.map((reflector) => reflector.status()),
    relist: () =>
      Promise.all(
        reflectors
          .filter(({ kind }) => kind.disabled !== true)
          .filter((reflector) => reflector.kind.expected || reflector.status().state !== 'not_served')
          .map(async (reflector): Promise<RelistResult> => {
            const { kind, group } = reflector.kind
            const before = reflector.status()
            // A kind that cannot be read now answers with why, instead of keeping the others waiting.
            if (before.cause !== null && !['live', 'listing', 'stale'].includes(before.state))
              return { kind, group, objects: null, digest: null, differences: null, cause: before.cause }
            try {
              const { objects, digest, differences } = await reflector.relist()
              return { kind, group, objects, digest, differences, cause: null }
            } catch (error) {
              return { kind, group, objects: null, digest: null, differences: null, cause: causeOf(error) }
            }
          }),
      ),
    serverVersion: () => discovery.serverVersion,
  }
}
