import { BinnacleError, causeOf, errorCodeOf, type ErrorCode } from '@binnacle/protocol'
import { chmodSync, rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { OPERATION_NAMES, type AdminOperations, type OperationName } from './operations.ts'

/** A request is one line of JSON of at most this many bytes (a kubeconfig is the largest thing in it). */
const REQUEST_BYTES = 1_048_576
/** A caller who sends no complete request within this time is cut off. */
const REQUEST_MS = 10_000
/** Proving a fabric lists and watches some 25 kinds; everything else is quick. */
const ANSWER_MS = 120_000

type Answer = { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly code: ErrorCode; readonly message: string }

/** Reads one line; undefined when the peer closed or sent too much. */
function readLine(socket: Socket, limit: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let size = 0
    socket.on('data', (chunk: Buffer) => {
      const end = chunk.indexOf(10)
      chunks.push(end < 0 ? chunk : chunk.subarray(0, end))
      size += chunk.length
      if (end >= 0) resolve(Buffer.concat(chunks).toString('utf8'))
      else if (size > limit) resolve(undefined)
    })
    socket.on('close', () => resolve(undefined))
    socket.on('error', () => resolve(undefined))
  })
}

async function answer(operations: AdminOperations, line: string): Promise<Answer> {
  try {
    const { operation, input } = JSON.parse(line) as { operation?: string; input?: unknown }
    if (!OPERATION_NAMES.includes(operation as OperationName))
      throw new BinnacleError('BAD_REQUEST', `unknown operation ${JSON.stringify(operation)}`)
    const run = operations[operation as OperationName] as (input: unknown) => Promise<unknown>
    return { ok: true, result: (await run(input)) ?? null }
  } catch (error) {
    const cause = causeOf(error)
    return {
      ok: false,
      code: errorCodeOf(error) ?? 'INTERNAL',
      message: errorCodeOf(error) === undefined && error instanceof Error ? error.message : cause.message,
    }
  }
}

/**
 * Serves the operations on a unix socket (0600): newline-terminated JSON, one request per connection. Whoever can open
 * the socket owns the data folder.
 */
export async function serveAdminSocket(path: string, operations: AdminOperations): Promise<{ close(): Promise<void> }> {
  rmSync(path, { force: true })
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    socket.setTimeout(REQUEST_MS, () => socket.destroy())
    void readLine(socket, REQUEST_BYTES).then(async (line) => {
      if (line === undefined) return socket.destroy()
      socket.setTimeout(0)
      return socket.end(`${JSON.stringify(await answer(operations, line))}\n`)
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  chmodSync(path, 0o600)
  return {
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

/** Calls an operation of the hub behind the socket. Undefined when no hub listens there. Throws the hub's error otherwise. */
export async function callAdminSocket(
  path: string,
  operation: OperationName,
  input?: unknown,
): Promise<{ readonly result: unknown } | undefined> {
  const socket = connect(path)
  const opened = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
  })
  if (!opened) return undefined
  const timer = setTimeout(() => socket.destroy(), ANSWER_MS)
  try {
    socket.write(`${JSON.stringify({ operation, input })}\n`)
    const line = await readLine(socket, 16 * REQUEST_BYTES)
    if (line === undefined) throw new BinnacleError('UNAVAILABLE', 'the running hub did not answer')
    const parsed = JSON.parse(line) as Answer
    if (!parsed.ok) throw new BinnacleError(parsed.code, parsed.message)
    return { result: parsed.result }
  } finally {
    clearTimeout(timer)
    socket.destroy()
  }
}
