import type { LabStore } from './storage.ts'
import { isObject, objectOr, type JsonObject, text } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import { ALL_VERBS, resourceKey, type PrinterColumn, type ResourceDefinition } from './resource-definition.ts'
import { thaw } from './stored-object.ts'
import { BUILT_IN, CRD_KEY } from './built-in-resources.ts'

/** Called when a resource stops being served. */
export type UnservedListener = (key: string) => void

/** What is served right now: the built-in resources and one definition per served version of each CRD object in the store. */
export class Registry {
  readonly #store: LabStore
  readonly #custom = new Map<string, readonly ResourceDefinition[]>()
  readonly #unserved = new Set<UnservedListener>()

  constructor(store: LabStore) {
    this.#store = store
    store.resource(CRD_KEY).listen((change) => {
      if (change.type === 'DELETED') this.#drop(change.object.name)
      else this.#custom.set(change.object.name, definitionsOf(thaw(change.object)))
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

  onUnserved(listener: UnservedListener): void {
    this.#unserved.add(listener)
  }

  #drop(name: string): void {
    this.#custom.delete(name)
    this.#store.resource(name).clear()
    for (const listener of this.#unserved) listener(name)
  }
}

/** The definitions a CustomResourceDefinition object stands for, one per served version. */
export function definitionsOf(crd: KubeObject): ResourceDefinition[] {
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

/** The store key of a definition, for callers that only have the definition. */
export const storeKey = resourceKey
