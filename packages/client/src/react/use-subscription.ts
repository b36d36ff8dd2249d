import { useEffect, useRef } from 'react'
import type { Filter, Start } from '@binnacle/protocol'
import type { Subscription, SubscriptionMessage } from '../subscription.ts'
import { useBinnacleClient } from './provider.ts'

/**
 * Subscribes while the component is there; equal filters (by content) keep the subscription. `filter` undefined: not yet.
 * The handler also gets the subscription, to `restart` it after `lost`.
 */
export function useSubscription(
  filter: Filter | undefined,
  handler: (message: SubscriptionMessage, subscription: Subscription) => void,
  options: { readonly from?: Start } = {},
): void {
  const client = useBinnacleClient()
  const latest = useRef(handler)
  useEffect(() => {
    latest.current = handler
  })
  const filterText = filter === undefined ? undefined : JSON.stringify(filter)
  const fromText = options.from === undefined ? undefined : JSON.stringify(options.from)
  useEffect(() => {
    if (filterText === undefined) return
    const subscription = client.subscribe(
      { filter: JSON.parse(filterText) as Filter, ...(fromText === undefined ? {} : { from: JSON.parse(fromText) as Start }) },
      (message) => latest.current(message, subscription),
    )
    return () => subscription.end()
  }, [client, filterText, fromText])
}
