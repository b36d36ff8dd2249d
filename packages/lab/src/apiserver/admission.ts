import type { KubeObject } from './kube-object.ts'
import type { ResourceDefinition } from './resource-definition.ts'

/** What admission is told about a write. */
export interface AdmissionContext {
  readonly operation: 'create' | 'update' | 'delete'
  readonly definition: ResourceDefinition
  readonly user: string
  /** The stored object before the write. */
  readonly previous: KubeObject | undefined
  /** Any other object of the cluster, for rules that follow references. */
  readonly lookup: (resourceKey: string, namespace: string, name: string) => KubeObject | undefined
  /** Every object of a resource; with `mentioning` only those whose JSON contains this text. */
  readonly list: (resourceKey: string, mentioning?: string) => readonly KubeObject[]
}

/** A write admission refuses; `webhook` is the name a real cluster would show. */
export interface AdmissionRejection {
  readonly reject: string
  readonly webhook: string
}

/** Changes an object as mutating webhooks would, or refuses it. On delete the answer's object is not used. */
export type Admission = (object: KubeObject, context: AdmissionContext) => KubeObject | AdmissionRejection

/** Whether admission refused. */
export function isRejection(answer: KubeObject | AdmissionRejection): answer is AdmissionRejection {
  return 'reject' in answer
}
