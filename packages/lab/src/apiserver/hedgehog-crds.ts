import { CRDS, EXPECTED_KINDS } from '@binnacle/hedgehog'
import { clone, isObject, objectOr, type JsonObject } from './json.ts'

/** Which Hedgehog CRDs a lab serves. */
export interface CrdChoice {
  /** Only the 12 kinds every fabric must serve, without Agents, Catalogs and gateway kinds. */
  readonly expectedOnly?: boolean
  /** Plurals or kinds to leave out. */
  readonly without?: readonly string[]
  /** Serve in this version instead of the one the CRD names (a cluster of before 2024 served v1alpha2). */
  readonly version?: string
}

/** Copies of the Hedgehog CRDs, chosen. */
export function hedgehogCrds(choice: CrdChoice = {}): JsonObject[] {
  const expected = new Set(EXPECTED_KINDS.map((kind) => kind.kind))
  const without = new Set(choice.without)
  return CRDS.filter(({ spec }) => !(choice.expectedOnly === true && !expected.has(spec.names.kind)))
    .filter(({ spec }) => !without.has(spec.names.kind) && !without.has(spec.names.plural))
    .map((crd) => {
      const copy = clone(crd) as unknown as JsonObject
      const { version } = choice
      if (version === undefined) return copy
      const spec = objectOr(copy.spec)
      const versions = (Array.isArray(spec.versions) ? spec.versions : []).filter(isObject)
      return { ...copy, spec: { ...spec, versions: versions.map((entry) => ({ ...entry, name: version })) } }
    })
}
