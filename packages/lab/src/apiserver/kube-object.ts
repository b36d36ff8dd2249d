import type { Json, JsonObject } from './json.ts'

/** The part of metadata this server reads or writes itself. */
export type ObjectMeta = {
  name?: string
  generateName?: string
  namespace?: string
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  deletionGracePeriodSeconds?: number
  finalizers?: string[]
  labels?: { [key: string]: string }
  annotations?: { [key: string]: string }
  managedFields?: ManagedFieldsEntry[]
  [key: string]: Json | undefined
}

/** One entry of metadata.managedFields. */
export type ManagedFieldsEntry = {
  manager: string
  operation: 'Apply' | 'Update'
  apiVersion: string
  time?: string
  fieldsType: 'FieldsV1'
  fieldsV1: JsonObject
  subresource?: string
}

/** Any Kubernetes object as JSON. */
export type KubeObject = { apiVersion: string; kind: string; metadata: ObjectMeta; [key: string]: Json | undefined }
