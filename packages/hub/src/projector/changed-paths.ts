/** Paths named at most; beyond it the last one says how many more there are. */
const MAX_PATHS = 50
/** Deeper differences are told by their ancestor. */
const MAX_DEPTH = 12

/** Longest path told; a longer one is cut, visibly. Names of keys are the cluster's and can be anything. */
const MAX_PATH = 200

/** Whether two values that are too deep to walk differ. */
function differs(a: unknown, b: unknown): boolean {
  try {
    return JSON.stringify(a) !== JSON.stringify(b)
  } catch {
    // Nested beyond what can be written: told as a change, which is the safe side.
    return true
  }
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const step = (name: string | number): string => `/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`

/** Fields that move with every change and tell nothing of their own. */
const OF_NO_INTEREST = new Set(['/metadata/generation'])

/**
 * JSON pointers (RFC 6901) of what differs between two documents, in the order of the newer one; lists are compared
 * by index. At most {@link MAX_PATHS}.
 */
export function changedPaths(before: unknown, after: unknown): string[] {
  const paths: string[] = []
  let more = 0
  const tell = (path: string): void => {
    if (OF_NO_INTEREST.has(path)) return
    if (paths.length < MAX_PATHS) paths.push(path.length > MAX_PATH ? `${path.slice(0, MAX_PATH)}…` : path)
    else more += 1
  }
  const walk = (a: unknown, b: unknown, path: string, depth: number): void => {
    if (Object.is(a, b)) return
    if (depth < MAX_DEPTH && isMap(a) && isMap(b)) {
      for (const name of Object.keys(b)) walk(Object.hasOwn(a, name) ? a[name] : undefined, b[name], path + step(name), depth + 1)
      for (const name of Object.keys(a)) if (!Object.hasOwn(b, name)) tell(path + step(name))
    } else if (depth < MAX_DEPTH && Array.isArray(a) && Array.isArray(b)) {
      for (let index = 0; index < Math.max(a.length, b.length); index += 1) walk(a[index], b[index], path + step(index), depth + 1)
    } else if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null || differs(a, b)) {
      tell(path)
    }
  }
  walk(before, after, '', 0)
  return more === 0 ? paths : [...paths, `… and ${more} more`]
}
