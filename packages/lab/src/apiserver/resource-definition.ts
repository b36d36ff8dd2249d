import type { JsonObject } from './json.ts'
import type { StatusSubject } from './api-status.ts'

/** One printer column of a CRD version. */
export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly jsonPath: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
}

/** A resource as it is served in one version: everything the handlers need to know about it. */
export interface ResourceDefinition extends StatusSubject {
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly singular: string
  readonly kind: string
  readonly listKind: string
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  readonly namespaced: boolean
  readonly verbs: readonly string[]
  readonly statusSubresource: boolean
  /** openAPIV3Schema; an empty object means nothing is checked. */
  readonly schema: JsonObject
  readonly columns: readonly PrinterColumn[]
  /** True for definitions that came from a CRD object. */
  readonly custom: boolean
  /** The version objects are stored in. */
  readonly storageVersion: string
}

/** All verbs a stored resource answers. */
export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const

/** `group/version`, or just the version for the core group: what stands in apiVersion. */
export function apiVersionOf(definition: { readonly group: string; readonly version: string }): string {
  return definition.group === '' ? definition.version : `${definition.group}/${definition.version}`
}

/** The name under which objects of a group and resource are stored and counted: `vpcs.vpc.githedgehog.com`, `namespaces`. */
export function resourceKey(definition: { readonly group: string; readonly resource: string }): string {
  return definition.group === '' ? definition.resource : `${definition.resource}.${definition.group}`
}
