// The writer thread: the only one that writes. Calls are done one after another; fact writes that have gathered
// meanwhile are committed together (group commit).
import { causeOf, type Cause, type EndedListing, type Fact, type ProjectorModule, type Written } from '@binnacle/protocol'
import { parentPort, workerData } from 'node:worker_threads'
import { accountOperations } from '../accounts/account-operations.ts'
import { auditOperations } from '../accounts/audit-operations.ts'
import { fabricOperations } from '../accounts/fabric-operations.ts'
import { FactApplier } from '../inventory/fact-applier.ts'
import { ObjectTable } from '../inventory/object-table.ts'
import { ensureSortIndex } from '../inventory/sort-index.ts'
import type { DeriveWork } from '../inventory/status-deriver.ts'
import { LogWriter } from '../log/log-writer.ts'
import { applyRetention, type RetentionOptions } from '../log/retention.ts'
import { asStoreError, errorReply, type Call, type Reply } from './calls.ts'
import { openForWriting } from './open-database.ts'

/** What the main thread hands to this one. */
export interface WriterData {
  readonly path: string
  readonly projector: string
  readonly retention: RetentionOptions
  readonly maxPages?: number
}

/** Facts in one transaction at most. */
const BATCH = 1_000
/** Objects whose status is derived in one transaction after a first listing. */
const SLICE = 500
/** How many commit times the p99 looks back on. */
const TIMES = 512

const port = parentPort
if (port === null) throw new Error('the writer is started as a thread')
const options = workerData as WriterData
const database = openForWriting(options.path, options.maxPages)
const projectorModule = (await import(options.projector)) as ProjectorModule
const log = new LogWriter(database)
const objects = new ObjectTable(database, options.retention.versionsPerObject)
const applier = new FactApplier(database, objects, log, projectorModule.createProjector())
const queue: Call[] = []
const commitTimes: number[] = []
let commits = 0
let scheduled = false
let failure: Cause | null = null
let backups: Promise<unknown> = Promise.resolve()

const reply = (message: Reply): void => port.postMessage(message)

/** Runs `work` in one transaction and announces what it appended. Rolls everything back when it throws. */
function commit(work: () => void): void {
  const begun = performance.now()
  try {
    database
      .transaction(() => {
        work()
        log.seal()
      })
      .immediate()
  } catch (error) {
    log.reload()
    applier.rolledBack()
    const known = asStoreError(error)
    if (known.code === 'STORE_UNAVAILABLE' || known.code === 'STORE_CORRUPT') failure = causeOf(known)
    throw error
  }
  failure = null
  applier.committed()
  commits += 1
  commitTimes[commits % TIMES] = performance.now() - begun
  const batch = log.take()
  if (batch.entries.length > 0) port?.postMessage({ notice: batch })
}

/** Lets facts that wait go on between two steps of long work. */
async function breathe(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await writeFacts(takeFactCalls())
}

async function deriveRest(work: readonly DeriveWork[]): Promise<void> {
  for (const each of work) {
    for (let start = 0; start < each.ids.length; start += SLICE) {
      commit(() => applier.status.deriveSlice(each, each.ids.slice(start, start + SLICE)))
      await breathe()
    }
    if (each.ends !== undefined) commit(() => applier.derived(each))
  }
}

function takeFactCalls(): Call[] {
  const calls: Call[] = []
  let facts = 0
  while (queue[0]?.operation === 'facts') {
    const [batch] = queue[0].args as [Fact[]]
    if (facts > 0 && facts + batch.length > BATCH) break
    facts += batch.length
    calls.push(queue.shift() as Call)
  }
  return calls
}

const applyCall = (call: Call): readonly EndedListing[] => {
  const [facts, term] = call.args as [Fact[], number | undefined]
  if (term !== undefined) log.fence(term)
  return applier.apply(facts)
}

