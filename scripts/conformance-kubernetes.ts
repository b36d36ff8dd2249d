// `npm run conformance:kubernetes -- --kubeconfig FILE`: the source's contract suite against any API server that serves
// the Hedgehog CRDs. Prints the server's version, what it counted per kind, each failing case, and `N passed, N failed, N skipped`.
import { runKubernetesConformance } from '@binnacle/source-kubernetes/conformance'

process.exit(await runKubernetesConformance(process.argv.slice(2)))
