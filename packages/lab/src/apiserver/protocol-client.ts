import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { isObject, type Json, type JsonObject } from './json.ts'
import type { LabServer } from './lab-server.ts'

/** A plain answer. */
export interface ProtocolAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; an empty object when it is none. */
  readonly body: JsonObject
}

/** One line of a watch. */
export type WatchLine = { type: string; object: JsonObject }

/** An open watch of a test: its lines in order, and how it ended. */
export interface TestWatch {
  readonly status: number
  readonly lines: WatchLine[]
  /** Resolves with the next lines until `enough` says so. Rejects after `withinMs`. */
  until(enough: (lines: readonly WatchLine[]) => boolean, withinMs?: number): Promise<readonly WatchLine[]>
  /** Resolves with 'end' or 'reset' when the server ends it. */
  readonly ended: Promise<'end' | 'reset'>
  /** Stops reading, so that the server's side fills up. */
  pause(): void
  close(): void
}

/** What a request may carry. */
export interface ProtocolOptions {
  readonly account?: string
  readonly token?: string
  readonly accept?: string
  readonly type?: string
  readonly body?: Json | string
  readonly headers?: Record<string, string>
}

/** A client that hides nothing of the protocol, for tests of the server. */
export class ProtocolClient {
  readonly #server: LabServer
  readonly #agent: Agent

  constructor(server: LabServer) {
    this.#server = server
    this.#agent = new Agent({ ca: server.ca, keepAlive: true })
  }

  close(): void {
    this.#agent.destroy()
  }

  async get(path: string, options: ProtocolOptions = {}): Promise<ProtocolAnswer> {
    return this.send('GET', path, options)
  }

  async send(method: string, path: string, options: ProtocolOptions = {}): Promise<ProtocolAnswer> {
    const response = await this.#open(method, path, options)
    const chunks: Buffer[] = []
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
    const text = Buffer.concat(chunks).toString()
    let body: unknown
    try {
      body = JSON.parse(text)
    } catch {
      // Plain text answers such as /healthz.
      body = {}
    }
    return { status: response.statusCode ?? 0, headers: response.headers, text, body: isObject(body) ? body : {} }
  }

  /** Reads an answer without keeping it: its bytes, its largest piece, and how many objects with a uid went by. */
  async stream(path: string): Promise<{ bytes: number; largestChunk: number; objects: number }> {
    const response = await this.#open('GET', path, {})
    let bytes = 0
    let largestChunk = 0
    let objects = 0
    let tail = ''
    for await (const chunk of response as AsyncIterable<Buffer>) {
      bytes += chunk.length
      largestChunk = Math.max(largestChunk, chunk.length)
      const text = tail + chunk.toString('latin1')
      objects += text.split('"uid":').length - 1
      tail = text.slice(-5)
    }
    return { bytes, largestChunk, objects }
  }

  /** Opens a watch; resolves with its first byte of headers. */
  async watch(path: string, options: ProtocolOptions = {}): Promise<TestWatch> {
    const response = await this.#open('GET', path, options)
    const lines: WatchLine[] = []
    const waiting = new Set<() => void>()
    let rest = ''
    response.setEncoding('utf8')
    response.on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      for (const part of parts) {
        try {
          lines.push(JSON.parse(part) as WatchLine)
        } catch {
          lines.push({ type: 'UNREADABLE', object: { text: part } })
        }
      }
      for (const look of waiting) look()
    })
    const ended = new Promise<'end' | 'reset'>((resolve) => {
      response.on('end', () => resolve('end'))
      response.on('error', () => resolve('reset'))
      response.on('close', () => resolve('reset'))
    })
    return {
      status: response.statusCode ?? 0,
      lines,
      ended,
      until: (enough, withinMs = 5000) =>
        new Promise((resolve, reject) => {
          const timer = setTimeout(() => {
            waiting.delete(look)
            reject(new Error(`not seen within ${withinMs} ms; lines: ${JSON.stringify(lines).slice(0, 2000)}`))
          }, withinMs)
          function look(): void {
            if (!enough(lines)) return
            clearTimeout(timer)
            waiting.delete(look)
            resolve(lines)
          }
          waiting.add(look)
          look()
        }),
      pause: () => void response.pause(),
      close: () => void response.destroy(),
    }
  }

  #open(method: string, path: string, options: ProtocolOptions): Promise<IncomingMessage> {
    const token = options.token ?? this.#server.token(options.account)
    const body = options.body === undefined ? undefined : typeof options.body === 'string' ? options.body : JSON.stringify(options.body)
    return new Promise((resolve, reject) => {
      const request = httpsRequest(
        `${this.#server.url}${path}`,
        {
          method,
          agent: this.#agent,
          headers: {
            ...(token !== '' && { authorization: `Bearer ${token}` }),
            accept: options.accept ?? 'application/json',
            ...(body !== undefined && {
              'content-type': options.type ?? 'application/json',
              'content-length': String(Buffer.byteLength(body)),
            }),
            ...options.headers,
          },
        },
        resolve,
      )
      request.on('error', reject)
      request.end(body)
    })
  }
}
