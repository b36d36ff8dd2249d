import type { AuditEntry, AuditLog } from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'
import { createHash } from 'node:crypto'
import type { Selectable } from 'kysely'
import { accountTables, type AccountTables } from './schema.ts'

type AuditRow = Selectable<AccountTables['audit']>

/** Each row's hash covers its content and the hash before it: a changed, removed or swapped row breaks the chain. */
const link = (previous: string, row: Omit<AuditRow, 'chain'>): string =>
  createHash('sha256')
    .update(JSON.stringify([previous, row.id, row.at, row.actor, row.action, row.target, row.outcome, row.address, row.detail]))
    .digest('hex')

const entryOf = (row: AuditRow): AuditEntry & { readonly id: number } => ({
  id: row.id,
  at: row.at,
  actor: row.actor,
  action: row.action,
  target: row.target,
  outcome: row.outcome as AuditEntry['outcome'],
  address: row.address,
  detail: JSON.parse(row.detail) as Record<string, unknown>,
})

/** Rows that are checked between two breaths of the writer. */
const PAGE = 2_000

/** The audit log on the writer's connection, by the names of the port. `breathe` lets facts go on meanwhile. */
export function auditOperations(
  database: Database,
  breathe: () => Promise<void>,
): { [Name in keyof AuditLog as `audit.${Name}`]: AuditLog[Name] } {
  const db = accountTables(database)
  return {
    'audit.append': async (entry) => {
      const last = await db.selectFrom('audit').select(['id', 'chain']).orderBy('id', 'desc').limit(1).executeTakeFirst()
      const row = {
        id: (last?.id ?? 0) + 1,
        at: entry.at,
        actor: entry.actor,
        action: entry.action,
        target: entry.target,
        outcome: entry.outcome,
        address: entry.address,
        detail: JSON.stringify(entry.detail),
      }
      await db
        .insertInto('audit')
        .values({ ...row, chain: link(last?.chain ?? '', row) })
        .execute()
    },
    'audit.latest': async (limit, before) => {
      let query = db.selectFrom('audit').selectAll().orderBy('id', 'desc').limit(limit)
      if (before !== undefined) query = query.where('id', '<', before)
      return (await query.execute()).map(entryOf)
    },
    'audit.verify': async () => {
      let previous = ''
      let rows = 0
      for (;;) {
        const page = await db.selectFrom('audit').selectAll().where('id', '>', rows).orderBy('id').limit(PAGE).execute()
        for (const row of page) {
          rows += 1
          const { chain, ...content } = row
          if (row.id !== rows || chain !== link(previous, content)) return { rows, brokenAt: row.id }
          previous = chain
        }
        if (page.length < PAGE) return { rows, brokenAt: null }
        await breathe()
      }
    },
  }
}
