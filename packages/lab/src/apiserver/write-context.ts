import type { Admission } from './admission.ts'
import type { KubeObject } from './kube-object.ts'
import type { ResourceDefinition } from './resource-definition.ts'
import type { ResourceStore } from './storage.ts'

/** How strictly unknown and duplicate fields are treated. */
export type FieldValidation = 'Strict' | 'Warn' | 'Ignore'

/** What a write needs to know: where, by whom, and with which options. */
export interface WriteContext {
  readonly definition: ResourceDefinition
  readonly store: ResourceStore
  readonly namespace: string
  readonly subresource: string
  readonly user: string
  /** fieldManager parameter, or the first part of User-Agent. */
  readonly manager: string
  readonly dryRun: boolean
  readonly force: boolean
  readonly fieldValidation: FieldValidation
  readonly now: () => number
  readonly newUid: () => string
  readonly randomSuffix: () => string
  readonly admission: Admission | undefined
  /** Looks up any other object, for admission rules that follow references. */
  readonly lookup: (resourceKey: string, namespace: string, name: string) => KubeObject | undefined
  /** Every object of a resource; with `mentioning` only those whose JSON contains this text. */
  readonly list: (resourceKey: string, mentioning?: string) => readonly KubeObject[]
  readonly namespaceExists: (name: string) => boolean
  /** Warning texts to be sent as Warning headers. */
  readonly warnings: string[]
}
