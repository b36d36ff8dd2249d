import type { Change } from './history.ts'
import type { Json, JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import type { Representation } from './media-type.ts'
import { apiVersionOf, type ResourceDefinition } from './resource-definition.ts'
import type { Selector } from './selectors.ts'
import { freeze, jsonIn, thaw, type StoredObject } from './stored-object.ts'
import { metadataOnly, tableWriter, type IncludeObject, type TableWriter } from './table.ts'

/** The event types of a watch. */
export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED'

const NEWLINE = Buffer.from('}\n')
const HEADS: Readonly<Record<WatchEventType, Buffer>> = {
  ADDED: Buffer.from('{"type":"ADDED","object":'),
  MODIFIED: Buffer.from('{"type":"MODIFIED","object":'),
  DELETED: Buffer.from('{"type":"DELETED","object":'),
}

/** Plain lines of a change, shared by all watchers of the resource: an event is put together once. */
const plainLines = new WeakMap<StoredObject, Map<string, Buffer>>()

/** Turns objects into watch lines in the representation one watcher asked for. */
export interface WatchEncoder {
  /** The pieces of an ADDED line of the initial state; not kept, so that a large state is not held twice. */
  initial(object: StoredObject): readonly Buffer[]
  event(type: WatchEventType, object: StoredObject): Buffer
  bookmark(revision: number, initialEventsEnd: boolean): Buffer
}

/** A `{"type":…,"object":…}` line. */
export function watchLine(type: string, object: Json): Buffer {
  return Buffer.from(`${JSON.stringify({ type, object })}\n`)
}

/** An object as it was before it left a selection, under the version of the change that took it out. */
const departed = new WeakMap<Change, StoredObject>()

function departure(change: Change, previous: StoredObject): StoredObject {
  let object = departed.get(change)
  if (object === undefined) {
    object = freeze(thaw(previous), change.revision)
    departed.set(change, object)
  }
  return object
}

/** What a watcher with this selector is told about a change; undefined when it does not concern it. */
export function visibleEvent(change: Change, select: Selector): { type: WatchEventType; object: StoredObject } | undefined {
  const { previous } = change
  const now = change.type !== 'DELETED' && select(change.object)
  const before = previous !== undefined && select(previous)
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object: change.object }
  if (!before) return undefined
  return { type: 'DELETED', object: change.type === 'DELETED' ? change.object : departure(change, previous) }
}

/** An encoder for a watch; tables carry their column definitions in the first event only, as real servers do. */
export function watchEncoder(
  definition: ResourceDefinition,
  representation: Representation,
  include: IncludeObject,
  now: () => number,
): WatchEncoder {
  const apiVersion = apiVersionOf(definition)
  if (representation.as === 'table')
    return tableEncoder(definition, tableWriter(definition, representation.version, include, now, apiVersion))
  const bookmark = (revision: number, initialEventsEnd: boolean): Buffer => {
    const metadata = { ...bookmarkMetadata(revision, initialEventsEnd) }
    return watchLine('BOOKMARK', { kind: definition.kind, apiVersion, metadata })
  }
  if (representation.as === 'metadata') {
    const event = (type: WatchEventType, object: StoredObject): Buffer =>
      watchLine(type, metadataOnly(JSON.parse(object.json.toString()) as KubeObject, representation.version))
    return {
      initial: (object) => [event('ADDED', object)],
      event,
      bookmark: (revision, end) =>
        watchLine('BOOKMARK', {
          kind: 'PartialObjectMetadata',
          apiVersion: `meta.k8s.io/${representation.version}`,
          metadata: bookmarkMetadata(revision, end),
        }),
    }
  }
  return {
    initial: (object) => [HEADS.ADDED, jsonIn(object, apiVersion), NEWLINE],
    event: (type, object) => plainLine(type, object, apiVersion),
    bookmark,
  }
}

function plainLine(type: WatchEventType, object: StoredObject, apiVersion: string): Buffer {
  let lines = plainLines.get(object)
  if (lines === undefined) {
    lines = new Map()
    plainLines.set(object, lines)
  }
  const key = `${type} ${apiVersion}`
  let line = lines.get(key)
  if (line === undefined) {
    line = Buffer.concat([HEADS[type], jsonIn(object, apiVersion), NEWLINE])
    lines.set(key, line)
  }
  return line
}

function tableEncoder(definition: ResourceDefinition, writer: TableWriter): WatchEncoder {
  let first = true
  const columns = (): JsonObject[] => {
    const shown = first ? writer.columnDefinitions : []
    first = false
    return shown
  }
  const event = (type: WatchEventType, object: StoredObject): Buffer =>
    watchLine(type, {
      kind: 'Table',
      apiVersion: writer.apiVersion,
      metadata: { resourceVersion: String(object.revision) },
      columnDefinitions: columns(),
      rows: [writer.row(object)],
    })
  return {
    initial: (object) => [event('ADDED', object)],
    event,
    bookmark: (revision, end) =>
      watchLine('BOOKMARK', {
        kind: 'Table',
        apiVersion: writer.apiVersion,
        metadata: { resourceVersion: String(revision) },
        columnDefinitions: columns(),
        rows: [
          {
            cells: ['', ...definition.columns.map(() => null)],
            object: { kind: 'PartialObjectMetadata', apiVersion: writer.apiVersion, metadata: bookmarkMetadata(revision, end) },
          },
        ],
      }),
  }
}

function bookmarkMetadata(revision: number, initialEventsEnd: boolean): JsonObject {
  return {
    resourceVersion: String(revision),
    creationTimestamp: null,
    ...(initialEventsEnd && { annotations: { 'k8s.io/initial-events-end': 'true' } }),
  }
}
