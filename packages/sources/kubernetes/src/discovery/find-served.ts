import { BinnacleError } from '@binnacle/protocol'
import type { Discovery } from './discovery.ts'
import type { ServedKind, WantedKind } from './served-kind.ts'

/** A wanted kind as the cluster serves it; asks anew before it says no. Throws KIND_NOT_SERVED or KIND_OTHER_VERSION. */
export async function findServed(discovery: Discovery, kind: WantedKind): Promise<ServedKind> {
  for (const anew of [false, true]) {
    const served = await discovery.served(anew)
    const same = served.filter((each) => each.group === kind.group && each.plural === kind.plural)
    const found = same.find((each) => each.version === kind.version)
    if (found?.watchable === true) return found
    if (same.length > 0 && anew)
      throw new BinnacleError(
        'KIND_OTHER_VERSION',
        `${kind.plural}.${kind.group} is served as ${same.map(({ version }) => version).join(', ')}, not ${kind.version}`,
      )
  }
  throw new BinnacleError('KIND_NOT_SERVED', `the cluster does not serve ${kind.plural}.${kind.group}/${kind.version}`)
}

/** The path of a kind's collection; of one namespace where the kind has namespaces and one is wanted. */
export function collectionPath(served: ServedKind, namespace: string | undefined): string {
  const root = served.group === '' ? `/api/${served.version}` : `/apis/${served.group}/${served.version}`
  return served.namespaced && namespace !== undefined
    ? `${root}/namespaces/${encodeURIComponent(namespace)}/${served.plural}`
    : `${root}/${served.plural}`
}
