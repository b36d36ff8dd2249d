import { BinnacleError, type AccountStore, type ApiToken, type Grant, type SignIn, type User } from '@binnacle/protocol'
import type { Database } from 'better-sqlite3'
import type { Selectable } from 'kysely'
import { accountTables, isTaken, type AccountTables } from './schema.ts'

const SETUP_LINK = 'setup_link'

/** The form in which names are compared: people type them in many ways. */
export const canonicalName = (name: string): string => name.normalize('NFKC').trim().toLowerCase()

const userOf = (row: Selectable<AccountTables['users']>): User => ({
  id: row.id,
  name: row.name,
  displayName: row.display_name,
  disabled: row.disabled !== 0,
  createdAt: row.created_at,
  rightsVersion: row.rights_version,
  grants: JSON.parse(row.grants) as Grant[],
  passwordHash: row.password_hash,
})

const signInOf = (row: Selectable<AccountTables['sign_ins']>): SignIn => ({
  id: row.id,
  userId: row.user_id,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  refreshHash: row.refresh_hash,
  previousHash: row.previous_hash,
  rotatedAt: row.rotated_at,
  endedAt: row.ended_at,
  userAgent: row.user_agent,
  address: row.address,
})

const tokenOf = (row: Selectable<AccountTables['tokens']>): ApiToken => ({
  id: row.id,
  userId: row.user_id,
  name: row.name,
  hash: row.hash,
  grants: JSON.parse(row.grants) as Grant[],
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
  lastUsedAt: row.last_used_at,
})

