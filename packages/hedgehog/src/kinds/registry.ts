import { CREATED } from './column.ts'
import type { Column } from './column.ts'
import { GENERIC_COLUMNS, LIVE_COLUMNS } from './columns-live.ts'
import { VPC_COLUMNS } from './columns-vpc.ts'
import { WIRING_COLUMNS } from './columns-wiring.ts'
import { IDENTITIES } from './identities.ts'
import type { KindIdentity } from './identities.ts'
import { PRINTER_COLUMNS } from './printer-columns.ts'
import type { PrinterColumn } from './printer-columns.ts'

/** Everything the registry knows of a kind. */
export interface KindDefinition extends KindIdentity {
  /** Our list columns, in order of display. */
  readonly columns: readonly Column[]
  /** The columns of `kubectl get`. */
  readonly printerColumns: readonly PrinterColumn[]
}

const COLUMNS: Readonly<Record<string, readonly Column[]>> = { ...VPC_COLUMNS, ...WIRING_COLUMNS, ...LIVE_COLUMNS }

/** All kinds we know: the 12 expected ones first, in the order in which their objects can be created. */
export const KINDS: readonly KindDefinition[] = IDENTITIES.map((identity) => ({
  ...identity,
  columns: [...(COLUMNS[identity.kind] ?? GENERIC_COLUMNS), CREATED],
  printerColumns: PRINTER_COLUMNS[identity.kind] ?? [],
}))

/** The 12 kinds that every fabric must serve. */
export const EXPECTED_KINDS: readonly KindDefinition[] = KINDS.filter((kind) => kind.expected)

/** The columns of a kind that the registry does not know. */
export const UNKNOWN_KIND_COLUMNS: readonly Column[] = [...GENERIC_COLUMNS, CREATED]

/** The id of a kind: `VPC.vpc.githedgehog.com`. A kind of the core group is just its name. */
export function kindId(kind: string, group: string): string {
  return group === '' ? kind : `${kind}.${group}`
}

/** The group of an `apiVersion`: empty for the core group. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

const BY_ID: ReadonlyMap<string, KindDefinition> = new Map(KINDS.map((kind) => [kindId(kind.kind, kind.group), kind]))
const BY_KIND: ReadonlyMap<string, KindDefinition> = new Map(KINDS.map((kind) => [kind.kind, kind]))
const BY_PLURAL: ReadonlyMap<string, KindDefinition> = new Map(
  KINDS.flatMap((kind) => [[kind.plural, kind] as const, [`${kind.plural}.${kind.group}`, kind] as const]),
)
const BY_SLUG: ReadonlyMap<string, KindDefinition> = new Map(KINDS.map((kind) => [kind.slug, kind]))

function routeWord(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '')
}

const BY_ROUTE_WORD: ReadonlyMap<string, KindDefinition> = new Map(
  KINDS.toReversed().flatMap((kind) =>
    [kind.singular, kind.plural, kind.slug, ...kind.shortNames].map((word) => [routeWord(word), kind] as const),
  ),
)

/** The definition of a kind; with a group only when the group is that of the kind. */
export function kindOf(kind: string, group?: string): KindDefinition | undefined {
  return group === undefined ? BY_KIND.get(kind) : BY_ID.get(kindId(kind, group))
}

/** The definition behind an id such as `VPC.vpc.githedgehog.com`. */
export function kindById(id: string): KindDefinition | undefined {
  return BY_ID.get(id)
}

/** The definition behind `vpcs` or `vpcs.vpc.githedgehog.com`, as the API's paths write it. */
export function kindByPlural(plural: string): KindDefinition | undefined {
  return BY_PLURAL.get(plural)
}

/** The definition behind a word of a console URL, e.g. `vpc-attachments`. */
export function kindBySlug(slug: string): KindDefinition | undefined {
  return BY_SLUG.get(slug)
}

/**
 * The definition behind any spelling that old routes used: singular, plural or short name, with or without
 * hyphens, in any case (`vpc_attachment`, `VPCAttachments`, `ipns`).
 */
export function kindByRouteWord(word: string): KindDefinition | undefined {
  return BY_ROUTE_WORD.get(routeWord(word))
}
