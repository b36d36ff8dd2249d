import { ApiStatusError } from './api-status.ts'

/** How objects are represented in an answer. `group` version matters for tables: v1 or v1beta1. */
export type Representation = { readonly as: 'object' | 'table' | 'metadata'; readonly version: string }

interface Accepted {
  readonly type: string
  readonly parameters: ReadonlyMap<string, string>
}

function parseAccept(header: string): Accepted[] {
  return header.split(',').map((part) => {
    const [type = '', ...rest] = part.split(';').map((piece) => piece.trim())
    const parameters = new Map(
      rest.map((piece): [string, string] => {
        const at = piece.indexOf('=')
        return at === -1 ? [piece, ''] : [piece.slice(0, at), piece.slice(at + 1)]
      }),
    )
    return { type: type.toLowerCase(), parameters }
  })
}

function isJson(type: string): boolean {
  return type === 'application/json' || type === '*/*' || type === 'application/*' || type === ''
}

/** The first representation in Accept that this server can give; `collection` asks for …List forms. Throws 406. */
export function representationOf(header: string | undefined): Representation {
  for (const { type, parameters } of parseAccept(header ?? '*/*')) {
    if (!isJson(type)) continue
    const as = parameters.get('as')
    if (as === undefined) return { as: 'object', version: '' }
    const version = parameters.get('v') ?? ''
    if (parameters.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) continue
    if (as === 'Table') return { as: 'table', version }
    if (as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList') return { as: 'metadata', version }
  }
  throw notAcceptable()
}

/** The first aggregated-discovery version in Accept that is among `offered`; undefined when plain JSON is wanted first. */
export function discoveryVersion(header: string | undefined, offered: readonly string[]): string | undefined {
  for (const { type, parameters } of parseAccept(header ?? '*/*')) {
    if (!isJson(type)) continue
    const as = parameters.get('as')
    if (as === undefined) return undefined
    const version = parameters.get('v') ?? ''
    if (as === 'APIGroupDiscoveryList' && parameters.get('g') === 'apidiscovery.k8s.io' && offered.includes(version)) return version
  }
  throw notAcceptable()
}

function notAcceptable(): ApiStatusError {
  return new ApiStatusError(406, 'NotAcceptable', 'only the following media types are accepted: application/json', {})
}
