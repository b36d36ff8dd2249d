import type { Json, JsonObject } from './json.ts'
import type { ResourceDefinition } from './resource-definition.ts'

/** Groups served now with their versions, newest stable first as clients prefer them. */
function groupsOf(all: readonly ResourceDefinition[]): Map<string, string[]> {
  const groups = new Map<string, string[]>()
  for (const definition of all) {
    const versions = groups.get(definition.group) ?? []
    if (!versions.includes(definition.version)) versions.push(definition.version)
    groups.set(definition.group, versions)
  }
  for (const versions of groups.values()) versions.sort(byVersionPriority)
  return groups
}

function byVersionPriority(a: string, b: string): number {
  return priority(b) - priority(a) || a.localeCompare(b)
}

/** v2 before v1 before v1beta2 before v1beta1 before v1alpha1, as Kubernetes orders versions. */
function priority(version: string): number {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (match === null) return -1
  const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0
  return stage * 1_000_000 + Number(match[1]) * 1000 + Number(match[3] ?? 0)
}

/** GET /api. */
export function coreVersions(address: string): JsonObject {
  return { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }] }
}

/** GET /apis. */
export function groupList(all: readonly ResourceDefinition[]): JsonObject {
  const groups = [...groupsOf(all)].filter(([group]) => group !== '').map(([group, versions]) => groupEntry(group, versions))
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

function groupEntry(group: string, versions: readonly string[]): JsonObject {
  const entries = versions.map((version) => ({ groupVersion: `${group}/${version}`, version }))
  return { name: group, versions: entries, preferredVersion: { ...entries[0]! } }
}

/** GET /apis/GROUP; undefined when not served. */
export function groupDocument(all: readonly ResourceDefinition[], group: string): JsonObject | undefined {
  const versions = groupsOf(all).get(group)
  return versions === undefined || group === '' ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(group, versions) }
}

/** GET /apis/GROUP/VERSION or /api/v1; undefined when not served. */
export function resourceList(all: readonly ResourceDefinition[], group: string, version: string): JsonObject | undefined {
  const mine = all.filter((definition) => definition.group === group && definition.version === version)
  if (mine.length === 0) return undefined
  const resources: Json[] = mine.flatMap((definition) => {
    const common = { singularName: definition.singular, namespaced: definition.namespaced, kind: definition.kind }
    const main: JsonObject = { name: definition.resource, ...common, verbs: [...definition.verbs] }
    if (definition.shortNames.length > 0) main.shortNames = [...definition.shortNames]
    if (definition.categories.length > 0) main.categories = [...definition.categories]
    main.storageVersionHash = Buffer.from(`${definition.resource}.${definition.group}/${definition.storageVersion}`)
      .toString('base64')
      .slice(0, 12)
    const status: JsonObject = { name: `${definition.resource}/status`, ...common, singularName: '', verbs: ['get', 'patch', 'update'] }
    return definition.statusSubresource ? [main, status] : [main]
  })
  return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion: group === '' ? version : `${group}/${version}`, resources }
}

/** The aggregated form at /api (core) and /apis (the rest). */
export function aggregated(all: readonly ResourceDefinition[], core: boolean, version: string): JsonObject {
  const items = [...groupsOf(all)]
    .filter(([group]) => (group === '') === core)
    .map(([group, versions]) => ({
      metadata: { name: group, creationTimestamp: null },
      versions: versions.map((entry) => ({
        version: entry,
        resources: all.filter((definition) => definition.group === group && definition.version === entry).map(aggregatedResource),
        freshness: 'Current',
      })),
    }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: `apidiscovery.k8s.io/${version}`, metadata: {}, items }
}

function aggregatedResource(definition: ResourceDefinition): JsonObject {
  const responseKind = { group: definition.group, version: definition.version, kind: definition.kind }
  return {
    resource: definition.resource,
    responseKind,
    scope: definition.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: definition.singular,
    verbs: [...definition.verbs],
    ...(definition.shortNames.length > 0 && { shortNames: [...definition.shortNames] }),
    ...(definition.categories.length > 0 && { categories: [...definition.categories] }),
    ...(definition.statusSubresource && {
      subresources: [{ subresource: 'status', responseKind: { ...responseKind }, verbs: ['get', 'patch', 'update'] }],
    }),
  }
}
