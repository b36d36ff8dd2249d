/** A kind that a source is asked to watch. */
export interface WantedKind {
  readonly group: string
  readonly kind: string
  readonly plural: string
  /** The version that can be read. */
  readonly version: string
  /** Expected kinds that are not watched are a loud state. */
  readonly expected: boolean
  readonly disabled?: boolean
  /** Namespace to watch; undefined = all. */
  readonly namespace?: string
}

/** A kind as the cluster serves it. */
export interface ServedKind {
  readonly group: string
  readonly version: string
  readonly kind: string
  readonly plural: string
  readonly namespaced: boolean
  readonly watchable: boolean
}
