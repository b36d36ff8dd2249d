import { useMemo, useSyncExternalStore } from 'react'
import { createConnectionView, type ConnectionView } from '../connection-view.ts'
import { useBinnacleClient } from './provider.ts'

const everySecond = (tick: () => void): (() => void) => {
  const timer = setInterval(tick, 1_000)
  return () => clearInterval(timer)
}

/** The connection: its state, since when, and the age of the last proof; renders at changes and once a second. */
export function useConnection(): ConnectionView {
  const client = useBinnacleClient()
  const store = useMemo(() => createConnectionView(client, everySecond), [client])
  return useSyncExternalStore(store.onState, store.state, store.state)
}
