import { BinnacleError, causeOf, type Cause, type Clock, type ConnectionTestReport } from '@binnacle/protocol'
import { answerError, statusObject } from './connection/classify.ts'
import type { Connection } from './connection/connection.ts'
import { Discovery } from './discovery/discovery.ts'
import type { ServedKind, WantedKind } from './discovery/served-kind.ts'
import { readLines } from './reflector/body-reader.ts'

type KindReport = ConnectionTestReport['kinds'][number]

/** Discovery must answer, a kind must be listed, and its watch proven, within this time. */
const PROOF_MS = 15_000
/** Lines beyond this are skipped: only that the watch works is of interest. Bytes. */
const PROOF_LINE_BYTES = 1_048_576
/** Kinds proven side by side. */
const SIDE_BY_SIDE = 6

const unknown = { ok: false, ms: null, cause: null }

/**
 * Proves a connection: for each wanted kind one short list (with the count the server names) and one watch that is
 * opened, answers, and ends in order. Nothing is kept. Never throws: what fails is in the report, with its cause.
 */
export async function testConnection(
  connection: Connection,
  wanted: readonly WantedKind[],
  { clock }: { readonly clock: Clock },
): Promise<ConnectionTestReport> {
  const discovery = new Discovery(
    () => Promise.resolve(connection),
    wanted.map(({ group }) => group),
    clock,
    PROOF_MS,
  )
  let served: readonly ServedKind[]
  try {
    served = await discovery.served()
  } catch (error) {
    const cause = causeOf(error)
    return {
      ok: false,
      server_version: null,
      cause,
      kinds: wanted.map((kind) => ({
        kind: kind.kind,
        group: kind.group,
        expected: kind.expected,
        served: false,
        list: { ...unknown, objects: null },
        watch: unknown,
      })),
    }
  }
  const kinds: KindReport[] = []
  const todo = [...wanted.entries()]
  const worker = async (): Promise<void> => {
    for (let next = todo.shift(); next !== undefined; next = todo.shift()) kinds[next[0]] = await prove(connection, next[1], served, clock)
  }
  await Promise.all(Array.from({ length: SIDE_BY_SIDE }, worker))
  const failed = kinds.find((kind) => (kind.expected || kind.served) && !(kind.list.ok && kind.watch.ok))
  return {
    ok: failed === undefined,
    server_version: discovery.serverVersion,
    cause: failed === undefined ? null : (failed.list.cause ?? failed.watch.cause),
    kinds,
  }
}

async function prove(connection: Connection, wanted: WantedKind, served: readonly ServedKind[], clock: Clock): Promise<KindReport> {
  const { kind, group, expected, plural, version } = wanted
  const same = served.filter((each) => each.group === group && each.plural === plural)
  const found = same.find((each) => each.version === version && each.watchable)
  if (found === undefined) {
    const cause = causeOf(
      same.length === 0
        ? new BinnacleError('KIND_NOT_SERVED', `the cluster does not serve ${plural}.${group}`)
        : new BinnacleError(
            'KIND_OTHER_VERSION',
            `${plural}.${group} is served as ${same.map((each) => each.version).join(', ')}, not ${version}`,
          ),
    )
    return { kind, group, expected, served: false, list: { ok: false, objects: null, ms: null, cause }, watch: unknown }
  }
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const path =
    found.namespaced && wanted.namespace !== undefined
      ? `${root}/namespaces/${encodeURIComponent(wanted.namespace)}/${plural}`
      : `${root}/${plural}`
  const timed = async <T>(run: () => Promise<T>): Promise<{ readonly ms: number; readonly value?: T; readonly cause: Cause | null }> => {
    const begun = clock.monotonic()
    try {
      const value = await run()
      return { ms: Math.round(clock.monotonic() - begun), value, cause: null }
    } catch (error) {
      return { ms: Math.round(clock.monotonic() - begun), cause: causeOf(error) }
    }
  }
  const list = await timed(async () => {
    const answer = (await connection.json(path, { query: { limit: 1 }, deadlineMs: PROOF_MS })) as {
      items?: unknown[]
      metadata?: { resourceVersion?: string; remainingItemCount?: number }
    }
    if (!Array.isArray(answer.items) || typeof answer.metadata?.resourceVersion !== 'string')
      throw new BinnacleError('CLUSTER_PROTOCOL', `the answer to ${path} is not a list`)
    return { objects: answer.items.length + (answer.metadata.remainingItemCount ?? 0), version: answer.metadata.resourceVersion }
  })
  const listed = { ok: list.cause === null, objects: list.value?.objects ?? null, ms: list.ms, cause: list.cause }
  if (list.value === undefined) return { kind, group, expected, served: true, list: listed, watch: unknown }
  const { version: from } = list.value
  const watch = await timed(async () => {
    const stop = new AbortController()
    const timer = clock.after(PROOF_MS, () => stop.abort())
    try {
      const body = await connection.stream(path, {
        query: { watch: true, allowWatchBookmarks: true, timeoutSeconds: 1, resourceVersion: from },
        deadlineMs: PROOF_MS,
        signal: stop.signal,
      })
      const reading = { clock, stallMs: () => PROOF_MS, signal: stop.signal, proven: () => undefined }
      await readLines(body, reading, PROOF_LINE_BYTES, {
        event: (type, object) => {
          if (type !== 'ERROR') return undefined
          const status = statusObject(object)
          throw answerError(status?.code ?? 500, undefined, JSON.stringify(object), connection.server)
        },
        setAside: () => undefined,
        pause: () => undefined,
      })
    } catch (error) {
      throw stop.signal.aborted ? new BinnacleError('WATCH_STALLED', `the watch did not end within ${PROOF_MS / 1_000} s`) : error
    } finally {
      timer.cancel()
    }
  })
  return { kind, group, expected, served: true, list: listed, watch: { ok: watch.cause === null, ms: watch.ms, cause: watch.cause } }
}
