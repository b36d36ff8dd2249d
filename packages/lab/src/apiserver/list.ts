import { ApiStatusError, badRequest, expired, invalid, tooLargeResourceVersion } from './api-status.ts'
import { isObject, type JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import type { Representation } from './media-type.ts'
import { apiVersionOf, type ResourceDefinition } from './resource-definition.ts'
import { selectorOf } from './selectors.ts'
import type { ResourceStore } from './storage.ts'
import { jsonIn, type StoredObject } from './stored-object.ts'
import { metadataOnly, tableWriter, type IncludeObject } from './table.ts'

/** A list request after path and query are understood. */
export interface ListRequest {
  readonly definition: ResourceDefinition
  readonly namespace: string
  readonly name: string
  readonly query: URLSearchParams
}

/** Which objects a list answers with, and what its metadata says. */
export interface ListPage {
  readonly items: readonly StoredObject[]
  readonly metadata: { resourceVersion: string; continue?: string; remainingItemCount?: number }
}

interface ContinueToken {
  readonly v: 'lab/1'
  readonly rv: number
  readonly after: string
}

/** A resourceVersion parameter as a number; throws 400 as real servers do for anything else. */
export function parseRevision(text: string): number {
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value: "${text}": resourceVersion must be a decimal number`)
  return Number(text)
}

/** Waits until the store has reached a revision; throws 504 when it does not within `waitMs`. */
export async function waitUntilFresh(store: ResourceStore, asked: number, waitMs: number): Promise<void> {
  if (asked <= store.revision) return
  await new Promise<void>((resolve) => {
    const timer = setTimeout(done, waitMs)
    const stop = store.listen(() => {
      if (store.revision >= asked) done()
    })
    function done(): void {
      clearTimeout(timer)
      stop()
      resolve()
    }
  })
  if (asked > store.revision) throw tooLargeResourceVersion(asked, store.revision)
}

/**
 * Chooses the objects of one page.
 *
 * Throws 400 or 422 for parameters that do not go together, 410 when a continue token or an exact version is older than
 * history, 504 when the version asked for lies in the future.
 */
export async function listPage(store: ResourceStore, request: ListRequest, freshWaitMs: number): Promise<ListPage> {
  const { query } = request
  const select = selectorOf(request.namespace, request.name, query)
  const token = query.get('continue') ?? ''
  const version = query.get('resourceVersion') ?? ''
  const match = query.get('resourceVersionMatch') ?? ''
  // Version 0 means the watch cache, which real servers answer from whole, whatever the limit.
  const limit = version === '0' ? 0 : Number(query.get('limit') ?? '0')
  checkVersionMatch(version, match, token)
  let revision = store.revision
  let after = ''
  let all: readonly StoredObject[]
  if (token !== '') {
    if (version !== '' && version !== '0') throw badRequest('specifying resource version is not allowed when using continue')
    const position = readToken(token)
    revision = position.rv
    after = position.after
    const past = store.listAt(revision)
    if (past === undefined) {
      throw expired(
        'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
      )
    }
    all = past
  } else if (match === 'Exact') {
    const exact = parseRevision(version)
    await waitUntilFresh(store, exact, freshWaitMs)
    const past = store.listAt(exact)
    if (past === undefined) throw expired(`The resourceVersion for the provided list is too old.`)
    revision = exact
    all = past
  } else {
    if (version !== '' && version !== '0') await waitUntilFresh(store, parseRevision(version), freshWaitMs)
    revision = store.revision
    all = store.list()
  }
  const everything = selectsAll(request)
  if (limit <= 0) {
    const rest = after === '' ? all : all.slice(firstAfter(all, after))
    return { items: everything ? rest : rest.filter(select), metadata: { resourceVersion: String(revision) } }
  }
  const items: StoredObject[] = []
  let index = after === '' ? 0 : firstAfter(all, after)
  for (; index < all.length && items.length < limit; index += 1) if (select(all[index]!)) items.push(all[index]!)
  // A page that only unmatched objects follow still gets a token on real servers; here the rest is looked through.
  const more = everything ? all.length - index : all.slice(index).filter(select).length
  if (more === 0) return { items, metadata: { resourceVersion: String(revision) } }
  const metadata: ListPage['metadata'] = {
    resourceVersion: String(revision),
    continue: writeToken({ v: 'lab/1', rv: revision, after: items.at(-1)!.key }),
  }
  // With selectors real servers do not know how many remain.
  if (everything || (query.get('labelSelector') ?? '') + (query.get('fieldSelector') ?? '') === '') metadata.remainingItemCount = more
  return { items, metadata }
}

function selectsAll(request: ListRequest): boolean {
  const selectors = (request.query.get('labelSelector') ?? '') + (request.query.get('fieldSelector') ?? '')
  return request.namespace === '' && request.name === '' && selectors === ''
}

function checkVersionMatch(version: string, match: string, token: string): void {
  if (match === '') return
  const problem = (field: string, message: string, reason: string): ApiStatusError =>
    invalid({ group: 'meta.k8s.io', resource: 'listoptions' }, 'ListOptions', '', [{ reason, message, field }])
  if (token !== '')
    throw problem('resourceVersionMatch', 'Forbidden: resourceVersionMatch is forbidden when continue is provided', 'FieldValueForbidden')
  if (version === '')
    throw problem(
      'resourceVersionMatch',
      'Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      'FieldValueForbidden',
    )
  if (match !== 'Exact' && match !== 'NotOlderThan') {
    throw problem(
      'resourceVersionMatch',
      `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`,
      'FieldValueNotSupported',
    )
  }
  if (match === 'Exact' && version === '0') {
    throw problem(
      'resourceVersionMatch',
      'Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      'FieldValueForbidden',
    )
  }
}

function firstAfter(items: readonly StoredObject[], key: string): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (items[middle]!.key <= key) low = middle + 1
    else high = middle
  }
  return low
}

function writeToken(token: ContinueToken): string {
  return Buffer.from(JSON.stringify(token)).toString('base64url')
}

function readToken(text: string): ContinueToken {
  try {
    const token: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    if (isObject(token) && token.v === 'lab/1' && typeof token.rv === 'number' && typeof token.after === 'string')
      return token as unknown as ContinueToken
  } catch {
    // Not our token: the 400 below says so.
  }
  throw badRequest('continue key is not valid: incorrect encoding')
}

const COMMA = Buffer.from(',')

/** The body of a list answer, piece by piece, in the key order real servers use for custom resources (metadata last). */
export function* listBody(
  page: ListPage,
  definition: ResourceDefinition,
  representation: Representation,
  include: IncludeObject,
  now: () => number,
): Generator<Buffer> {
  const apiVersion = apiVersionOf(definition)
  if (representation.as === 'table') {
    const writer = tableWriter(definition, representation.version, include, now, apiVersion)
    const head = { kind: 'Table', apiVersion: writer.apiVersion, metadata: page.metadata, columnDefinitions: writer.columnDefinitions }
    yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"rows":[`)
    yield* joined(page.items, (item) => Buffer.from(JSON.stringify(writer.row(item))))
    yield Buffer.from(']}\n')
    return
  }
  if (representation.as === 'metadata') {
    const head = { kind: 'PartialObjectMetadataList', apiVersion: `meta.k8s.io/${representation.version}`, metadata: page.metadata }
    yield Buffer.from(`${JSON.stringify(head).slice(0, -1)},"items":[`)
    yield* joined(page.items, (item) =>
      Buffer.from(JSON.stringify(metadataOnly(JSON.parse(item.json.toString()) as KubeObject, representation.version))),
    )
    yield Buffer.from(']}\n')
    return
  }
  const { continue: next = '', ...rest } = page.metadata
  const metadata: JsonObject = { continue: next, ...rest }
  yield Buffer.from(`{"apiVersion":${JSON.stringify(apiVersion)},"items":[`)
  yield* joined(page.items, (item) => jsonIn(item, apiVersion))
  yield Buffer.from(`],"kind":${JSON.stringify(definition.listKind)},"metadata":${JSON.stringify(metadata)}}\n`)
}

function* joined(items: readonly StoredObject[], write: (item: StoredObject) => Buffer): Generator<Buffer> {
  let first = true
  for (const item of items) {
    if (!first) yield COMMA
    first = false
    yield write(item)
  }
}
