import { IDENTITIES } from '../kinds/identities.ts'
import { PRINTER_COLUMNS } from '../kinds/printer-columns.ts'
import type { PrinterColumn } from '../kinds/printer-columns.ts'
import { marker, obj, str } from './json-schema.ts'
import type { JsonSchema } from './json-schema.ts'

/** A CRD manifest of `apiextensions.k8s.io/v1`, as far as ours use it. Plain JSON data. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1'
  readonly kind: 'CustomResourceDefinition'
  readonly metadata: { readonly name: string }
  readonly spec: {
    readonly group: string
    readonly scope: 'Namespaced' | 'Cluster'
    readonly names: {
      readonly kind: string
      readonly listKind: string
      readonly plural: string
      readonly singular: string
      readonly shortNames?: readonly string[]
      readonly categories?: readonly string[]
    }
    readonly versions: readonly CustomResourceVersion[]
  }
}

/** One served version of a CRD. */
export interface CustomResourceVersion {
  readonly name: string
  readonly served: boolean
  readonly storage: boolean
  readonly subresources: { readonly status: Readonly<Record<string, never>> }
  readonly additionalPrinterColumns?: readonly PrinterColumn[]
  readonly schema: { readonly openAPIV3Schema: JsonSchema }
}

/** What one kind adds to the common frame. */
export interface KindSchema {
  readonly kind: string
  readonly description: string
  readonly spec: JsonSchema
  /** Absent for kinds whose status holds nothing. */
  readonly status?: JsonSchema
  readonly required?: readonly string[]
}

/** Builds the manifest of a kind of the registry. Throws when the registry does not know the kind. */
export function customResourceDefinition(given: KindSchema): CustomResourceDefinition {
  const identity = IDENTITIES.find((candidate) => candidate.kind === given.kind)
  if (identity === undefined) throw new Error(`no kind ${given.kind} in the registry`)
  const { group, kind, plural, singular, shortNames, categories, version } = identity
  const columns = PRINTER_COLUMNS[kind]
  const properties = {
    apiVersion: str('Group and version of this object.'),
    kind: str('Kind of this object.'),
    metadata: marker(),
    spec: given.spec,
    status: given.status ?? marker('Never filled.'),
  }
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular,
        ...(shortNames.length > 0 && { shortNames }),
        ...(categories.length > 0 && { categories }),
      },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          subresources: { status: {} },
          ...(columns !== undefined && { additionalPrinterColumns: columns }),
          schema: {
            openAPIV3Schema: obj(properties, given.description, given.required === undefined ? {} : { required: given.required }),
          },
        },
      ],
    },
  }
}
