import fastifyStatic from '@fastify/static'
import { BinnacleError, ERRORS, errorCodeOf, problemOf, type ErrorCode } from '@binnacle/protocol'
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { createHash, randomUUID, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { asyncApiDocument } from './documents/asyncapi.ts'
import { openApiDocument } from './documents/openapi.ts'
import { clientAddress } from './guards/client-address.ts'
import { guardRequest } from './guards/request-guard.ts'
import { SECURITY_HEADERS } from './guards/security-headers.ts'
import type { ApiOptions, ApiPorts, RequestOrigin } from './ports.ts'
import { register, type Route } from './route.ts'
import { accountRoutes } from './routes/accounts.ts'
import { authRoutes } from './routes/auth.ts'
import { eventRoutes } from './routes/events.ts'
import { fabricRoutes } from './routes/fabrics.ts'
import { newPath } from './routes/old-paths.ts'
import { resourceRoutes } from './routes/resources.ts'
import { systemRoutes } from './routes/system.ts'

/** Bodies: a kubeconfig of 256 KiB, escaped as JSON, is the largest thing anybody sends here. */
const BODY_BYTES = 1_048_576
const REQUEST_MS = 30_000
const HEADERS_MS = 10_000
/** How often connections that are late with their headers or their request are looked for and ended. */
const LATE_MS = 2_000
const KEEP_ALIVE_MS = 65_000
const SOCKETS = 2_000

/** The HTTP side, not listening yet. */
export interface Api {
  readonly app: FastifyInstance
  readonly routes: readonly Route[]
  /** The guards of an upgrade: the same as of every request. Throws a BinnacleError. */
  guardUpgrade(request: IncomingMessage): void
  /** The client's address as the audit log should know it. */
  addressOf(request: IncomingMessage): string
}

/** Every route there is. */
export const allRoutes = (ports: ApiPorts, options: ApiOptions): Route[] => [
  ...authRoutes(ports, options),
  ...fabricRoutes(ports),
  ...resourceRoutes(ports),
  ...eventRoutes(ports),
  ...accountRoutes(ports),
  ...systemRoutes(ports),
]

/** The catalogue's code for an error of fastify's own. */
function frameworkCode(error: { readonly code?: string; readonly statusCode?: number }): ErrorCode | undefined {
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return 'UNSUPPORTED_MEDIA_TYPE'
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return 'TOO_LARGE'
  return error.statusCode !== undefined && error.statusCode >= 400 && error.statusCode < 500 ? 'BAD_REQUEST' : undefined
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
/** Compares in constant time, whatever the lengths. */
const sameText = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))

