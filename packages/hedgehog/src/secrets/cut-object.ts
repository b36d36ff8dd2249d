import { isRecord, valueAt } from '../documents/reading.ts'
import type { ResourceDocument } from '../documents/reading.ts'
import { BOUNDARY } from './boundary.ts'
import { looksSecret } from './credential-names.ts'
import { splitAgent, splitGatewayAgent, without } from './volatile.ts'
import type { Volatile } from './volatile.ts'

/** What of an object passes the watch boundary. */
export interface CutResult {
  /** Without resourceVersion, which travels apart, and without volatile parts. */
  readonly document: ResourceDocument
  readonly volatile: Volatile | undefined
  /** Paths cut by name from a kind that a configuration added; empty for the kinds of the registry. */
  readonly cut: readonly string[]
}

/** The annotation in which `kubectl apply` repeats the whole manifest, secrets included. */
export const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'

/** Nesting below which a document of an unknown kind is cut off: no real one is near it, and recursion stays bounded. */
const MAX_DEPTH = 64

function cutMetadata(value: unknown, keepAnnotation: (key: string) => boolean): unknown {
  if (!isRecord(value)) return {}
  const { managedFields: _managedFields, resourceVersion: _resourceVersion, ...kept } = value
  const annotations = kept['annotations']
  if (!isRecord(annotations)) return kept
  const dropped = Object.keys(annotations).filter((key) => key === LAST_APPLIED || !keepAnnotation(key))
  return dropped.length === 0 ? kept : { ...kept, annotations: without(annotations, ...dropped) }
}

const anyAnnotation = () => true

/** Of kinds that hold credentials only the product's own annotations stay: others may repeat the whole manifest. */
const ownAnnotation = (key: string) => key.includes('githedgehog.com/')

function head(object: ResourceDocument, keepAnnotation: (key: string) => boolean): [string, unknown][] {
  const entries: [string, unknown][] = []
  for (const name of ['apiVersion', 'kind']) if (typeof object[name] === 'string') entries.push([name, object[name]])
  entries.push(['metadata', cutMetadata(object['metadata'], keepAnnotation)])
  return entries
}

function whole(object: ResourceDocument): ResourceDocument {
  const entries = head(object, anyAnnotation)
  for (const name of ['spec', 'status']) if (Object.hasOwn(object, name)) entries.push([name, object[name]])
  return Object.fromEntries(entries)
}

interface Branch {
  readonly [step: string]: Branch | true
}

function branchOf(paths: readonly (readonly string[])[]): Branch {
  const byFirst = new Map<string, (readonly string[])[]>()
  for (const [first, ...rest] of paths) if (first !== undefined) byFirst.set(first, [...(byFirst.get(first) ?? []), rest])
  return Object.fromEntries([...byFirst].map(([first, rests]) => [first, rests.some((rest) => rest.length === 0) ? true : branchOf(rests)]))
}

function kept(value: unknown, branch: Branch): unknown {
  if (!isRecord(value)) return undefined
  const entries = Object.entries(branch).flatMap(([name, below]) => {
    const inner = valueAt(value, name)
    const result = below === true ? inner : kept(inner, below)
    return result === undefined ? [] : [[name, result] as const]
  })
  return Object.fromEntries(entries)
}

const BRANCHES: ReadonlyMap<string, Branch> = new Map(
  Object.entries(BOUNDARY).flatMap(([id, rule]) => (rule.keep === 'all' ? [] : [[id, branchOf(rule.keep)] as const])),
)

/** True for `{name: DB_PASSWORD, value: …}`, the way environment variables hold secrets. */
function isNamedSecret(value: Readonly<Record<string, unknown>>): boolean {
  return typeof value['name'] === 'string' && looksSecret(value['name'])
}

/** True for `https://user:password@host`, and for the text of a JSON document: both may hold a credential that no field name tells of. */
function isSecretText(value: string): boolean {
  return /:\/\/[^/\s@]*:[^/\s@]*@/.test(value) || /^\s*[[{]["[{]/.test(value)
}

function cutByName(value: unknown, path: string, depth: number, cut: string[]): unknown {
  if (typeof value === 'string' && isSecretText(value)) {
    cut.push(path)
    return ''
  }
  if (typeof value !== 'object' || value === null) return value
  if (depth > MAX_DEPTH) {
    cut.push(path)
    return null
  }
  if (Array.isArray(value)) return value.map((item, index) => cutByName(item, `${path}/${index}`, depth + 1, cut))
  const record = value as Readonly<Record<string, unknown>>
  const named = isNamedSecret(record)
  const entries: [string, unknown][] = []
  for (const [name, inner] of Object.entries(record)) {
    const here = `${path}/${name}`
    if (looksSecret(name) || (named && name !== 'name')) cut.push(here)
    else entries.push([name, cutByName(inner, here, depth + 1, cut)])
  }
  return Object.fromEntries(entries)
}

function cutUnknown(kind: string, object: ResourceDocument): CutResult {
  const cut: string[] = []
  const entries: [string, unknown][] = []
  for (const [name, value] of head(object, anyAnnotation)) {
    if (name !== 'metadata' || !isRecord(value)) entries.push([name, value])
    else {
      // Names of the object itself stay readable; what people attach to it is cut like the rest.
      const attached = ['labels', 'annotations']
        .filter((part) => Object.hasOwn(value, part))
        .map((part) => [part, cutByName(value[part], `/metadata/${part}`, 0, cut)] as const)
      entries.push([name, { ...value, ...Object.fromEntries(attached) }])
    }
  }
  for (const [name, value] of Object.entries(object)) {
    if (name === 'apiVersion' || name === 'kind' || name === 'metadata') continue
    if (looksSecret(kind) || looksSecret(name)) cut.push(`/${name}`)
    else entries.push([name, cutByName(value, `/${name}`, 1, cut)])
  }
  return { document: Object.fromEntries(entries), volatile: undefined, cut }
}

/**
 * Cuts an object as it comes from the cluster down to what may be kept, shown and logged, and splits off what
 * moves with every heartbeat. `id` is `Kind.group`. The input is not changed, and parts of it are shared with the
 * result. For the 12 expected kinds the cost does not depend on the size of the object.
 */
export function cutObject(id: string, object: ResourceDocument): CutResult {
  const rule = Object.hasOwn(BOUNDARY, id) ? BOUNDARY[id] : undefined
  if (rule === undefined) return cutUnknown(id.split('.', 1)[0] ?? id, object)
  if (rule.keep === 'all') return { document: whole(object), volatile: undefined, cut: [] }
  const document = { ...Object.fromEntries(head(object, ownAnnotation)), ...(kept(object, BRANCHES.get(id) ?? {}) as ResourceDocument) }
  if (id === 'Agent.agent.githedgehog.com') return { ...splitAgent(document), cut: [] }
  if (id === 'GatewayAgent.gwint.githedgehog.com') return { ...splitGatewayAgent(document), cut: [] }
  return { document, volatile: undefined, cut: [] }
}
