import { sorted } from './json.ts'
import type { KubeObject } from './kube-object.ts'

/** An object as it lies in the store: its bytes, and the few fields that selectors and watches need without parsing. */
export interface StoredObject {
  /** `namespace/name`, or `/name` for cluster-wide resources; lists are in this order. */
  readonly key: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly revision: number
  readonly apiVersion: string
  readonly labels: Readonly<Record<string, string>>
  readonly json: Buffer
}

/** The store key of an object. */
export function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`
}

/** Freezes an object into bytes at a revision. The revision is written into metadata.resourceVersion. */
export function freeze(object: KubeObject, revision: number): StoredObject {
  const metadata = { ...object.metadata, resourceVersion: String(revision) }
  const json = Buffer.from(JSON.stringify(sorted({ ...object, metadata })))
  return {
    key: keyOf(metadata.namespace, metadata.name ?? ''),
    namespace: metadata.namespace ?? '',
    name: metadata.name ?? '',
    uid: metadata.uid ?? '',
    revision,
    apiVersion: object.apiVersion,
    labels: metadata.labels ?? NO_LABELS,
    json,
  }
}

const NO_LABELS: Readonly<Record<string, string>> = Object.freeze({})

/** The object itself, a fresh copy at each call. */
export function thaw(stored: StoredObject): KubeObject {
  return JSON.parse(stored.json.toString()) as KubeObject
}

/**
 * The bytes of an object in another served version. Versions differ by apiVersion only (conversion strategy None), and
 * sorted keys put apiVersion first, so only the beginning of the buffer changes.
 */
export function jsonIn(stored: StoredObject, apiVersion: string): Buffer {
  if (stored.apiVersion === apiVersion) return stored.json
  const head = `{"apiVersion":${JSON.stringify(stored.apiVersion)}`
  return Buffer.concat([Buffer.from(`{"apiVersion":${JSON.stringify(apiVersion)}`), stored.json.subarray(Buffer.byteLength(head))])
}
