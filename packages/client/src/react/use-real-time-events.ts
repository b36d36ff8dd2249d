import { useCallback, useMemo, useSyncExternalStore } from 'react'
import type { Filter, Start } from '@binnacle/protocol'
import { createEventWindow, type EventWindowState } from '../event-window.ts'
import type { Subscription, SubscriptionMessage } from '../subscription.ts'
import { useSubscription } from './use-subscription.ts'

/**
 * The newest events that pass, newest first, at most `limit` (default 200); one render per frame. After `lost` the
 * window is emptied, says so, and goes on from now.
 */
export function useRealTimeEvents(
  filter: Filter | undefined,
  options: { readonly limit?: number; readonly from?: Start } = {},
): EventWindowState {
  const limit = options.limit ?? 200
  const filterText = filter === undefined ? '' : JSON.stringify(filter)
  // Another filter is another window: events of the old one must not stay in it.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const window = useMemo(() => createEventWindow(limit), [limit, filterText])
  const take = useCallback(
    (message: SubscriptionMessage, subscription: Subscription) => {
      window.take(message)
      if (message.type === 'lost') subscription.restart()
    },
    [window],
  )
  useSubscription(filter, take, options.from === undefined ? {} : { from: options.from })
  return useSyncExternalStore(window.onState, window.state, window.state)
}
