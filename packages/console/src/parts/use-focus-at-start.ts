import { useEffect, useRef } from 'react'
import type { RefObject } from 'react'

/** Gives the focus to an element when its page opens: for pages that have one purpose. */
export function useFocusAtStart<Kind extends HTMLElement>(): RefObject<Kind | null> {
  const place = useRef<Kind>(null)
  useEffect(() => place.current?.focus(), [])
  return place
}
