import { sorted, type Json, type JsonObject } from './json.ts'
import { jsonPath } from './json-path.ts'
import type { KubeObject } from './kube-object.ts'
import type { ResourceDefinition } from './resource-definition.ts'
import { jsonIn, type StoredObject } from './stored-object.ts'

/** Writes objects of one resource as rows of a `meta.k8s.io` Table, what kubectl shows by default. */
export interface TableWriter {
  readonly apiVersion: string
  readonly columnDefinitions: JsonObject[]
  row(stored: StoredObject): JsonObject
}

/** What `includeObject` may ask for. */
export type IncludeObject = 'None' | 'Metadata' | 'Object'

/** A writer for the definition's printer columns; ages are counted from `now` at the time a row is written. */
export function tableWriter(
  definition: ResourceDefinition,
  version: string,
  include: IncludeObject,
  now: () => number,
  apiVersion: string,
): TableWriter {
  const columns = definition.columns.map((column) => ({ ...column, read: jsonPath(column.jsonPath) }))
  return {
    apiVersion: `meta.k8s.io/${version}`,
    columnDefinitions: [
      { name: 'Name', type: 'string', format: 'name', description: 'Name must be unique within a namespace.', priority: 0 },
      ...columns.map((column) => ({
        name: column.name,
        type: column.type,
        format: column.format ?? '',
        description: column.description ?? `Custom resource definition column (in JSONPath format): ${column.jsonPath}`,
        priority: column.priority ?? 0,
      })),
    ],
    row: (stored) => {
      const object = JSON.parse(jsonIn(stored, apiVersion).toString()) as KubeObject
      const row: JsonObject = {
        cells: [object.metadata.name ?? '', ...columns.map((column) => cell(column.type, column.read(object), now()))],
      }
      if (include === 'Object') row.object = object
      if (include === 'Metadata') row.object = metadataOnly(object, version)
      return row
    },
  }
}

/** The object reduced to its metadata. */
export function metadataOnly(object: KubeObject, version: string): KubeObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: object.metadata }
}

function cell(type: string, found: readonly Json[], now: number): Json {
  const value = found[0]
  if (value === undefined) return null
  switch (type) {
    case 'string':
      return typeof value === 'object' ? JSON.stringify(sorted(value)) : String(value)
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date': {
      if (typeof value !== 'string') return null
      const at = Date.parse(value)
      return Number.isNaN(at) ? '<invalid>' : humanDuration(now - at)
    }
    default:
      return null
  }
}

/** An age as kubectl prints it: 45s, 3m20s, 17m, 5h3m, 23h, 2d4h, 40d, 2y10d. */
function humanDuration(ms: number): string {
  const seconds = Math.floor(ms / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 10) return seconds % 60 === 0 ? `${minutes}m` : `${minutes}m${seconds % 60}s`
  if (minutes < 180) return `${minutes}m`
  const hours = Math.floor(minutes / 60)
  if (hours < 8) return minutes % 60 === 0 ? `${hours}h` : `${hours}h${minutes % 60}m`
  if (hours < 48) return `${hours}h`
  const days = Math.floor(hours / 24)
  if (hours < 192) return hours % 24 === 0 ? `${days}d` : `${days}d${hours % 24}h`
  if (days < 730) return `${days}d`
  const years = Math.floor(days / 365)
  return years < 8 && days % 365 !== 0 ? `${years}y${days % 365}d` : `${years}y`
}
