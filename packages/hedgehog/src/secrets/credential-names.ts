import type { CustomResourceDefinition } from '../schemas/custom-resource-definition.ts'
import type { JsonSchema } from '../schemas/json-schema.ts'

/** True for field names that may hold a credential. Wide on purpose: a harmless `keys` is lost rather than a key shown. */
export function looksSecret(name: string): boolean {
  return /password|token|secret|key|credential/i.test(name)
}

/** Leaves that identify an account or a trust anchor: harmless alone, but part of a credential. */
function belongsToCredential(name: string): boolean {
  return /^(?:user_?name|ca)$/i.test(name)
}

function isLeaf(schema: JsonSchema): boolean {
  return (
    schema.properties === undefined && schema.additionalProperties === undefined && (schema.items === undefined || isLeaf(schema.items))
  )
}

/**
 * All leaf paths of a CRD that look like credentials, as `spec.users[].password` or
 * `spec.alloy.lokiTargets.*.bearerToken` (`[]` = any item, `*` = any key). For tests that put a marker into each.
 */
export function credentialPaths(crd: CustomResourceDefinition): readonly string[] {
  const found: string[] = []
  const walk = (schema: JsonSchema, path: string, name: string): void => {
    if (isLeaf(schema)) {
      if (looksSecret(name) || belongsToCredential(name)) found.push(path)
      return
    }
    if (schema.items !== undefined) walk(schema.items, `${path}[]`, name)
    if (schema.additionalProperties !== undefined) walk(schema.additionalProperties, `${path}.*`, name)
    for (const [key, property] of Object.entries(schema.properties ?? {})) walk(property, path === '' ? key : `${path}.${key}`, key)
  }
  for (const version of crd.spec.versions) walk(version.schema.openAPIV3Schema, '', '')
  return found.sort()
}
