import { useSyncExternalStore } from 'react'

const readers = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let current = 0

function subscribe(reader: () => void): () => void {
  readers.add(reader)
  timer ??= setInterval(() => {
    current = Date.now()
    for (const each of readers) each()
  }, 1_000)
  return () => {
    readers.delete(reader)
    if (readers.size === 0 && timer !== undefined) {
      clearInterval(timer)
      timer = undefined
    }
  }
}

function read(): number {
  // Between ticks all readers get the same value, so that one render shows one time.
  const now = Date.now()
  if (timer === undefined && now - current >= 1_000) current = now
  return current
}

/** The time in milliseconds since 1970, once a second, from one shared timer. */
export const useNow = (): number => useSyncExternalStore(subscribe, read)