/** Makes the HTTP side: guards, routes, documents, the console's files. */
export async function createApi(ports: ApiPorts, options: ApiOptions): Promise<Api> {
  const app = fastify({
    bodyLimit: BODY_BYTES,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    logger: false,
    exposeHeadRoutes: false,
    genReqId: () => randomUUID(),
    routerOptions: { maxParamLength: 1_100, caseSensitive: true },
    http: { headersTimeout: HEADERS_MS, maxHeaderSize: 16_384, connectionsCheckingInterval: LATE_MS },
  })
  app.server.maxConnections = SOCKETS
  const originOf = (request: FastifyRequest): RequestOrigin => ({
    address: clientAddress(request.raw, options.trustedProxies),
    userAgent: (request.headers['user-agent'] ?? '').slice(0, 200),
  })
  const problem = (reply: FastifyReply, error: BinnacleError, correlationId: string): FastifyReply => {
    const { status } = ERRORS[error.code]
    if (error.retryAfterSeconds !== undefined) reply.header('retry-after', String(Math.ceil(error.retryAfterSeconds)))
    return reply
      .code(status)
      .type('application/problem+json')
      .send(JSON.stringify(problemOf(error, correlationId)))
  }

  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    // Exactly this type, whatever spaces, tabs or parameters came with it.
    if (
      request.headers['content-type'] !== 'application/json' &&
      request.headers['content-type']?.toLowerCase() !== 'application/json; charset=utf-8'
    )
      return done(new BinnacleError('UNSUPPORTED_MEDIA_TYPE'))
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(body)
      return done(null, text === '' ? {} : JSON.parse(text))
    } catch (error) {
      return done(new BinnacleError('BAD_REQUEST', 'the body is not JSON', { cause: error }))
    }
  })

  app.addHook('onRequest', async (request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) reply.header(name, value)
    if (request.url.startsWith('/api/')) reply.header('cache-control', 'no-store').header('vary', 'authorization, cookie, origin')
    guardRequest(request.raw, options)
    if (
      request.method !== 'GET' &&
      request.method !== 'HEAD' &&
      request.method !== 'DELETE' &&
      request.headers['content-type'] === undefined
    )
      throw new BinnacleError('UNSUPPORTED_MEDIA_TYPE')
  })

  app.setErrorHandler((thrown: Error & { code?: string; statusCode?: number }, request, reply) => {
    const code = errorCodeOf(thrown) ?? frameworkCode(thrown)
    if (code !== undefined && code !== 'INTERNAL')
      return problem(reply, thrown instanceof BinnacleError ? thrown : new BinnacleError(code), request.id)
    options.log.error(
      { correlation_id: request.id, method: request.method, route: request.routeOptions.url, error: thrown.message, stack: thrown.stack },
      'a request failed',
    )
    return problem(reply, new BinnacleError('INTERNAL'), request.id)
  })

  const routes = allRoutes(ports, options)
  for (const each of routes) register(app, ports, each, originOf)

  const documents = {
    openapi: JSON.stringify(openApiDocument(routes, options.version)),
    asyncapi: JSON.stringify(asyncApiDocument(options.version)),
  }
  app.get('/openapi.json', (_request, reply) => reply.type('application/json').send(documents.openapi))
  app.get('/asyncapi.json', (_request, reply) => reply.type('application/json').send(documents.asyncapi))
  app.get('/healthz', (_request, reply) => reply.type('text/plain').send('ok\n'))
  app.get('/readyz', async (_request, reply) => {
    const ok = await ports.store.health().then(
      (health) => health.ok,
      () => false,
    )
    return reply
      .code(ok ? 200 : 503)
      .type('text/plain')
      .send(ok ? 'ready\n' : 'not ready\n')
  })
  app.get('/metrics', async (request, reply) => {
    if (options.metricsToken !== null && !sameText(request.headers.authorization ?? '', `Bearer ${options.metricsToken}`))
      throw new BinnacleError('NOT_AUTHENTICATED')
    return reply.type('text/plain; version=0.0.4').send(await ports.metrics())
  })
  app.get('/plugins/hedgehog/*', (request, reply) => {
    const url = new URL(request.url, 'http://console')
    return reply
      .code(308)
      .header('location', newPath(url.pathname, url.searchParams, ports.kinds))
      .send()
  })
  app.get('/plugins/hedgehog', (_request, reply) => reply.code(308).header('location', '/fabrics').send())

  const { consoleDir } = options
  const hasConsole = consoleDir !== null && existsSync(join(consoleDir, 'index.html'))
  if (hasConsole) {
    await app.register(fastifyStatic, {
      root: consoleDir,
      index: false,
      maxAge: '1y',
      immutable: true,
      setHeaders: (reply, path) => void (path.endsWith('.html') && reply.header('cache-control', 'no-cache')),
    })
    // The folder itself is no file: without this the static handler refuses the start page.
    app.get('/', (_request, reply) => reply.header('cache-control', 'no-cache').sendFile('index.html', { maxAge: 0, immutable: false }))
  }
  app.setNotFoundHandler((request, reply) => {
    const page = request.method === 'GET' && !request.url.startsWith('/api/') && (request.headers.accept ?? '').includes('text/html')
    if (page && hasConsole) return reply.header('cache-control', 'no-cache').sendFile('index.html', { maxAge: 0, immutable: false })
    if (page) return reply.code(404).type('text/plain').send('the console is not built: npm run build -w @binnacle/console\n')
    return problem(reply, new BinnacleError('NOT_FOUND'), request.id)
  })

  return {
    app,
    routes,
    guardUpgrade: (request) => guardRequest(request, options),
    addressOf: (request) => clientAddress(request, options.trustedProxies),
  }
}
