import { BinnacleError, loginRequestSchema, meSchema, setupRequestSchema, signInAnswerSchema, type SignInAnswer } from '@binnacle/protocol'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { ApiOptions, ApiPorts, IssuedSignIn } from '../ports.ts'
import { route, type Route } from '../route.ts'

const COOKIE = 'binnacle_refresh'

function refreshTokenOf(request: FastifyRequest): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2)
    if (name === COOKIE && value !== undefined && /^[A-Za-z0-9_.-]{20,200}$/.test(value)) return value
  }
  return undefined
}

/** Sign-in: the access token goes into the answer (and there into memory only), the refresh token into a cookie that only these routes see. */
export function authRoutes({ signIns, clock }: ApiPorts, options: ApiOptions): Route[] {
  const setCookie = (reply: FastifyReply, value: string, expiresAt: number): void => {
    const seconds = Math.max(0, Math.round((expiresAt - clock.now()) / 1_000))
    reply.header(
      'set-cookie',
      `${COOKIE}=${value}; Path=/api/v1/auth; HttpOnly; SameSite=Strict; Max-Age=${seconds}${options.secureCookies ? '; Secure' : ''}`,
    )
  }
  const answer = (reply: FastifyReply, issued: IssuedSignIn): SignInAnswer => {
    if (issued.refreshToken !== '') setCookie(reply, issued.refreshToken, issued.refreshExpiresAt)
    const { user } = issued
    return {
      token: issued.token,
      expires_at: new Date(issued.expiresAt).toISOString(),
      user: { id: user.id, name: user.name, display_name: user.displayName, grants: [...user.grants] },
    }
  }
  return [
    route({
      method: 'POST',
      path: '/auth/setup',
      about: 'Claims the set-up link: creates or resets an administrator',
      right: { who: 'anybody' },
      body: setupRequestSchema,
      answer: signInAnswerSchema,
      status: 201,
      handle: async ({ body, origin, reply }) => answer(reply, await signIns.claimSetupLink(body.secret, body.name, body.password, origin)),
    }),
    route({
      method: 'POST',
      path: '/auth/login',
      about: 'Signs in by name and password',
      right: { who: 'anybody' },
      body: loginRequestSchema,
      answer: signInAnswerSchema,
      handle: async ({ body, origin, reply }) => answer(reply, await signIns.login(body.name, body.password, origin)),
    }),
    route({
      method: 'POST',
      path: '/auth/refresh',
      about: 'Renews the sign-in of the cookie',
      right: { who: 'anybody' },
      body: z.strictObject({}),
      answer: signInAnswerSchema,
      handle: async ({ request, origin, reply }) => {
        const token = refreshTokenOf(request)
        if (token === undefined) throw new BinnacleError('NOT_AUTHENTICATED')
        return answer(reply, await signIns.refresh(token, origin))
      },
    }),
    route({
      method: 'POST',
      path: '/auth/logout',
      about: 'Ends the sign-in of the cookie',
      right: { who: 'anybody' },
      body: z.strictObject({}),
      answer: null,
      handle: async ({ request, origin, reply }) => {
        const token = refreshTokenOf(request)
        if (token !== undefined) await signIns.logout(token, origin)
        setCookie(reply, '', 0)
        return undefined
      },
    }),
    route({
      method: 'GET',
      path: '/auth/me',
      about: 'Who is signed in, with which rights',
      right: { who: 'signed_in' },
      answer: meSchema,
      handle: async ({ caller }) => {
        const user = signIns.users().find(({ id }) => id === caller.who.userId)
        return {
          id: caller.who.userId,
          name: caller.who.userName,
          display_name: user?.displayName ?? caller.who.userName,
          grants: [...caller.who.rights.grants],
          features: { ...options.features },
        }
      },
    }),
  ]
}
