import { BinnacleError } from '@binnacle/protocol'

/** An item of a list, or the beginning of one that was too long. */
export type CutItem = { readonly item: Buffer } | { readonly tooLong: Buffer }

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COLON = 0x3a
/** What stands around the items is small: kind, apiVersion, metadata. Bytes. */
const ENVELOPE_BYTES = 1_048_576
/** How much of an item that is too long is kept, to name it: annotations (at most 256 KiB) stand before the name. Bytes. */
const KEPT_OF_LONG = 393_216

/**
 * Cuts the body of a Kubernetes list into its items while it streams, so that it never becomes one string (166 MB as
 * one string block the loop for seconds). Everything outside `items` is kept as the envelope, where the list's
 * resourceVersion stands, before or after the items as the server likes.
 */
export class ItemCutter {
  readonly #maxBytes: number
  #envelope: Buffer[] = []
  #envelopeSize = 0
  #depth = 0
  #inString = false
  #escaped = false
  /** The text of the last string at depth 1, when it is a key. */
  #key = ''
  #keyParts: number[] | undefined
  #afterKey = false
  #inItems = false
  #itemParts: Buffer[] = []
  #itemSize = 0
  #ended = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  *push(chunk: Buffer): Generator<CutItem> {
    let from = 0
    // Found once and again only when passed: most chunks have none, and a search per string would be quadratic.
    let slash = chunk.indexOf(BACKSLASH)
    for (let index = 0; index < chunk.length; index += 1) {
      const byte = chunk[index] ?? 0
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false
        else if (byte === BACKSLASH) this.#escaped = true
        else if (byte === QUOTE) {
          this.#inString = false
          if (this.#keyParts !== undefined) {
            this.#key = Buffer.from(this.#keyParts).toString('latin1')
            this.#keyParts = undefined
            this.#afterKey = true
          }
        } else if (this.#keyParts === undefined) {
          // Nothing inside a string matters but its end: jump there, or to the next backslash.
          const quote = chunk.indexOf(QUOTE, index)
          if (slash >= 0 && slash < index) slash = chunk.indexOf(BACKSLASH, index)
          const stop = quote < 0 ? slash : slash < 0 ? quote : Math.min(quote, slash)
          index = (stop < 0 ? chunk.length : stop) - 1
        } else if (this.#keyParts.length < 64) this.#keyParts.push(byte)
        continue
      }
      switch (byte) {
        case QUOTE:
          this.#inString = true
          if (this.#depth === 1 && !this.#inItems && !this.#afterKey) this.#keyParts = []
          break
        case COLON:
          break
        case OPEN_BRACE:
        case OPEN_BRACKET:
          this.#depth += 1
          if (byte === OPEN_BRACKET && this.#depth === 2 && this.#key === 'items' && this.#afterKey) {
            this.#inItems = true
            this.#addEnvelope(chunk.subarray(from, index + 1))
            from = index + 1
          } else if (this.#inItems && this.#depth === 3) from = index
          this.#afterKey = false
          break
        case CLOSE_BRACE:
        case CLOSE_BRACKET:
          this.#depth -= 1
          if (this.#inItems && this.#depth === 2) {
            yield this.#item(chunk.subarray(from, index + 1))
            from = index + 1
          } else if (this.#inItems && this.#depth === 1) {
            this.#inItems = false
            from = index
          } else if (this.#depth === 0) this.#ended = true
          break
        case 0x2c:
          if (this.#depth === 1) this.#afterKey = false
          break
        default:
          break
      }
    }
    const rest = chunk.subarray(from)
    if (rest.length === 0) return
    if (!this.#inItems) this.#addEnvelope(rest)
    else if (this.#depth >= 3) this.#addItem(rest)
  }

  /** What stood around the items, after the last chunk. Throws CLUSTER_PROTOCOL when the body was cut short. */
  end(): unknown {
    if (!this.#ended) throw new BinnacleError('CLUSTER_UNREACHABLE', 'the list was cut off before its end')
    try {
      return JSON.parse(Buffer.concat(this.#envelope).toString('utf8'))
    } catch (error) {
      throw new BinnacleError('CLUSTER_PROTOCOL', 'the answer is not a list', { cause: error })
    }
  }

  #addEnvelope(part: Buffer): void {
    this.#envelopeSize += part.length
    if (this.#envelopeSize > ENVELOPE_BYTES) throw new BinnacleError('CLUSTER_PROTOCOL', 'the answer is not a list')
    this.#envelope.push(Buffer.from(part))
  }

  #addItem(part: Buffer): void {
    this.#itemSize += part.length
    if (this.#itemSize <= this.#maxBytes || this.#itemParts.length === 0)
      this.#itemParts.push(this.#itemSize > this.#maxBytes ? part.subarray(0, KEPT_OF_LONG) : part)
  }

  #item(last: Buffer): CutItem {
    if (this.#itemParts.length === 0 && last.length <= this.#maxBytes) return { item: last }
    this.#addItem(last)
    const tooLong = this.#itemSize > this.#maxBytes
    const item = Buffer.concat(this.#itemParts)
    this.#itemParts = []
    this.#itemSize = 0
    return tooLong ? { tooLong: item.subarray(0, KEPT_OF_LONG) } : { item }
  }
}
