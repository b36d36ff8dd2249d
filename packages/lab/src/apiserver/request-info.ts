/** What a request asks for, read from method and path alone, as Kubernetes' RequestInfo. */
export interface RequestInfo {
  readonly verb: string
  readonly path: string
  readonly query: URLSearchParams
  /** Undefined for non-resource paths such as /version. */
  readonly target?: ResourceTarget
}

/** The resource part of a path. */
export interface ResourceTarget {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly subresource: string
}

const VERBS: Readonly<Record<string, string>> = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete', HEAD: 'get' }

/** Reads method and URL. Never throws: what is not understood has no target and ends as 404. */
export function requestInfo(method: string, url: string): RequestInfo {
  const at = url.indexOf('?')
  const path = at === -1 ? url : url.slice(0, at)
  const query = new URLSearchParams(at === -1 ? '' : url.slice(at + 1))
  const target = resourceTarget(path)
  let verb = VERBS[method] ?? method.toLowerCase()
  if (target !== undefined && target.name === '') {
    if (verb === 'get') verb = isTrue(query.get('watch')) ? 'watch' : 'list'
    if (verb === 'delete') verb = 'deletecollection'
  } else if (verb === 'get' && isTrue(query.get('watch'))) verb = 'watch'
  return { verb, path, query, ...(target && { target }) }
}

/** Kubernetes' reading of a boolean parameter: present and not false-like. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0'
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A broken escape names nothing that exists: 404 follows.
    return part
  }
}

function resourceTarget(path: string): ResourceTarget | undefined {
  const parts = path.split('/').slice(1).map(decode)
  if (parts.at(-1) === '') parts.pop()
  let rest: string[]
  let group = ''
  let version: string
  if (parts[0] === 'api' && parts.length > 2) {
    version = parts[1]!
    rest = parts.slice(2)
  } else if (parts[0] === 'apis' && parts.length > 3) {
    group = parts[1]!
    version = parts[2]!
    rest = parts.slice(3)
  } else return undefined
  let namespace = ''
  // namespaces/NAME alone is the namespace object itself; with more behind it, a scope.
  if (rest[0] === 'namespaces' && rest.length > 2 && !(group === '' && ['status', 'finalize'].includes(rest[2]!))) {
    namespace = rest[1]!
    rest = rest.slice(2)
  }
  const [resource = '', name = '', subresource = ''] = rest
  return { group, version, resource, namespace, name, subresource }
}