/** Accounts on the writer's connection, by the names of the port. */
export function accountOperations(database: Database): { [Name in keyof AccountStore as `accounts.${Name}`]: AccountStore[Name] } {
  const db = accountTables(database)
  const userById = async (id: string): Promise<User | undefined> => {
    const row = await db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()
    return row === undefined ? undefined : userOf(row)
  }
  const setting = async (name: string): Promise<string | undefined> =>
    (await db.selectFrom('settings').select('value').where('name', '=', name).executeTakeFirst())?.value
  const putSetting = async (name: string, value: string): Promise<void> => {
    await db
      .insertInto('settings')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }
  return {
    'accounts.users': async () => (await db.selectFrom('users').selectAll().orderBy('canonical_name').execute()).map(userOf),
    'accounts.userById': userById,
    'accounts.userByName': async (name) => {
      const row = await db.selectFrom('users').selectAll().where('canonical_name', '=', canonicalName(name)).executeTakeFirst()
      return row === undefined ? undefined : userOf(row)
    },
    'accounts.createUser': async (user) => {
      try {
        await db
          .insertInto('users')
          .values({
            id: user.id,
            name: user.name,
            canonical_name: canonicalName(user.name),
            display_name: user.displayName,
            disabled: user.disabled ? 1 : 0,
            created_at: user.createdAt,
            rights_version: user.rightsVersion,
            grants: JSON.stringify(user.grants),
            password_hash: user.passwordHash,
          })
          .execute()
      } catch (error) {
        if (isTaken(error)) throw new BinnacleError('CONFLICT', 'this name is taken', { places: [{ field: 'name' }] })
        throw error
      }
    },
    'accounts.updateUser': async (id, change) => {
      await db
        .updateTable('users')
        .set((expression) => ({
          rights_version: expression('rights_version', '+', 1),
          ...(change.displayName === undefined ? {} : { display_name: change.displayName }),
          ...(change.disabled === undefined ? {} : { disabled: change.disabled ? 1 : 0 }),
          ...(change.grants === undefined ? {} : { grants: JSON.stringify(change.grants) }),
          ...(change.passwordHash === undefined ? {} : { password_hash: change.passwordHash }),
        }))
        .where('id', '=', id)
        .execute()
      const user = await userById(id)
      if (user === undefined) throw new BinnacleError('NOT_FOUND', 'there is no such user')
      return user
    },
    'accounts.deleteUser': async (id) => {
      await db.deleteFrom('users').where('id', '=', id).execute()
    },
    'accounts.signIn': async (id) => {
      const row = await db.selectFrom('sign_ins').selectAll().where('id', '=', id).executeTakeFirst()
      return row === undefined ? undefined : signInOf(row)
    },
    'accounts.signIns': async (userId) => {
      let query = db.selectFrom('sign_ins').selectAll().where('ended_at', 'is', null)
      if (userId !== undefined) query = query.where('user_id', '=', userId)
      return (await query.orderBy('created_at', 'desc').orderBy('id').execute()).map(signInOf)
    },
    'accounts.createSignIn': async (signIn) => {
      await db
        .insertInto('sign_ins')
        .values({
          id: signIn.id,
          user_id: signIn.userId,
          created_at: signIn.createdAt,
          expires_at: signIn.expiresAt,
          refresh_hash: signIn.refreshHash,
          previous_hash: signIn.previousHash,
          rotated_at: signIn.rotatedAt,
          ended_at: signIn.endedAt,
          user_agent: signIn.userAgent,
          address: signIn.address,
        })
        .execute()
    },
    'accounts.rotateSignIn': async (id, expectedHash, newHash, at) => {
      const { numUpdatedRows } = await db
        .updateTable('sign_ins')
        .set({ refresh_hash: newHash, previous_hash: expectedHash, rotated_at: at })
        .where('id', '=', id)
        .where('refresh_hash', '=', expectedHash)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    'accounts.endSignIns': async (where, at) => {
      if (where.id === undefined && where.userId === undefined) return []
      let query = db.updateTable('sign_ins').set({ ended_at: at }).where('ended_at', 'is', null)
      if (where.id !== undefined) query = query.where('id', '=', where.id)
      if (where.userId !== undefined) query = query.where('user_id', '=', where.userId)
      return (await query.returning('id').execute()).map(({ id }) => id)
    },
    'accounts.tokens': async () => (await db.selectFrom('tokens').selectAll().orderBy('created_at').execute()).map(tokenOf),
    'accounts.tokenByHash': async (hash) => {
      const row = await db.selectFrom('tokens').selectAll().where('hash', '=', hash).executeTakeFirst()
      return row === undefined ? undefined : tokenOf(row)
    },
    'accounts.createToken': async (token) => {
      await db
        .insertInto('tokens')
        .values({
          id: token.id,
          user_id: token.userId,
          name: token.name,
          hash: token.hash,
          grants: JSON.stringify(token.grants),
          created_at: token.createdAt,
          expires_at: token.expiresAt,
          revoked_at: token.revokedAt,
          last_used_at: token.lastUsedAt,
        })
        .execute()
    },
    'accounts.revokeToken': async (id, at) => {
      await db.updateTable('tokens').set({ revoked_at: at }).where('id', '=', id).where('revoked_at', 'is', null).execute()
    },
    'accounts.touchToken': async (id, at) => {
      await db.updateTable('tokens').set({ last_used_at: at }).where('id', '=', id).execute()
    },
    'accounts.putSetupLink': (hash, expiresAt) => putSetting(SETUP_LINK, JSON.stringify({ hash, expiresAt })),
    'accounts.claimSetupLink': async (hash, at) => {
      // One statement decides: of any number of claims at once exactly one deletes the row.
      const { numDeletedRows } = await db
        .deleteFrom('settings')
        .where('name', '=', SETUP_LINK)
        .where((expression) => expression(expression.fn<string>('json_extract', ['value', expression.val('$.hash')]), '=', hash))
        .where((expression) => expression(expression.fn<number>('json_extract', ['value', expression.val('$.expiresAt')]), '>', at))
        .executeTakeFirst()
      return numDeletedRows === 1n
    },
    'accounts.setting': setting,
    'accounts.putSetting': putSetting,
  }
}
