import type { ApiKind } from '../ports.ts'

const plain = (word: string): string => word.toLowerCase().replaceAll(/[-_ ]/g, '')

/** Pages of the old plug-in that are not kinds. */
const PAGES: Readonly<Record<string, string>> = {
  '': '/fabrics',
  fabrics: '/fabrics',
  dashboard: '/fabrics',
  realtime: '/realtime',
  realtimetest: '/realtime',
  websockettest: '/realtime',
  events: '/events',
}

/**
 * Where a path of the old NetBox plug-in (`/plugins/hedgehog/…`) leads now: always a path of this console. The fabric
 * in the query is kept when it is a number; nothing else of the old address is.
 */
export function newPath(path: string, query: URLSearchParams, kinds: readonly ApiKind[]): string {
  const [first = '', second = ''] = path
    .replace(/^\/plugins\/hedgehog\/?/, '')
    .split('/')
    .filter((part) => part !== '')
  const word = plain(decodeSafely(first))
  const fabric = query.get('fabric') ?? query.get('fabric_id') ?? ''
  const suffix = /^[1-9][0-9]{0,8}$/.test(fabric) ? `?fabric=${fabric}` : ''
  if (word === 'fabrics' && /^[1-9][0-9]{0,8}$/.test(second)) return `/fabrics/${second}`
  if (Object.hasOwn(PAGES, word)) return PAGES[word] ?? '/fabrics'
  const kind = kinds.find((each) => each.routeWords.some((known) => plain(known) === word))
  return kind === undefined ? '/fabrics' : `/${kind.slug}${suffix}`
}

function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not valid percent-encoding: it matches no known word and leads to the start page.
    return text
  }
}
