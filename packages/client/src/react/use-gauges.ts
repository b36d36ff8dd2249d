import { useMemo, useSyncExternalStore } from 'react'
import { createGaugeBoard, type HeldGauge } from '../gauge-board.ts'
import { useSubscription } from './use-subscription.ts'

/** The volatile values of a scope, latest wins, at most one render a second. */
export function useGauges(scope: string | undefined): readonly HeldGauge[] {
  // Another scope is another board.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const board = useMemo(() => createGaugeBoard(() => Date.now()), [scope])
  // Gauges come with every subscription that names scopes; critical events only, so that few others do.
  useSubscription(scope === undefined ? undefined : { scopes: [scope], min_priority: 'critical' }, (message, subscription) => {
    board.take(message)
    if (message.type === 'lost') subscription.restart()
  })
  return useSyncExternalStore(board.onState, board.state, board.state)
}
