import { defaulted, kindOf } from '@binnacle/hedgehog'
import type { JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'

/** Everything that a cluster adds or that is not spec. */
interface Beside {
  readonly annotations?: Readonly<Record<string, string>>
  readonly status?: JsonObject
}

/**
 * An object of a Hedgehog kind as a cluster holds it: with the server's defaults and labels. Throws RangeError for a
 * kind that does not exist. uid, resourceVersion and times are the server's to give.
 */
export function labObject(kind: string, name: string, spec: JsonObject, beside: Beside = {}): KubeObject {
  const definition = kindOf(kind)
  if (definition === undefined) throw new RangeError(`${kind} is not a Hedgehog kind`)
  const object = {
    apiVersion: `${definition.group}/${definition.version}`,
    kind,
    metadata: { name, namespace: 'default', ...(beside.annotations && { annotations: { ...beside.annotations } }) },
    spec,
    ...(beside.status && { status: beside.status }),
  }
  return defaulted(kind, object, { serverLabels: true }) as KubeObject
}

/** The name of an object; every object of the lab has one. */
export const nameOfObject = (object: KubeObject): string => object.metadata.name ?? ''

/** The spec of an object; empty when it has none. */
export const specOf = (object: KubeObject | undefined): JsonObject => (object?.['spec'] ?? {}) as JsonObject
