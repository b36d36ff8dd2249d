// The reader thread: every answer in one read transaction, together with the head of the log.
import { parentPort, workerData } from 'node:worker_threads'
import { inventoryQueries } from '../inventory/inventory-queries.ts'
import { logQueries } from '../log/log-queries.ts'
import { errorReply, type Call, type Reply } from './calls.ts'
import { openForReading } from './open-database.ts'

const port = parentPort
if (port === null) throw new Error('the reader is started as a thread')
const database = openForReading((workerData as { path: string }).path)
const operations: Record<string, (...args: never[]) => unknown> = { ...logQueries(database), ...inventoryQueries(database) }

function answer(call: Call): Reply {
  try {
    if (call.operation === 'close') {
      database.close()
      return { id: call.id, ok: true, result: null }
    }
    const run = operations[call.operation]
    if (run === undefined) throw new Error(`unknown operation ${call.operation}`)
    return { id: call.id, ok: true, result: database.transaction(() => run(...(call.args as never[])))() }
  } catch (error) {
    return errorReply(call.id, error)
  }
}

port.on('message', (call: Call) => port.postMessage(answer(call)))
port.postMessage({ notice: { ready: true } })
