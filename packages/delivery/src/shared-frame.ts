import type { LogEntry, ServerFrame } from '@binnacle/protocol'

/**
 * A text frame as it travels from a server over WebSocket (RFC 6455 section 5.2: final, unmasked, not compressed), header
 * and text in one buffer, built once and written to every socket. A test holds it against what `ws` itself builds.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const header = length > 65_535 ? 10 : length > 125 ? 4 : 2
  const bytes = Buffer.allocUnsafe(header + length)
  bytes[0] = 0x81
  if (header === 2) bytes[1] = length
  else if (header === 4) {
    bytes[1] = 126
    bytes.writeUInt16BE(length, 2)
  } else {
    bytes[1] = 127
    bytes.writeBigUInt64BE(BigInt(length), 2)
  }
  bytes.write(text, header, 'utf8')
  return bytes
}

/** A frame that holds no events, as bytes. */
export const frameBytes = (frame: Exclude<ServerFrame, { type: 'events' }>): Buffer => textFrame(JSON.stringify(frame))

/** A part of the log on its way to readers: `(from, to]`, with the events in it that pass. */
export interface Stretch {
  readonly from: number
  readonly to: number
  readonly bytes: Buffer
}

/** The text of an events frame. Event texts are put in as they are: nothing is serialised again. */
const eventsText = (sub: number, epoch: string, from: number, to: number, entries: readonly LogEntry[]): string =>
  `{"type":"events","sub":${sub},"from":"${epoch}:${from}","to":"${epoch}:${to}","events":[${entries.map((entry) => entry.text).join(',')}]}`

/** Characters of events in one frame, about; a reader that is slow is seen after each frame. */
export const FRAME_CHARACTERS = 65_536

/** Events as frames of bounded size that together cover `(from, to]`; without events it is one empty frame. */
export function stretches(sub: number, epoch: string, from: number, to: number, entries: readonly LogEntry[]): readonly Stretch[] {
  const made: Stretch[] = []
  let start = from
  let first = 0
  let size = 0
  for (let index = 0; index < entries.length; index++) {
    const entry = entries[index]
    if (entry === undefined) break
    size += entry.text.length
    if (size < FRAME_CHARACTERS || index === entries.length - 1) continue
    made.push({ from: start, to: entry.seq, bytes: textFrame(eventsText(sub, epoch, start, entry.seq, entries.slice(first, index + 1))) })
    start = entry.seq
    first = index + 1
    size = 0
  }
  made.push({ from: start, to, bytes: textFrame(eventsText(sub, epoch, start, to, first === 0 ? entries : entries.slice(first))) })
  return made
}
