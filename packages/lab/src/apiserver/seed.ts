import { clone, type JsonObject } from './json.ts'
import type { KubeObject } from './kube-object.ts'
import type { LabCore } from './request-context.ts'
import { resourceKey } from './resource-definition.ts'
import { completeBuiltIn } from './built-in-defaults.ts'
import { CRD_KEY, NAMESPACE_KEY } from './built-in-resources.ts'

/** Puts objects straight into the store: no admission, no validation, no managedFields. Objects that exist are replaced. */
export function seedObjects(core: LabCore, objects: Iterable<JsonObject>): number {
  let count = 0
  for (const source of objects) {
    const object = source as KubeObject
    const definition = core.registry.findKind(object.apiVersion, object.kind)
    if (definition === undefined) throw new RangeError(`${object.apiVersion} ${object.kind} is not served by this lab`)
    const store = core.store.resource(resourceKey(definition))
    const metadata: KubeObject['metadata'] = {
      uid: core.newUid(),
      creationTimestamp: `${new Date(core.now()).toISOString().slice(0, 19)}Z`,
      generation: 1,
      ...(definition.namespaced && { namespace: 'default' }),
      ...object.metadata,
    }
    store.put(completeBuiltIn({ ...object, metadata }))
    count += 1
  }
  return count
}

/** `count` objects from a template; every `{i}` in its text becomes the number, from `first` on. */
export function* generate(template: JsonObject, count: number, first = 0): Generator<JsonObject> {
  const parts = JSON.stringify(template).split('{i}')
  for (let i = first; i < first + count; i += 1) yield JSON.parse(parts.join(String(i))) as JsonObject
}

/** The objects a cluster has before anyone does anything: two namespaces and the CRDs. */
export function seedCluster(core: LabCore, crds: readonly JsonObject[]): void {
  const namespaces = core.store.resource(NAMESPACE_KEY)
  const creationTimestamp = `${new Date(core.now()).toISOString().slice(0, 19)}Z`
  for (const name of ['default', 'kube-system']) {
    if (namespaces.get(`/${name}`) !== undefined) continue
    namespaces.put(completeBuiltIn({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, uid: core.newUid(), creationTimestamp } }))
  }
  for (const crd of crds) {
    const object = clone(crd) as KubeObject
    const metadata = { uid: core.newUid(), creationTimestamp, generation: 1, ...object.metadata }
    core.store.resource(CRD_KEY).put(completeBuiltIn({ ...object, metadata }))
  }
}
