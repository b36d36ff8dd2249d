/**
 * Why the server ended a connection, and whether the client should come back: `at_once` (with jitter), `backoff`,
 * `new_token` (only with a fresh token), `never`.
 */
export const CLOSE_CODES = {
  going_away: { code: 1001, come_back: 'backoff', text: 'the connection is going away' },
  restart: { code: 1012, come_back: 'at_once', text: 'the server restarts' },
  bad_frame: { code: 4400, come_back: 'never', text: 'the client sent a frame that is not of the protocol' },
  not_authenticated: { code: 4401, come_back: 'new_token', text: 'no valid token' },
  forbidden: { code: 4403, come_back: 'never', text: 'no right to connect' },
  heartbeat_missed: { code: 4408, come_back: 'backoff', text: 'the client did not answer in time' },
  too_many_connections: { code: 4409, come_back: 'backoff', text: 'too many connections' },
  frame_too_large: { code: 4413, come_back: 'never', text: 'the client sent a frame that is too large' },
  rate_limited: { code: 4429, come_back: 'backoff', text: 'the client sends too fast' },
  server_fault: { code: 4500, come_back: 'backoff', text: 'a fault of the server' },
  too_slow: { code: 4503, come_back: 'backoff', text: 'the client reads too slowly' },
} as const

/** The name of a close reason. */
export type CloseReason = keyof typeof CLOSE_CODES

/** What a client does after a close with this code; unknown codes: come back with backoff. */
export function comeBackAfter(code: number): (typeof CLOSE_CODES)[CloseReason]['come_back'] {
  for (const entry of Object.values(CLOSE_CODES)) if (entry.code === code) return entry.come_back
  return 'backoff'
}
