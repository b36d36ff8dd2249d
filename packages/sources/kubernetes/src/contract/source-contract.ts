import { describe, test } from 'vitest'
import type { ClusterUnderTest } from './cluster-under-test.ts'
import { SOURCE_CASES } from './source-cases.ts'

/** Runs the suite against a cluster: each case with one of its own. `make` gives the cluster and how to end it. */
export function sourceContract(name: string, make: () => Promise<{ readonly cluster: ClusterUnderTest; end: () => Promise<void> }>): void {
  describe(name, () => {
    for (const each of SOURCE_CASES)
      test(each.title, async () => {
        const { cluster, end } = await make()
        try {
          await each.run(cluster)
        } finally {
          await cluster.close()
          await end()
        }
      })
  })
}
