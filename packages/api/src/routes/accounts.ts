import {
  BinnacleError,
  connectionListSchema,
  grantSchema,
  holds,
  signInViewSchema,
  tokenInputSchema,
  tokenViewSchema,
  userChangeSchema,
  userInputSchema,
  userViewSchema,
  type ApiToken,
  type Grant,
  type Rights,
  type SignInView,
  type TokenView,
  type User,
  type UserView,
} from '@binnacle/protocol'
import { z } from 'zod'
import type { ApiPorts } from '../ports.ts'
import { route, type Route } from '../route.ts'

const byId = z.strictObject({ id: z.string().min(1).max(64) })
const admin = { who: 'system', role: 'admin' } as const

const userView = ({ id, name, displayName, disabled, createdAt, grants }: User): UserView => ({
  id,
  name,
  display_name: displayName,
  disabled,
  created_at: new Date(createdAt).toISOString(),
  grants: [...grants],
})
const time = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString())
const tokenView = (token: ApiToken): TokenView => ({
  id: token.id,
  user_id: token.userId,
  name: token.name,
  grants: [...token.grants],
  created_at: new Date(token.createdAt).toISOString(),
  expires_at: time(token.expiresAt),
  revoked_at: time(token.revokedAt),
  last_used_at: time(token.lastUsedAt),
})
const auditRow = z.object({
  id: z.int(),
  at: z.string(),
  actor: z.string().nullable(),
  action: z.string(),
  target: z.string().nullable(),
  outcome: z.string(),
  address: z.string().nullable(),
  detail: z.record(z.string(), z.unknown()),
})

/** Throws FORBIDDEN unless the caller's own rights include these: nobody gives, or takes over, more than he has. */
function within(rights: Rights, grants: readonly Grant[]): void {
  if (!grants.every(({ role, scope }) => holds(rights, role, scope) || holds(rights, 'admin', scope)))
    throw new BinnacleError('FORBIDDEN', 'these rights go beyond your own', { places: [{ field: '/grants' }] })
}

