/** A line, or the beginning of one that was too long. */
export type CutLine = { readonly line: Buffer } | { readonly tooLong: Buffer }

/** How much of a line that is too long is kept, to name the object in it: annotations (at most 256 KiB) stand before the name. Bytes. */
const KEPT_OF_LONG = 393_216

/** Cuts a stream into lines at LF, with a bound: a line beyond it is skipped to its end and reported, the next one is fine. */
export class LineCutter {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #size = 0
  #skipping = false

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  *push(chunk: Buffer): Generator<CutLine> {
    let start = 0
    for (let end = chunk.indexOf(10, start); end >= 0; end = chunk.indexOf(10, start)) {
      yield* this.#complete(chunk.subarray(start, end))
      start = end + 1
    }
    if (start < chunk.length) this.#keep(chunk.subarray(start))
  }

  *#complete(rest: Buffer): Generator<CutLine> {
    this.#keep(rest)
    const [first] = this.#parts
    const line = this.#parts.length === 1 && first !== undefined ? first : Buffer.concat(this.#parts)
    const tooLong = this.#skipping
    this.#parts = []
    this.#size = 0
    this.#skipping = false
    if (tooLong) yield { tooLong: line }
    else if (line.length > 0) yield { line }
  }

  #keep(part: Buffer): void {
    this.#size += part.length
    if (this.#skipping) return
    this.#parts.push(part)
    if (this.#size <= this.#maxBytes) return
    this.#skipping = true
    this.#parts = [Buffer.from(Buffer.concat(this.#parts).subarray(0, KEPT_OF_LONG))]
  }
}
