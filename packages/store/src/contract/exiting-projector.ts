import type { Projector } from '@binnacle/protocol'
import { createProjector as createTestProjector } from './test-projector.ts'

/** A projector that takes the whole thread with it when it sees the object `exit`: for the death of a thread. */
export function createProjector(): Projector {
  const projector = createTestProjector()
  return {
    ...projector,
    put: (fact, stored, catchUp) => (fact.key.name === 'exit' ? process.exit(3) : projector.put(fact, stored, catchUp)),
  }
}
