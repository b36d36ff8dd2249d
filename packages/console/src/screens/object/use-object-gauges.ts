import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { createGaugeBoard } from '@binnacle/client'
import type { HeldGauge } from '@binnacle/client'
import type { Filter } from '@binnacle/protocol'
import { useApp } from '../../app-context.tsx'

/**
 * The volatile values of one object as they come, latest wins, at most one frame a second. Empty until the first frame,
 * which comes at once when the server holds a value.
 */
export function useObjectGauges(scope: string, kind: string, name: string): readonly HeldGauge[] {
  const { link } = useApp()
  // Gauges come with every subscription that names scopes; critical events only, so that few others do.
  const filterText = JSON.stringify({ scopes: [scope], kinds: [kind], names: [name], min_priority: 'critical' } satisfies Filter)
  // Another object is another board.
  // oxlint-disable-next-line react-hooks/exhaustive-deps
  const board = useMemo(() => createGaugeBoard(() => Date.now()), [filterText])
  useEffect(() => {
    let end: () => void = () => undefined
    const follow = () => {
      end = link.subscribe(JSON.parse(filterText) as Filter, undefined, (message) => {
        board.take(message)
        if (message.type !== 'lost') return
        end()
        follow()
      })
    }
    follow()
    return () => end()
  }, [link, board, filterText])
  return useSyncExternalStore(board.onState, board.state, board.state)
}
