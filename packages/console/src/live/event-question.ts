import type { Filter } from '@binnacle/protocol'
import type { EventQuestion } from './server.ts'

/** A subscription's filter as the REST interface asks it. */
export const questionOf = (filter: Filter): EventQuestion => ({
  ...(filter.scopes === undefined ? {} : { scopes: filter.scopes }),
  ...(filter.types === undefined ? {} : { types: filter.types }),
  ...(filter.kinds === undefined ? {} : { kinds: filter.kinds }),
  ...(filter.names === undefined ? {} : { names: filter.names }),
  ...(filter.min_priority === undefined ? {} : { minPriority: filter.min_priority }),
})
