import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { kindOf } from '@binnacle/hedgehog'
import { isObject, objectOr, text, type Json, type JsonObject } from '../apiserver/json.ts'
import type { KubeObject } from '../apiserver/kube-object.ts'
import { nameOfObject } from '../fabrics/lab-object.ts'

/** Where a cluster is and how to sign in. */
export interface ClusterAccess {
  readonly server: string
  /** CA certificate, PEM. */
  readonly ca: string
  readonly token: string
}

/** An answer of the API server that is not 2xx. */
export class LabAnswerError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(`${status} ${message}`)
    this.name = 'LabAnswerError'
    this.status = status
  }
}

/** One line of a watch. */
export interface WatchLine {
  readonly type: string
  readonly object: KubeObject
}

/** Longest wait for an answer that is not a watch. */
const ANSWER_MS = 10_000

/** What controllers and switches do with a cluster: plain HTTPS, Hedgehog kinds in namespace default. */
export class LabClient {
  readonly #access: ClusterAccess
  readonly #agent: Agent

  constructor(access: ClusterAccess) {
    this.#access = access
    this.#agent = new Agent({ ca: access.ca, keepAlive: true })
  }

  async list(kind: string): Promise<{ readonly items: readonly KubeObject[]; readonly version: string }> {
    const body = await this.#ask('GET', this.#path(kind))
    const { apiVersion, kind: listKind } = body
    // Items of a list carry neither kind nor version of their own on some servers.
    const items = (Array.isArray(body['items']) ? body['items'] : []).filter(isObject)
    const complete = items.map((item) => ({
      apiVersion,
      kind: typeof listKind === 'string' ? listKind.replace(/List$/, '') : kind,
      ...item,
    }))
    return { items: complete as unknown as KubeObject[], version: text(objectOr(body['metadata'])['resourceVersion']) }
  }

  async get(kind: string, name: string): Promise<KubeObject> {
    return (await this.#ask('GET', this.#path(kind, name))) as KubeObject
  }

  async create(object: KubeObject): Promise<void> {
    await this.#ask('POST', this.#path(object.kind), object)
  }

  async remove(kind: string, name: string): Promise<void> {
    await this.#ask('DELETE', this.#path(kind, name))
  }

  /** Sets one part of an object whatever it was, without touching the rest. */
  async set(kind: string, name: string, part: 'spec' | 'status', value: JsonObject): Promise<void> {
    const path = this.#path(kind, name) + (part === 'status' ? '/status' : '')
    await this.#ask('PATCH', path, [{ op: 'add', path: `/${part}`, value }], 'application/json-patch+json')
  }

  /** Merges fields into an object (RFC 7396). */
  async merge(kind: string, name: string, change: JsonObject): Promise<void> {
    await this.#ask('PATCH', this.#path(kind, name), change, 'application/merge-patch+json')
  }

  /** Creates an object, or gives the one that exists this spec. */
  async put(object: KubeObject): Promise<void> {
    try {
      await this.create(object)
    } catch (error) {
      if (!(error instanceof LabAnswerError) || error.status !== 409) throw error
      await this.set(object.kind, nameOfObject(object), 'spec', objectOr(object['spec']))
    }
  }

  /** Calls `onLine` for every change after `version`; resolves when the server ends the watch. Rejects when it cannot begin. */
  async watch(kind: string, version: string, onLine: (line: WatchLine) => void, signal: AbortSignal): Promise<void> {
    const path = `${this.#path(kind)}?watch=1&allowWatchBookmarks=true&resourceVersion=${encodeURIComponent(version)}`
    const response = await this.#open('GET', path, undefined, 'application/json', signal)
    if (response.statusCode !== 200) {
      response.resume()
      throw new LabAnswerError(response.statusCode ?? 0, `watch of ${kind}`)
    }
    let rest = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) onLine(JSON.parse(line) as WatchLine)
    })
    await new Promise<void>((resolve) => {
      response.once('close', resolve)
      // A cut connection ends the watch like any other end; 'close' follows.
      response.on('error', () => undefined)
    })
  }

  close(): void {
    this.#agent.destroy()
  }

  #path(kind: string, name?: string): string {
    const definition = kindOf(kind)
    if (definition === undefined) throw new RangeError(`${kind} is not a Hedgehog kind`)
    const collection = `/apis/${definition.group}/${definition.version}/namespaces/default/${definition.plural}`
    return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`
  }

  async #ask(method: string, path: string, body?: Json, type = 'application/json'): Promise<JsonObject> {
    const response = await this.#open(method, path, body, type, AbortSignal.timeout(ANSWER_MS))
    const chunks: Buffer[] = []
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
    const answer: unknown = JSON.parse(Buffer.concat(chunks).toString())
    const status = response.statusCode ?? 0
    if (status < 200 || status > 299) throw new LabAnswerError(status, `${method} ${path}: ${text(objectOr(answer)['message'])}`)
    return objectOr(answer)
  }

  #open(method: string, path: string, body: Json | undefined, type: string, signal: AbortSignal): Promise<IncomingMessage> {
    const bytes = body === undefined ? undefined : JSON.stringify(body)
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        new URL(path, this.#access.server),
        {
          method,
          agent: this.#agent,
          signal,
          headers: {
            authorization: `Bearer ${this.#access.token}`,
            accept: 'application/json',
            ...(bytes !== undefined && { 'content-type': type, 'content-length': String(Buffer.byteLength(bytes)) }),
          },
        },
        resolve,
      )
      request.on('error', reject)
      request.end(bytes)
    })
  }
}
