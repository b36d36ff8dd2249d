import { BinnacleError } from '@binnacle/protocol'
import type { IncomingMessage } from 'node:http'

/** What the guards compare with. */
export interface GuardOptions {
  readonly hosts: () => readonly string[]
  readonly origins: () => readonly string[]
}

/** Longer request targets are refused. Characters. */
const TARGET_LENGTH = 4_096
/** Spellings that mean another path to somebody on the way: doubled slashes, dots, encoded separators, parameters. */
const ODD_PATH = /\/\/|\/\.{1,2}(\/|$)|%2e|%2f|%5c|%00|\\|;/i

const header = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value)

/**
 * What every request passes before any route sees it, upgrades included: the host we answer for (DNS rebinding), one
 * spelling of the path, and no foreign page. Throws HOST_REFUSED, BAD_REQUEST or ORIGIN_REFUSED.
 */
export function guardRequest(request: IncomingMessage, options: GuardOptions): void {
  const host = header(request.headers.host)?.toLowerCase()
  if (host === undefined || !options.hosts().includes(host)) throw new BinnacleError('HOST_REFUSED')
  const target = request.url ?? ''
  const path = target.split('?', 1)[0] ?? ''
  if (!target.startsWith('/') || target.length > TARGET_LENGTH || ODD_PATH.test(path))
    throw new BinnacleError('BAD_REQUEST', 'the path is written in a way that is not accepted')
  const origin = header(request.headers.origin)
  if (origin !== undefined && !options.origins().includes(origin)) throw new BinnacleError('ORIGIN_REFUSED')
  const site = header(request.headers['sec-fetch-site'])
  const navigates = header(request.headers['sec-fetch-mode']) === 'navigate' && request.method === 'GET'
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !navigates) throw new BinnacleError('ORIGIN_REFUSED')
}
