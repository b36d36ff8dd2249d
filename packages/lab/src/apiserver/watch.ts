import type { ServerResponse } from 'node:http'
import { expired, invalid, type ApiStatusError } from './api-status.ts'
import type { Faults } from './faults.ts'
import type { LabFeatures } from './lab-features.ts'
import { parseRevision, waitUntilFresh, type ListRequest } from './list.ts'
import type { Representation } from './media-type.ts'
import { isTrue } from './request-info.ts'
import { resourceKey } from './resource-definition.ts'
import { selectorOf, type Selector } from './selectors.ts'
import type { ResourceStore } from './storage.ts'
import type { IncludeObject } from './table.ts'
import { visibleEvent, watchEncoder, watchLine, type WatchEncoder } from './watch-events.ts'
import { WatchStream } from './watch-stream.ts'
import type { Watches } from './watches.ts'
import type { Change } from './history.ts'
import type { StoredObject } from './stored-object.ts'

/** Times and bounds of watches, in milliseconds and bytes. */
export interface WatchLimits {
  /** Between bookmarks; real servers send one about each minute. */
  readonly bookmarkMs: number
  /** A watch without timeoutSeconds lasts between this and twice this; real servers take 30 minutes. */
  readonly minimumMs: number
  /** Live events a reader may leave unread. */
  readonly maxQueuedBytes: number
  /** How long to wait for a resourceVersion that lies ahead. */
  readonly freshWaitMs: number
}

/** What a watch needs from the server around it. */
export interface WatchContext {
  readonly store: ResourceStore
  readonly features: LabFeatures
  readonly limits: WatchLimits
  readonly watches: Watches
  readonly faults: Faults
  readonly account: string
  readonly now: () => number
  readonly random: () => number
  /** Cuts the connection under a response without a goodbye. */
  readonly reset: (response: ServerResponse) => void
}

interface Start {
  readonly initial: readonly StoredObject[]
  readonly changes: readonly Change[]
  /** The revision the initial events stand for; set when the end of them is to be marked. */
  readonly endOfInitial?: number
  readonly tooOld?: number
}

/** Answers a watch request. Throws a Status error when it is refused before the first byte. */
export async function serveWatch(
  request: ListRequest,
  response: ServerResponse,
  representation: Representation,
  include: IncludeObject,
  context: WatchContext,
): Promise<void> {
  const { store, limits, faults } = context
  const resource = resourceKey(request.definition)
  const select = selectorOf(request.namespace, request.name, request.query)
  const bookmarks = isTrue(request.query.get('allowWatchBookmarks'))
  const encoder = watchEncoder(request.definition, representation, include, context.now)
  const awaited = initialEventsVersion(request, context)
  if (awaited > 0) await waitUntilFresh(store, awaited, limits.freshWaitMs)
  // From here to store.listen nothing may yield: no change may fall between the start and the live part.
  const start = startOf(request, context)
  if (start.tooOld !== undefined && faults.active('watch-expired-as-status', resource, context.account))
    throw tooOldError(start.tooOld, store)
  if (response.destroyed) return

  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' })
  response.flushHeaders()
  if (start.tooOld !== undefined) {
    response.end(watchLine('ERROR', tooOldError(start.tooOld, store).body))
    return
  }

  const stream = new WatchStream(response, {
    initial: initialLines(start, encoder, select),
    maxQueuedBytes: limits.maxQueuedBytes,
    onSlow: () => faults.countSlowWatcher(),
    reset: () => context.reset(response),
  })
  const sendBookmark = (): void => {
    if (bookmarks && !faults.active('drop-bookmarks', resource, context.account)) stream.send(encoder.bookmark(store.revision, false))
  }
  const finish = (): void => {
    sendBookmark()
    stream.end('fin')
  }
  const watch = context.watches.add({
    resource,
    account: context.account,
    namespace: request.namespace,
    startedAt: context.now(),
    stream,
    bookmark: sendBookmark,
    finish,
  })
  const stopListening = store.listen((change) => {
    const event = visibleEvent(change, select)
    if (event !== undefined) stream.send(encoder.event(event.type, event.object))
  })
  const bookmarkTimer = setInterval(sendBookmark, limits.bookmarkMs)
  const asked = Number(request.query.get('timeoutSeconds') ?? '0')
  const lifeMs = asked > 0 ? asked * 1000 : limits.minimumMs * (1 + context.random())
  const lifeTimer = setTimeout(finish, Math.min(lifeMs, 2 ** 31 - 1))
  response.on('close', () => {
    clearInterval(bookmarkTimer)
    clearTimeout(lifeTimer)
    stopListening()
    context.watches.remove(watch.id)
  })
  if (faults.active('stall', resource, context.account)) stream.stall(true)
  stream.start()
}

/** Checks the sendInitialEvents parameters; gives the version that has to be reached first, 0 when none. */
function initialEventsVersion(request: ListRequest, { features }: WatchContext): number {
  const { query } = request
  const wanted = query.get('sendInitialEvents')
  if (wanted === null || features.watchList === 'unknown') return 0
  if (features.watchList === 'refused')
    throw initialEventsForbidden('sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled')
  if (query.get('resourceVersionMatch') !== 'NotOlderThan') {
    throw initialEventsForbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan', 'resourceVersionMatch')
  }
  if (!isTrue(wanted)) return 0
  if (!isTrue(query.get('allowWatchBookmarks')))
    throw initialEventsForbidden('sendInitialEvents requires allowWatchBookmarks to be set', 'allowWatchBookmarks')
  const version = query.get('resourceVersion') ?? ''
  return version === '' ? 0 : parseRevision(version)
}

function startOf(request: ListRequest, { store, features }: WatchContext): Start {
  const version = request.query.get('resourceVersion') ?? ''
  const wanted = features.watchList === 'served' ? request.query.get('sendInitialEvents') : null
  if (isTrue(wanted)) return { initial: store.list(), changes: [], endOfInitial: store.revision }
  // An unset version means the present state first; with sendInitialEvents=false only what comes after.
  if (version === '' || version === '0') return { initial: wanted === null ? store.list() : [], changes: [] }
  const revision = parseRevision(version)
  const changes = store.history.after(revision)
  return changes === undefined ? { initial: [], changes: [], tooOld: revision } : { initial: [], changes }
}

function* initialLines(start: Start, encoder: WatchEncoder, select: Selector): Generator<Buffer> {
  for (const object of start.initial) if (select(object)) yield* encoder.initial(object)
  for (const change of start.changes) {
    const event = visibleEvent(change, select)
    if (event !== undefined) yield encoder.event(event.type, event.object)
  }
  if (start.endOfInitial !== undefined) yield encoder.bookmark(start.endOfInitial, true)
}

/** 410 in the words of the watch cache. */
export function tooOldError(revision: number, store: ResourceStore): ApiStatusError {
  return expired(`too old resource version: ${revision} (${store.history.oldestRevision})`)
}

function initialEventsForbidden(message: string, field = 'sendInitialEvents'): ApiStatusError {
  return invalid({ group: 'meta.k8s.io', resource: 'listoptions' }, 'ListOptions', '', [
    { reason: 'FieldValueForbidden', message: `Forbidden: ${message}`, field },
  ])
}
