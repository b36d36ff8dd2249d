import { BinnacleError, errorCodeOf, type Clock } from '@binnacle/protocol'
import type { Connection } from '../connection/connection.ts'
import type { ServedKind } from './served-kind.ts'

/** A discovery document is asked for again after this time, so that CRDs installed later are found. */
const FRESH_MS = 60_000
/** …and not more often than this, however many kinds ask. */
const AGAIN_MS = 5_000
/** Versions of the wanted groups that are asked for on servers without aggregated discovery; real ones have a handful. */
const VERSIONS_MAX = 100
const ACCEPT =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'

type Map = Record<string, unknown>
const isMap = (value: unknown): value is Map => typeof value === 'object' && value !== null && !Array.isArray(value)
const list = (value: unknown): Map[] => (Array.isArray(value) ? value.filter(isMap) : [])
const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const verbs = (value: unknown): string[] => (Array.isArray(value) ? value.filter((verb): verb is string => typeof verb === 'string') : [])

function fromAggregated(document: Map): ServedKind[] {
  return list(document['items']).flatMap((group) =>
    list(group['versions']).flatMap((version) =>
      list(version['resources']).map((resource) => ({
        group: text(isMap(group['metadata']) ? group['metadata']['name'] : ''),
        version: text(version['version']),
        kind: text(isMap(resource['responseKind']) ? resource['responseKind']['kind'] : ''),
        plural: text(resource['resource']),
        namespaced: resource['scope'] === 'Namespaced',
        watchable: verbs(resource['verbs']).includes('watch') && verbs(resource['verbs']).includes('list'),
      })),
    ),
  )
}

async function fromGroups(
  connection: Connection,
  document: Map,
  wantedGroups: ReadonlySet<string>,
  deadline: { readonly deadlineMs?: number },
): Promise<ServedKind[]> {
  const versions = list(document['groups'])
    .filter((group) => wantedGroups.has(text(group['name'])))
    .flatMap((group) => list(group['versions']).map((version) => ({ group: text(group['name']), version: text(version['version']) })))
    .slice(0, VERSIONS_MAX)
  const found = await Promise.all(
    versions.map(async ({ group, version }) => {
      const resources = await connection
        .json(`/apis/${encodeURIComponent(group)}/${encodeURIComponent(version)}`, deadline)
        .catch((error: unknown) => {
          // Removed since the list of groups was made, or its own server is down: the other groups go on.
          if (errorCodeOf(error) === 'KIND_NOT_SERVED' || errorCodeOf(error) === 'CLUSTER_BUSY') return undefined
          throw error
        })
      return list(isMap(resources) ? resources['resources'] : [])
        .filter((resource) => !text(resource['name']).includes('/'))
        .map((resource) => ({
          group,
          version,
          kind: text(resource['kind']),
          plural: text(resource['name']),
          namespaced: resource['namespaced'] === true,
          watchable: verbs(resource['verbs']).includes('watch') && verbs(resource['verbs']).includes('list'),
        }))
    }),
  )
  return found.flat()
}

/** What the cluster serves, asked for when somebody needs to know and at most so old as {@link FRESH_MS}. */
export class Discovery {
  readonly #connection: () => Promise<Connection>
  readonly #groups: ReadonlySet<string>
  readonly #clock: Clock
  readonly #deadline: { readonly deadlineMs?: number }
  #known: { readonly kinds: readonly ServedKind[]; readonly serverVersion: string; readonly at: number } | undefined
  #asking: Promise<readonly ServedKind[]> | undefined

  /** `deadlineMs`: each answer must be complete within it; the connection's own deadline when absent. */
  constructor(connection: () => Promise<Connection>, groups: Iterable<string>, clock: Clock, deadlineMs?: number) {
    this.#connection = connection
    this.#groups = new Set(groups)
    this.#clock = clock
    this.#deadline = deadlineMs === undefined ? {} : { deadlineMs }
  }

  /** The version text of the server, once it was asked. */
  get serverVersion(): string | null {
    return this.#known?.serverVersion ?? null
  }

  /** The minor version of a 1.x server (27 of v1.27.3+k3s1); undefined when it is not known. */
  get minorVersion(): number | undefined {
    const minor = /^v?1\.(\d+)/.exec(this.#known?.serverVersion ?? '')?.[1]
    return minor === undefined ? undefined : Number(minor)
  }

  /** What is served; `anew`: somebody saw that the known answer is wrong. */
  async served(anew = false): Promise<readonly ServedKind[]> {
    const age = this.#known === undefined ? Infinity : this.#clock.monotonic() - this.#known.at
    if (this.#known !== undefined && age < (anew ? AGAIN_MS : FRESH_MS)) return this.#known.kinds
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined
    })
    return this.#asking
  }

  async #ask(): Promise<readonly ServedKind[]> {
    const connection = await this.#connection()
    const [version, groups] = await Promise.all([
      connection.json('/version', this.#deadline),
      connection.json('/apis', { accept: ACCEPT, ...this.#deadline }),
    ]).catch((error: unknown) => {
      if (errorCodeOf(error) === 'KIND_NOT_SERVED')
        throw new BinnacleError('CLUSTER_PROTOCOL', `${connection.server} has no /apis: it is no Kubernetes API server`, { cause: error })
      throw error
    })
    if (!isMap(groups)) throw new BinnacleError('CLUSTER_PROTOCOL', 'the answer to /apis is not a discovery document')
    const kinds =
      groups['kind'] === 'APIGroupDiscoveryList'
        ? fromAggregated(groups)
        : groups['kind'] === 'APIGroupList'
          ? await fromGroups(connection, groups, this.#groups, this.#deadline)
          : undefined
    if (kinds === undefined) throw new BinnacleError('CLUSTER_PROTOCOL', 'the answer to /apis is not a discovery document')
    this.#known = { kinds, serverVersion: text(isMap(version) ? version['gitVersion'] : ''), at: this.#clock.monotonic() }
    return kinds
  }
}
