import { BinnacleError, type FabricRecord } from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'
import type { Insertable, Selectable } from 'kysely'
import { accountTables, isTaken, type AccountTables } from './schema.ts'

/** A fabric with its sealed credential, as it crosses to the writer: the plain one never does. */
export type SealedFabric = Omit<FabricRecord, 'hasSecret'> & { readonly secret: string | null }

type FabricRow = Selectable<AccountTables['fabrics']>

const fabricOf = (row: FabricRow): SealedFabric => ({
  id: row.id,
  name: row.name,
  description: row.description,
  enabled: row.enabled !== 0,
  connection: JSON.parse(row.connection) as FabricRecord['connection'],
  settings: JSON.parse(row.settings) as FabricRecord['settings'],
  origin: row.origin as FabricRecord['origin'],
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  secret: row.secret,
})

const rowOf = (fabric: SealedFabric): Insertable<AccountTables['fabrics']> => ({
  id: fabric.id,
  name: fabric.name,
  description: fabric.description,
  enabled: fabric.enabled ? 1 : 0,
  connection: JSON.stringify(fabric.connection),
  settings: JSON.stringify(fabric.settings),
  origin: fabric.origin,
  secret: fabric.secret,
  created_at: fabric.createdAt,
  updated_at: fabric.updatedAt,
})

/** Fabrics on the writer's connection; credentials arrive and leave sealed. */
export function fabricOperations(database: Database): Record<string, (...args: never[]) => unknown> {
  const db = accountTables(database)
  let reserved = 0
  const taken = (error: unknown): never => {
    if (isTaken(error)) throw new BinnacleError('CONFLICT', 'a fabric with this name or id exists', { places: [{ field: 'name' }] })
    throw error
  }
  return {
    'fabrics.all': async () => (await db.selectFrom('fabrics').selectAll().orderBy('id').execute()).map(fabricOf),
    'fabrics.get': async (id: number) => {
      const row = await db.selectFrom('fabrics').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? null : fabricOf(row)
    },
    /** The id that the next fabric gets: ids are never used twice, so an old link never shows another fabric. */
    'fabrics.nextId': () => {
      const row = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'fabrics'").get() as { seq: number } | undefined
      // Reserved as well as read: the credential is sealed for the id before the row is written.
      reserved = Math.max(row?.seq ?? 0, reserved) + 1
      return reserved
    },
    'fabrics.create': async (fabric: SealedFabric) => {
      await db.insertInto('fabrics').values(rowOf(fabric)).execute().catch(taken)
      return null
    },
    'fabrics.update': async (fabric: SealedFabric) => {
      const { id: _id, created_at: _createdAt, ...row } = rowOf(fabric)
      await db.updateTable('fabrics').set(row).where('id', '=', fabric.id).execute().catch(taken)
      return null
    },
    'fabrics.remove': async (id: number) => {
      await db.deleteFrom('fabrics').where('id', '=', id).execute()
      return null
    },
  }
}