async function writeFacts(calls: readonly Call[]): Promise<void> {
  if (calls.length === 0) return
  const ended = new Map<number, readonly EndedListing[]>()
  try {
    commit(() => {
      for (const call of calls) ended.set(call.id, applyCall(call))
      applier.status.settle()
    })
  } catch (error) {
    if (calls.length > 1) {
      // One call may be at fault (an over-used term, a listing that does not add up): each for itself, so that only it fails.
      for (const call of calls) await writeFacts([call])
      return
    }
    reply(errorReply(calls[0]?.id ?? 0, error))
    return
  }
  const work = applier.takeDeriveWork()
  const answer = (): void => {
    for (const { id } of calls) {
      const listings = ended.get(id) ?? []
      reply({ id, ok: true, result: { head: log.head.seq, ...(listings.length === 0 ? {} : { listings }) } satisfies Written })
    }
  }
  if (work.length === 0) return answer()
  try {
    await deriveRest(work)
    answer()
  } catch (error) {
    for (const call of calls) reply(errorReply(call.id, error))
  }
}

const percentile99 = (): number => {
  const sorted = commitTimes.filter((time) => time !== undefined).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length * 0.99)] ?? 0
}

const operations: Record<string, (...args: never[]) => unknown> = {
  ...accountOperations(database),
  ...fabricOperations(database),
  ...auditOperations(database, breathe),
  state: () => log.head,
  sortIndex: (scope: string, group: string, kind: string, column: string) => ensureSortIndex(database, scope, group, kind, column),
  retention: async (now: number) => {
    const removed = await applyRetention(database, options.retention, now, {
      commit,
      append: (event) => log.append(event),
      reload: () => log.reload(),
      breathe,
    })
    port.postMessage({ notice: { oldest: log.head.oldest } })
    return removed
  },
  health: () => ({
    head: log.head.seq,
    oldest: log.head.oldest,
    databaseBytes: Number(database.pragma('page_count', { simple: true })) * Number(database.pragma('page_size', { simple: true })),
    commitMsP99: percentile99(),
    commits,
    failure,
  }),
  check: () => database.pragma('integrity_check(1)', { simple: true }),
}

async function backUp(call: Call): Promise<void> {
  try {
    await database.backup(call.args[0] as string)
    reply({ id: call.id, ok: true, result: null })
  } catch (error) {
    reply(errorReply(call.id, error))
  }
}

async function drain(): Promise<void> {
  for (let call = queue[0]; call !== undefined; call = queue[0]) {
    if (call.operation === 'facts') {
      await writeFacts(takeFactCalls())
      continue
    }
    queue.shift()
    if (call.operation === 'backup') {
      // Beside everything else: SQLite carries what is written meanwhile through this connection into the copy.
      backups = Promise.all([backups, backUp(call)])
      continue
    }
    if (call.operation === 'close') {
      await backups
      database.pragma('optimize')
      database.close()
      reply({ id: call.id, ok: true, result: null })
      continue
    }
    try {
      const run = operations[call.operation]
      if (run === undefined) throw new Error(`unknown operation ${call.operation}`)
      reply({ id: call.id, ok: true, result: await run(...(call.args as never[])) })
    } catch (error) {
      reply(errorReply(call.id, error))
    }
  }
  scheduled = false
}

port.on('message', (call: Call) => {
  // Figures are told at once: whoever asks wants to know also, and above all, while there is much to do.
  if (call.operation === 'health') return reply({ id: call.id, ok: true, result: operations['health']?.() })
  queue.push(call)
  if (scheduled) return
  scheduled = true
  // Messages that are already waiting join this round.
  setImmediate(() => {
    drain().catch((error: unknown) => {
      throw asStoreError(error)
    })
  })
})

try {
  for (const work of applier.status.leftOver()) await deriveRest([work])
} catch (error) {
  // A full disk must not keep the hub from starting: the rest stays "unknown" and is derived when its objects change.
  port.postMessage({ notice: { warning: asStoreError(error).message } })
}
port.postMessage({ notice: { ready: log.head } })