/** Users, tokens, live connections, the audit log. */
export function accountRoutes({ signIns, connections, audit }: ApiPorts): Route[] {
  /** Whoever may set somebody's password, or make a token for him, can act as him. */
  const mayManage = (rights: Rights, userId: string): void => within(rights, signIns.users().find(({ id }) => id === userId)?.grants ?? [])
  return [
    route({
      method: 'GET',
      path: '/users',
      about: 'All users',
      right: admin,
      answer: z.object({ users: z.array(userViewSchema) }),
      handle: async () => ({ users: signIns.users().map(userView) }),
    }),
    route({
      method: 'POST',
      path: '/users',
      about: 'Creates a user',
      right: admin,
      body: userInputSchema,
      answer: userViewSchema,
      status: 201,
      handle: async ({ body, caller }) => {
        within(caller.who.rights, body.grants)
        return userView(
          await signIns.createUser(
            {
              name: body.name,
              displayName: body.display_name === '' ? body.name : body.display_name,
              password: body.password,
              grants: body.grants,
            },
            caller.who.userName,
          ),
        )
      },
    }),
    route({
      method: 'PATCH',
      path: '/users/:id',
      about: 'Changes a user; takes effect at once',
      right: admin,
      params: byId,
      body: userChangeSchema,
      answer: userViewSchema,
      handle: async ({ params, body, caller }) => {
        if (
          params.id === caller.who.userId &&
          (body.disabled === true ||
            (body.grants !== undefined && !body.grants.some(({ role, scope }) => role === 'admin' && scope === '*')))
        )
          throw new BinnacleError('INVALID', 'you cannot take your own administration away', { places: [{ field: '/grants' }] })
        mayManage(caller.who.rights, params.id)
        within(caller.who.rights, body.grants ?? [])
        return userView(
          await signIns.changeUser(
            params.id,
            {
              ...(body.display_name === undefined ? {} : { displayName: body.display_name }),
              ...(body.disabled === undefined ? {} : { disabled: body.disabled }),
              ...(body.password === undefined ? {} : { password: body.password }),
              ...(body.grants === undefined ? {} : { grants: body.grants }),
            },
            caller.who.userName,
          ),
        )
      },
    }),
    route({
      method: 'DELETE',
      path: '/users/:id',
      about: 'Removes a user with all sign-ins and tokens',
      right: admin,
      params: byId,
      answer: null,
      handle: async ({ params, caller }) => {
        if (params.id === caller.who.userId) throw new BinnacleError('INVALID', 'you cannot remove yourself')
        mayManage(caller.who.rights, params.id)
        await signIns.deleteUser(params.id, caller.who.userName)
      },
    }),
    route({
      method: 'GET',
      path: '/tokens',
      about: 'Own API tokens; an administrator sees all',
      right: { who: 'signed_in' },
      answer: z.object({ tokens: z.array(tokenViewSchema) }),
      handle: async ({ caller }) => ({
        tokens: signIns
          .tokens()
          .filter(({ userId }) => userId === caller.who.userId || holds(caller.who.rights, 'admin', 'system'))
          .map(tokenView),
      }),
    }),
    route({
      method: 'POST',
      path: '/tokens',
      about: 'Makes an API token; its value is shown once',
      right: { who: 'signed_in' },
      body: tokenInputSchema,
      answer: tokenViewSchema.extend({ token: z.string() }),
      status: 201,
      handle: async ({ body, caller }) => {
        const userId = body.user_id ?? caller.who.userId
        // A token that could make tokens would outlive its own end.
        if (caller.who.by.type === 'api_token') throw new BinnacleError('FORBIDDEN', 'a token cannot make tokens')
        if (userId !== caller.who.userId && !holds(caller.who.rights, 'admin', 'system')) throw new BinnacleError('FORBIDDEN')
        mayManage(caller.who.rights, userId)
        const { secret, token } = await signIns.createToken(
          { userId, name: body.name, grants: body.grants, ttlSeconds: body.ttl_seconds ?? null },
          caller.who.userName,
        )
        return { ...tokenView(token), token: secret }
      },
    }),
    route({
      method: 'DELETE',
      path: '/tokens/:id',
      about: 'Revokes an API token; takes effect at once',
      right: { who: 'signed_in' },
      params: byId,
      answer: null,
      handle: async ({ params, caller }) => {
        const token = signIns.tokens().find(({ id }) => id === params.id)
        if (token === undefined || (token.userId !== caller.who.userId && !holds(caller.who.rights, 'admin', 'system')))
          throw new BinnacleError('NOT_FOUND')
        await signIns.revokeToken(params.id, caller.who.userName)
      },
    }),
    route({
      method: 'GET',
      path: '/sign-ins',
      about: 'Own sign-ins, one per browser; an administrator sees all',
      right: { who: 'signed_in' },
      answer: z.object({ sign_ins: z.array(signInViewSchema) }),
      handle: async ({ caller: { who } }) => {
        const found = await signIns.signIns(holds(who.rights, 'admin', 'system') ? undefined : who.userId)
        const names = new Map(signIns.users().map(({ id, name }) => [id, name]))
        return {
          sign_ins: found.map((each): SignInView => ({
            id: each.id,
            user_id: each.userId,
            user: names.get(each.userId) ?? '',
            created_at: new Date(each.createdAt).toISOString(),
            renewed_at: new Date(each.rotatedAt).toISOString(),
            expires_at: new Date(each.expiresAt).toISOString(),
            user_agent: each.userAgent,
            address: each.address,
            current: who.by.type === 'sign_in' && who.by.id === each.id,
          })),
        }
      },
    }),
    route({
      method: 'DELETE',
      path: '/sign-ins/:id',
      about: 'Ends a sign-in; takes effect at once',
      right: { who: 'signed_in' },
      params: byId,
      answer: null,
      handle: async ({ params, caller: { who } }) => {
        const found = await signIns.signIns(holds(who.rights, 'admin', 'system') ? undefined : who.userId)
        if (!found.some(({ id }) => id === params.id)) throw new BinnacleError('NOT_FOUND')
        await signIns.revokeSignIn(params.id, who.userName)
      },
    }),
    route({
      method: 'GET',
      path: '/connections',
      about: 'Live connections',
      right: admin,
      answer: connectionListSchema,
      handle: async () => ({ connections: connections.connections() }),
    }),
    route({
      method: 'DELETE',
      path: '/connections/:id',
      about: 'Ends a live connection',
      right: admin,
      params: byId,
      answer: null,
      handle: async ({ params }) => {
        if (!connections.end(params.id)) throw new BinnacleError('NOT_FOUND')
      },
    }),
    route({
      method: 'GET',
      path: '/audit',
      about: 'The audit log, newest first',
      right: admin,
      query: z.strictObject({
        before: z.coerce.number().int().positive().optional(),
        limit: z.coerce.number().int().min(1).max(1_000).default(100),
      }),
      answer: z.object({ entries: z.array(auditRow) }),
      handle: async ({ query }) => ({
        entries: (await audit.latest(query.limit, query.before)).map((entry) => ({ ...entry, at: new Date(entry.at).toISOString() })),
      }),
    }),
    route({
      method: 'GET',
      path: '/grants',
      about: 'The rights of the caller as they are now',
      right: { who: 'signed_in' },
      answer: z.object({ grants: z.array(grantSchema) }),
      handle: async ({ caller }) => ({ grants: [...caller.who.rights.grants] }),
    }),
  ]
}
