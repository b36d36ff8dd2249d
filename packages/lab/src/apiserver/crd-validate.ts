import type { StatusCause } from './api-status.ts'
import { isObject, objectOr, text } from './json.ts'
import type { KubeObject } from './kube-object.ts'

/** What is wrong with a CustomResourceDefinition, as far as this server depends on it. */
export function validateCrd(crd: KubeObject): StatusCause[] {
  const causes: StatusCause[] = []
  const spec = objectOr(crd.spec)
  const names = objectOr(spec.names)
  const required = (value: unknown, field: string): void => {
    if (typeof value !== 'string' || value === '') causes.push({ reason: 'FieldValueRequired', message: 'Required value', field })
  }
  required(spec.group, 'spec.group')
  required(names.plural, 'spec.names.plural')
  required(names.kind, 'spec.names.kind')
  const expected = `${text(names.plural)}.${text(spec.group)}`
  if (crd.metadata.name !== expected) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: `Invalid value: "${crd.metadata.name}": must be spec.names.plural+"."+spec.group`,
      field: 'metadata.name',
    })
  }
  if (spec.scope !== 'Namespaced' && spec.scope !== 'Cluster') {
    causes.push({
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: "${text(spec.scope)}": supported values: "Cluster", "Namespaced"`,
      field: 'spec.scope',
    })
  }
  const versions = (Array.isArray(spec.versions) ? spec.versions : []).filter(isObject)
  if (versions.filter((version) => version.storage === true).length !== 1) {
    causes.push({
      reason: 'FieldValueInvalid',
      message: 'Invalid value: must have exactly one version marked as storage version',
      field: 'spec.versions',
    })
  }
  versions.forEach((version, i) => {
    if (!isObject(objectOr(version.schema).openAPIV3Schema)) {
      causes.push({
        reason: 'FieldValueRequired',
        message: 'Required value: schemas are required',
        field: `spec.versions[${i}].schema.openAPIV3Schema`,
      })
    }
  })
  return causes
}
