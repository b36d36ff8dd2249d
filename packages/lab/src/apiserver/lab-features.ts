/** The Kubernetes versions this server can behave as. */
export const LAB_MODES = ['1.20', '1.27', '1.32'] as const
/** One of LAB_MODES. */
export type LabMode = (typeof LAB_MODES)[number]

/** What differs between versions, as far as clients can tell. */
export interface LabFeatures {
  readonly version: string
  /** sendInitialEvents: 'served', 'refused' (known but its gate is off) or 'unknown' (ignored like any unknown parameter). */
  readonly watchList: 'served' | 'refused' | 'unknown'
  /** Versions of APIGroupDiscoveryList offered at /api and /apis. */
  readonly aggregatedDiscovery: readonly string[]
  readonly fieldValidation: boolean
  readonly openapiV3: boolean
}

/** Features by version; from the Kubernetes changelogs (gates WatchList, AggregatedDiscoveryEndpoint, ServerSideFieldValidation, OpenAPIV3). */
export const LAB_FEATURES: Readonly<Record<LabMode, LabFeatures>> = {
  '1.20': { version: 'v1.20.15', watchList: 'unknown', aggregatedDiscovery: [], fieldValidation: false, openapiV3: false },
  '1.27': { version: 'v1.27.16', watchList: 'refused', aggregatedDiscovery: ['v2beta1'], fieldValidation: true, openapiV3: true },
  '1.32': { version: 'v1.32.4', watchList: 'served', aggregatedDiscovery: ['v2', 'v2beta1'], fieldValidation: true, openapiV3: true },
}
