import { useEffect, useRef } from 'react'
import { useQueryClient } from '@tanstack/react-query'
import type { QueryKey } from '@tanstack/react-query'
import type { BinnacleEvent, Filter } from '@binnacle/protocol'
import { useApp } from '../app-context.tsx'
import { browserTimers, createThrottle } from './throttle.ts'

/**
 * Keeps snapshots fresh: when events that pass the filter arrive, or events were missed, the queries are asked again,
 * at most once per `everyMs`. For views that are small and whose truth is a sum; lists apply events themselves.
 */
export function useFollow(
  filter: Filter | undefined,
  keys: readonly QueryKey[],
  everyMs: number,
  onEvents?: (events: readonly BinnacleEvent[]) => void,
): void {
  const { link } = useApp()
  const client = useQueryClient()
  const current = useRef({ keys, onEvents })
  useEffect(() => {
    current.current = { keys, onEvents }
  })
  const filterText = filter === undefined ? undefined : JSON.stringify(filter)
  useEffect(() => {
    if (filterText === undefined) return
    const throttle = createThrottle(browserTimers, everyMs, () => {
      for (const queryKey of current.current.keys) void client.invalidateQueries({ queryKey: [...queryKey] })
    })
    let end: () => void = () => undefined
    const follow = () => {
      end = link.subscribe(JSON.parse(filterText) as Filter, undefined, (message) => {
        if (message.type === 'events') {
          current.current.onEvents?.(message.events)
          throttle.call()
        } else if (message.type === 'subscribed') {
          // What happened before the subscription began, or while it was away, is only in a snapshot taken after it.
          throttle.call()
        } else if (message.type === 'lost') {
          end()
          follow()
        }
      })
    }
    follow()
    return () => {
      end()
      throttle.end()
    }
  }, [client, link, filterText, everyMs])
}

const FABRICS: Filter = { types: ['fabric_*', 'watch_state_changed', 'sync_completed', 'cr_created', 'cr_deleted'] }

/** Keeps the list of fabrics and the counts in the navigation fresh. */
export const useFollowFabrics = (): void => useFollow(FABRICS, [['fabrics']], 1_500)
