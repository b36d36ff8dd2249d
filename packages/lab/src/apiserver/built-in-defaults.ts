import { clone, isObject, objectOr, type JsonObject, text } from './json.ts'
import type { KubeObject } from './kube-object.ts'

/** Fills in what a server adds to a new Namespace or CustomResourceDefinition; other objects are returned as they are. */
export function completeBuiltIn(object: KubeObject): KubeObject {
  if (object.kind === 'Namespace' && object.apiVersion === 'v1') return completeNamespace(object)
  if (object.kind === 'CustomResourceDefinition' && object.apiVersion === 'apiextensions.k8s.io/v1') return completeCrd(object)
  return object
}

function completeNamespace(object: KubeObject): KubeObject {
  const labels = { ...object.metadata.labels, 'kubernetes.io/metadata.name': object.metadata.name ?? '' }
  return { ...object, metadata: { ...object.metadata, labels }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } }
}

function completeCrd(crd: KubeObject): KubeObject {
  const at = crd.metadata.creationTimestamp ?? ''
  const spec = objectOr(crd.spec)
  const names = objectOr(spec.names)
  const kind = text(names.kind ?? '')
  const complete = { ...names, listKind: names.listKind ?? `${kind}List`, singular: names.singular ?? kind.toLowerCase() }
  const versions = (Array.isArray(spec.versions) ? spec.versions : []).filter(isObject)
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    reason,
    message,
    lastTransitionTime: at,
  })
  return {
    ...crd,
    spec: { conversion: { strategy: 'None' }, ...spec, names: complete },
    status: {
      acceptedNames: clone(complete),
      storedVersions: versions.filter((version) => version.storage === true).map((version) => version.name ?? ''),
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
    },
  }
}
