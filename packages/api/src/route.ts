import { BinnacleError, holds, type Role } from '@binnacle/protocol'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { ApiPorts, Caller, RequestOrigin } from './ports.ts'
import { parseInput } from './input.ts'

/** Who may call a route. Every route declares one; there is no default. */
export type Right =
  /** Anybody, signed in or not. */
  | { readonly who: 'anybody' }
  /** Anybody who is signed in; what they see is narrowed by their grants inside. */
  | { readonly who: 'signed_in' }
  /** A role on the whole system. */
  | { readonly who: 'system'; readonly role: Role }
  /** A role on the fabric that the path names. Whoever may not even view it is told that there is none. */
  | { readonly who: 'fabric'; readonly role: Role }
  /** A role on all fabrics, also on those to come. */
  | { readonly who: 'all_fabrics'; readonly role: Role }

/** What a handler gets. `caller` is there unless anybody may call. */
export interface Asked<Params, Query, Body> {
  readonly params: Params
  readonly query: Query
  readonly body: Body
  readonly caller: Caller
  readonly origin: RequestOrigin
  readonly request: FastifyRequest
  readonly reply: FastifyReply
}

/** A route: its right, the schemas of what comes and goes, and what it does. */
export interface Route<Params = unknown, Query = unknown, Body = unknown> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Below /api/v1, e.g. `/fabrics/:id`. */
  readonly path: string
  readonly about: string
  readonly right: Right
  readonly params?: z.ZodType<Params>
  readonly query?: z.ZodType<Query>
  readonly body?: z.ZodType<Body>
  /** Schema of the answer; null = 204. */
  readonly answer: z.ZodType | null
  readonly status?: number
  readonly handle: (asked: Asked<Params, Query, Body>) => Promise<unknown>
}

/** A route whose types are inferred from its schemas. */
export const route = <Params = Record<string, never>, Query = Record<string, never>, Body = undefined>(
  definition: Route<Params, Query, Body>,
): Route => definition as unknown as Route

/** The fabric that a path names, from `:id`. */
const fabricIn = (request: FastifyRequest): string => `fabric/${(request.params as { id?: string }).id ?? ''}`

/** Checks a right. Throws NOT_FOUND where even the existence is not theirs to know, FORBIDDEN otherwise. */
function checkRight(right: Right, caller: Caller, request: FastifyRequest, ports: ApiPorts): void {
  const { rights } = caller.who
  const refuse = (error: BinnacleError): never => {
    ports.signIns.denied(caller.who.userName, `${request.method} ${request.routeOptions.url ?? ''}`, caller.origin)
    throw error
  }
  switch (right.who) {
    case 'anybody':
    case 'signed_in':
      return
    case 'system':
      if (!holds(rights, right.role, 'system')) refuse(new BinnacleError('FORBIDDEN'))
      return
    case 'all_fabrics':
      if (!holds(rights, right.role, 'fabric/*')) refuse(new BinnacleError('FORBIDDEN'))
      return
    case 'fabric':
      if (!holds(rights, 'viewer', fabricIn(request))) refuse(new BinnacleError('NOT_FOUND'))
      if (!holds(rights, right.role, fabricIn(request))) refuse(new BinnacleError('FORBIDDEN'))
  }
}

async function callerOf(request: FastifyRequest, origin: RequestOrigin, ports: ApiPorts): Promise<Caller> {
  const header = request.headers.authorization ?? ''
  if (!header.startsWith('Bearer ')) throw new BinnacleError('NOT_AUTHENTICATED')
  return { who: await ports.grants.authenticate(header.slice('Bearer '.length).trim()), origin }
}

/** Registers a route under /api/v1. A route without a declared right does not start. */
export function register(
  app: FastifyInstance,
  ports: ApiPorts,
  definition: Route,
  originOf: (request: FastifyRequest) => RequestOrigin,
): void {
  const right = definition.right as Right | undefined
  if (right === undefined) throw new BinnacleError('INTERNAL', `${definition.method} ${definition.path} declares no right`)
  app.route({
    method: definition.method,
    url: `/api/v1${definition.path}`,
    handler: async (request, reply) => {
      const origin = originOf(request)
      const caller = right.who === 'anybody' ? (undefined as unknown as Caller) : await callerOf(request, origin, ports)
      if (caller !== undefined) checkRight(right, caller, request, ports)
      const asked = {
        params: parseInput(definition.params, request.params, 'path'),
        query: parseInput(definition.query, request.query, 'query'),
        body: definition.body === undefined ? undefined : parseInput(definition.body, request.body, ''),
        caller,
        origin,
        request,
        reply,
      }
      const answer = await definition.handle(asked)
      if (definition.answer === null) return reply.code(204).send()
      return reply.code(definition.status ?? 200).send(answer)
    },
  })
}
