import { randomUUID, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { Accounts, DEFAULT_ACCOUNTS, newToken, type AccountSpec } from './accounts.ts'
import type { Admission } from './admission.ts'
import { handleApi } from './api-handler.ts'
import { unauthorized } from './api-status.ts'
import { authenticate } from './authentication.ts'
import { authorize } from './authorization.ts'
import { MAX_CONTROL_BYTES, runCommand } from './control-endpoint.ts'
import { Faults } from './faults.ts'
import { hedgehogAdmission } from './hedgehog-admission.ts'
import { hedgehogCrds } from './hedgehog-crds.ts'
import type { JsonObject } from './json.ts'
import { kubeconfigText } from './kubeconfig.ts'
import { LabControl, type RestartOptions } from './lab-control.ts'
import { LAB_FEATURES, type LabMode } from './lab-features.ts'
import { Registry } from './registry.ts'
import { decodeBody, readBody } from './request-body.ts'
import type { LabCore } from './request-context.ts'
import { RequestCounts } from './request-counts.ts'
import { requestInfo } from './request-info.ts'
import { handleResource } from './resource-handler.ts'
import { sendError, sendJson } from './respond.ts'
import { seedCluster } from './seed.ts'
import { LabStore } from './storage.ts'
import { createLabAuthority } from './tls.ts'
import type { WatchLimits } from './watch.ts'
import { Watches } from './watches.ts'

/** How a lab server is to be. Everything has a default. */
export interface LabServerOptions {
  /** Kubernetes version to behave as; 1.32. */
  readonly mode?: LabMode
  /** 0 takes a free port. */
  readonly port?: number
  /** Address to listen on; loopback. */
  readonly host?: string
  /** CustomResourceDefinition objects to serve; all Hedgehog kinds by default. */
  readonly crds?: readonly JsonObject[]
  /** What webhooks would do; Hedgehog's by default, `none` for a bare cluster. */
  readonly admission?: Admission | 'none'
  /** Refuses every write of everybody. */
  readonly readOnly?: boolean
  /** Accounts beside or instead of DEFAULT_ACCOUNTS. */
  readonly accounts?: Readonly<Record<string, AccountSpec>>
  /** Watch times and bounds. */
  readonly watch?: Partial<WatchLimits>
  /** Changes kept per resource for resuming watches; 10,000. */
  readonly historyLimit?: number
  /** First resourceVersion; 1000. */
  readonly startRevision?: number
  /** Token of POST /lab/control; random by default. */
  readonly controlToken?: string
  readonly now?: () => number
  readonly random?: () => number
}

/** A running lab server. */
export interface LabServer {
  readonly url: string
  readonly port: number
  /** CA certificate, PEM. */
  readonly ca: string
  readonly controlToken: string
  readonly store: LabStore
  readonly control: LabControl
  /** A kubeconfig for an account, with its token or with a client certificate. */
  kubeconfig(account?: string, how?: 'token' | 'certificate'): string
  /** A bearer token of an account. */
  token(account?: string): string
  /** Ends all connections and frees the port. */
  close(): Promise<void>
}

/** Real servers' bookmark period and shortest watch life; a reader may leave 16 MiB unread. */
export const DEFAULT_WATCH_LIMITS: WatchLimits = {
  bookmarkMs: 60_000,
  minimumMs: 1_800_000,
  maxQueuedBytes: 16 * 1024 * 1024,
  freshWaitMs: 3000,
}

/** Starts a lab server; resolves when it listens. */
export async function startLabServer(options: LabServerOptions = {}): Promise<LabServer> {
  const now = options.now ?? Date.now
  const store = new LabStore({
    ...(options.startRevision !== undefined && { startRevision: options.startRevision }),
    ...(options.historyLimit !== undefined && { historyLimit: options.historyLimit }),
  })
  const sockets = new Set<Socket>()
  const core: LabCore = {
    store,
    registry: new Registry(store),
    accounts: new Accounts({ ...DEFAULT_ACCOUNTS, ...options.accounts }),
    faults: new Faults(now),
    watches: new Watches(),
    counts: new RequestCounts(),
    features: LAB_FEATURES[options.mode ?? '1.32'],
    limits: { ...DEFAULT_WATCH_LIMITS, ...options.watch },
    readOnly: options.readOnly ?? false,
    admission: options.admission === 'none' ? undefined : (options.admission ?? hedgehogAdmission),
    now,
    random: options.random ?? Math.random,
    newUid: randomUUID,
    reset: (response) => {
      // Only the TCP socket under the TLS one can be reset; the peer's port finds it.
      const under = [...sockets].find((socket) => socket.remotePort === response.socket?.remotePort)
      if (under === undefined) response.destroy()
      else under.resetAndDestroy()
    },
  }
  core.registry.onServingChanged((key) => core.watches.end({ resource: key }, 'fin'))
  seedCluster(core, options.crds ?? hedgehogCrds())

  const host = options.host ?? '127.0.0.1'
  const controlToken = options.controlToken ?? newToken()
  const authority = createLabAuthority()
  const certificate = authority.server([host, '127.0.0.1', 'localhost', 'kubernetes', 'kubernetes.default.svc'])
  const listen = async (port: number): Promise<Server> => {
    const server = createServer(
      {
        ...certificate,
        ca: authority.ca,
        requestCert: true,
        // Who comes without a certificate may still have a token; authenticate() judges.
        rejectUnauthorized: false,
        keepAliveTimeout: 120_000,
        requestTimeout: 0,
        // Commands of small bodies follow each other; waiting for acknowledgements would add 40 ms to each.
        noDelay: true,
      },
      (request, response) => void answer(core, control, controlToken, request, response),
    )
    server.on('connection', (socket: Socket) => {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    })
    server.listen(port, host)
    await once(server, 'listening')
    return server
  }
  const stop = async (server: Server): Promise<void> => {
    const closed = once(server, 'close')
    server.close()
    for (const socket of sockets) socket.destroy()
    await closed
  }
  const control = new LabControl(core, async (how: RestartOptions) => {
    await stop(server)
    if (how.downMs !== undefined) await new Promise((resolve) => setTimeout(resolve, how.downMs))
    server = await listen(port)
  })
  let server = await listen(options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const url = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  return {
    url,
    port,
    ca: authority.ca,
    controlToken,
    store,
    control,
    token: (account = 'admin') => core.accounts.token(account, now()),
    kubeconfig: (account = 'admin', how = 'token') => {
      const { user, groups } = core.accounts.get(account)
      const parts = { server: url, ca: authority.ca, account }
      return how === 'certificate'
        ? kubeconfigText({ ...parts, clientCertificate: authority.client(user, groups) })
        : kubeconfigText({ ...parts, token: core.accounts.token(account, now()) })
    },
    close: () => stop(server),
  }
}

const HEALTH_PATHS = new Set(['/healthz', '/livez', '/readyz'])
const NO_FAULT = { delayMs: 0, refusal: undefined }

async function answer(
  core: LabCore,
  control: LabControl,
  controlToken: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  // A reader that goes away is not an error of ours: 'close' is what handlers listen to.
  response.on('error', () => undefined)
  try {
    if (request.url === '/lab/control') {
      await answerControl(control, controlToken, request, response)
      return
    }
    const info = requestInfo(request.method ?? 'GET', request.url ?? '/')
    const account = authenticate(request, core.accounts, core.now())
    const resource =
      info.target === undefined
        ? info.path
        : info.target.group === ''
          ? info.target.resource
          : `${info.target.resource}.${info.target.group}`
    core.counts.add(info.verb, resource, account.name)
    // A server that has just come up says it is ready while it still refuses everything else.
    const { delayMs, refusal } = HEALTH_PATHS.has(info.path) ? NO_FAULT : core.faults.meet(resource, account.name, info.verb)
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs))
    if (refusal !== undefined) throw refusal
    authorize(account, info)
    const asked = { core, request, response, info, account }
    if (info.target === undefined) handleApi(asked)
    else await handleResource(asked, info.target)
  } catch (error) {
    sendError(response, error)
  }
}

async function answerControl(control: LabControl, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const given = Buffer.from(request.headers.authorization ?? '')
  const wanted = Buffer.from(`Bearer ${token}`)
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) throw unauthorized()
  const { value } = decodeBody(await readBody(request, MAX_CONTROL_BYTES), 'application/json')
  sendJson(response, 200, await runCommand(control, value))
}
