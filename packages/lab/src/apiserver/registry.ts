import type { LabStore } from './storage.ts'
import { isObject, objectOr, type JsonObject, text } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { ALL_VERBS, type PrinterColumn, type ResourceDefinition } from './resource-definition.ts'
import { thaw } from './stored-object.ts'
import { BUILT_IN, CRD_KEY } from './built-in-resources.ts'

/** Called with the store key of a resource that is no longer served, or served otherwise than before. */
export type ServingListener = (key: string) => void

/** What is served right now: the built-in resources and one definition per served version of each CRD object in the store. */
export class Registry {
  readonly #store: LabStore
  readonly #custom = new Map<string, readonly ResourceDefinition[]>()
  readonly #listeners = new Set<ServingListener>()

  constructor(store: LabStore) {
    this.#store = store
    store.resource(CRD_KEY).listen((change) => {
      if (change.type === 'DELETED') this.#drop(change.object.name)
      else this.#serve(change.object.name, definitionsOf(thaw(change.object)))
    })
  }

  /** All definitions, built-in first. */
  all(): readonly ResourceDefinition[] {
    return [...BUILT_IN, ...[...this.#custom.values()].flat()]
  }

  find(group: string, version: string, resource: string): ResourceDefinition | undefined {
    return this.all().find((entry) => entry.group === group && entry.version === version && entry.resource === resource)
  }

  /** The definition an object's apiVersion and kind point to. */
  findKind(apiVersion: string, kind: string): ResourceDefinition | undefined {
    return this.all().find(
      (entry) => entry.kind === kind && (entry.group === '' ? entry.version : `${entry.group}/${entry.version}`) === apiVersion,
    )
  }

  onServingChanged(listener: ServingListener): void {
    this.#listeners.add(listener)
  }

  #serve(name: string, definitions: readonly ResourceDefinition[]): void {
    const before = this.#custom.get(name)
    this.#custom.set(name, definitions)
    if (before !== undefined && JSON.stringify(before) !== JSON.stringify(definitions)) this.#tell(name)
  }

  #tell(name: string): void {
    for (const listener of this.#listeners) listener(name)
  }

  #drop(name: string): void {
    this.#custom.delete(name)
    this.#store.resource(name).clear()
    this.#tell(name)
  }
}

/** The definitions a CustomResourceDefinition object stands for, one per served version. */
function definitionsOf(crd: KubeObject): ResourceDefinition[] {
  const spec = objectOr(crd.spec)
  const names = objectOr(spec.names)
  const versions = (Array.isArray(spec.versions) ? spec.versions : []).filter(isObject)
  const storageVersion = text(versions.find((version) => version.storage === true)?.name ?? versions[0]?.name ?? '')
  const strings = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])
  return versions
    .filter((version) => version.served === true)
    .map((version) => {
      const kind = text(names.kind)
      return {
        group: text(spec.group),
        version: text(version.name),
        resource: text(names.plural),
        singular: text(names.singular ?? kind.toLowerCase()),
        kind,
        listKind: text(names.listKind ?? `${kind}List`),
        shortNames: strings(names.shortNames),
        categories: strings(names.categories),
        namespaced: spec.scope !== 'Cluster',
        verbs: ALL_VERBS,
        statusSubresource: isObject(objectOr(version.subresources).status),
        schema: objectOr(objectOr(version.schema).openAPIV3Schema),
        columns: columnsOf(version),
        custom: true,
        storageVersion,
      }
    })
}

function columnsOf(version: JsonObject): PrinterColumn[] {
  const columns = version.additionalPrinterColumns
  if (!Array.isArray(columns) || columns.length === 0) return [{ name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' }]
  return columns.filter(isObject).map((column) => ({
    name: text(column.name),
    type: text(column.type),
    jsonPath: text(column.jsonPath),
    ...(typeof column.format === 'string' && { format: column.format }),
    ...(typeof column.description === 'string' && { description: column.description }),
    ...(typeof column.priority === 'number' && { priority: column.priority }),
  }))
}
