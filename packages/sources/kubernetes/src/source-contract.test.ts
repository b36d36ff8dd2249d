import { LAB_MODES, startLabServer } from '@binnacle/lab'
import { clusterOfText } from './contract/cluster-under-test.ts'
import { SUITE_KINDS } from './contract/hedgehog-kinds.ts'
import { sourceContract } from './contract/source-contract.ts'

for (const mode of LAB_MODES)
  sourceContract(`the source against the lab, ${mode}`, async () => {
    const lab = await startLabServer({ mode })
    lab.control.seed(
      SUITE_KINDS.flatMap(({ group, version, kind }) =>
        [1, 2, 3].map((number) => ({
          apiVersion: `${group}/${version}`,
          kind,
          metadata: { name: `seeded-${number}`, namespace: 'default' },
          spec: {},
        })),
      ),
    )
    return { cluster: await clusterOfText(lab.kubeconfig()), end: () => lab.close() }
  })
