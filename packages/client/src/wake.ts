/** Calls `onWake` when a reason appears to look at the connection at once. Returns the way to end it. */
export type WakeSource = (onWake: () => void) => () => void

interface EventTargetLike {
  addEventListener(type: string, listener: () => void): void
  removeEventListener(type: string, listener: () => void): void
}

/** The page became visible again, or the network came back. Outside a browser it never calls. */
export const browserWake: WakeSource = (onWake) => {
  const page = (globalThis as { document?: EventTargetLike & { readonly visibilityState: string } }).document
  const view = globalThis as Partial<EventTargetLike>
  if (page === undefined || view.addEventListener === undefined) return () => undefined
  const visible = () => {
    if (page.visibilityState === 'visible') onWake()
  }
  page.addEventListener('visibilitychange', visible)
  view.addEventListener('online', onWake)
  return () => {
    page.removeEventListener('visibilitychange', visible)
    view.removeEventListener?.('online', onWake)
  }
}
