import type { Database } from 'better-sqlite3'
import { Kysely, SqliteDialect, type Generated } from 'kysely'

/** Tables off the hot path, as kysely knows them. Times are milliseconds since 1970, lists and objects JSON text. */
export interface AccountTables {
  readonly users: {
    id: string
    name: string
    canonical_name: string
    display_name: string
    disabled: number
    created_at: number
    rights_version: number
    grants: string
    password_hash: string | null
  }
  readonly sign_ins: {
    id: string
    user_id: string
    created_at: number
    expires_at: number
    refresh_hash: string
    previous_hash: string | null
    rotated_at: number
    ended_at: number | null
    user_agent: string
    address: string
  }
  readonly tokens: {
    id: string
    user_id: string
    name: string
    hash: string
    grants: string
    created_at: number
    expires_at: number | null
    revoked_at: number | null
    last_used_at: number | null
  }
  readonly settings: { name: string; value: string }
  readonly fabrics: {
    id: Generated<number>
    name: string
    description: string
    enabled: number
    connection: string
    settings: string
    origin: string
    secret: string | null
    created_at: number
    updated_at: number
  }
  readonly audit: {
    id: Generated<number>
    at: number
    actor: string | null
    action: string
    target: string | null
    outcome: string
    address: string | null
    detail: string
    chain: string
  }
}

/** Kysely over the writer's connection. The writer does one call at a time, so queries of two calls never mix. */
export const accountTables = (database: Database): Kysely<AccountTables> =>
  new Kysely<AccountTables>({ dialect: new SqliteDialect({ database }) })

/** Whether an error is a broken uniqueness rule. */
export const isTaken = (error: unknown): boolean =>
  /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY|ROWID)$/.test(String((error as { code?: unknown }).code))
