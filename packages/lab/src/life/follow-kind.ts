import type { Clock } from '@binnacle/protocol'
import type { KubeObject } from '../apiserver/kube-object.ts'
import type { LabClient } from './lab-client.ts'

/** What happens to the objects of a kind. */
export interface KindListener {
  /** All objects as they are now. */
  listed(objects: readonly KubeObject[]): void
  put(object: KubeObject): void
  gone(object: KubeObject): void
}

/** Pause after an end or a failure: long enough not to burn a CPU, short enough for tests that restart the server. */
const AGAIN_MS = 500

/** Lists a kind, then watches it, again and again until `signal` aborts. Failures are told and tried again. */
export async function followKind(
  client: LabClient,
  kind: string,
  listener: KindListener,
  how: { readonly clock: Clock; readonly signal: AbortSignal; readonly onError: (error: unknown) => void },
): Promise<void> {
  const { clock, signal, onError } = how
  while (!signal.aborted) {
    try {
      const listing = await client.list(kind)
      listener.listed(listing.items)
      const place = { version: listing.version, known: true }
      while (place.known && !signal.aborted) {
        await client.watch(
          kind,
          place.version,
          ({ type, object }) => {
            if (type === 'ERROR') place.known = false
            else place.version = object.metadata.resourceVersion ?? place.version
            if (type === 'ADDED' || type === 'MODIFIED') listener.put(object)
            if (type === 'DELETED') listener.gone(object)
          },
          signal,
        )
        await pause(clock, AGAIN_MS, signal)
      }
    } catch (error) {
      if (!signal.aborted) onError(error)
    }
    if (!signal.aborted) await pause(clock, AGAIN_MS, signal)
  }
}

function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(ms, resolve)
    signal.addEventListener(
      'abort',
      () => {
        timer.cancel()
        resolve()
      },
      { once: true },
    )
  })
}
