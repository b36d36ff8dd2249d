import type { ServerResponse } from 'node:http'
import { ApiStatusError } from './api-status.ts'
import type { Json } from './json.ts'

/** Answers with JSON; a Buffer is sent as it is. */
export function sendJson(
  response: ServerResponse,
  code: number,
  body: Json | Buffer,
  headers: Record<string, string | string[]> = {},
): void {
  const bytes = Buffer.isBuffer(body) ? body : Buffer.from(`${JSON.stringify(body)}\n`)
  response.writeHead(code, {
    'Content-Type': 'application/json',
    'Cache-Control': 'no-cache, private',
    'Content-Length': bytes.length,
    ...headers,
  })
  response.end(bytes)
}

/** Answers with the Status an error stands for; what is not a Status error is 500 InternalError. */
export function sendError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  const status =
    error instanceof ApiStatusError
      ? error
      : new ApiStatusError(500, 'InternalError', `Internal error occurred: ${error instanceof Error ? error.message : String(error)}`, {
          causes: [{ message: error instanceof Error ? (error.stack ?? error.message) : String(error) }],
        })
  sendJson(response, status.code, status.body, status.headers)
}

/** Warning headers (RFC 7234, code 299) as kubectl prints them. */
export function warningHeaders(warnings: readonly string[]): Record<string, string[]> {
  if (warnings.length === 0) return {}
  return {
    Warning: warnings.map(
      (text) =>
        `299 - "${text
          .replaceAll(/[^\x20-\x7e]/g, '?')
          .replaceAll('\\', '\\\\')
          .replaceAll('"', '\\"')}"`,
    ),
  }
}
