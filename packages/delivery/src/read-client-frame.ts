import { clientFrameSchema, type ClientFrame } from '@binnacle/protocol'

/** Whether JSON text nests no deeper than `limit`; one pass over the text, nothing is built. */
export function nestsWithin(text: string, limit: number): boolean {
  let depth = 0
  let quoted = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (quoted) {
      if (code === 92) index++
      else if (code === 34) quoted = false
    } else if (code === 34) quoted = true
    else if (code === 123 || code === 91) {
      if (++depth > limit) return false
    } else if (code === 125 || code === 93) depth--
  }
  return true
}

/** Reads a frame of a client; a text instead says what is wrong with it, without repeating any of it. */
export function readClientFrame(text: string, depth: number): ClientFrame | string {
  if (!nestsWithin(text, depth)) return 'the frame nests too deeply'
  let raw: unknown
  try {
    raw = JSON.parse(text)
  } catch {
    // What exactly is wrong with it is of no use to anybody; the sender is told that it is not JSON.
    return 'the frame is not JSON'
  }
  const parsed = clientFrameSchema.safeParse(raw)
  if (!parsed.success) return 'the frame is not of the protocol'
  if ('id' in parsed.data && !parsed.data.id.isWellFormed()) return 'the id is not well-formed text'
  return parsed.data
}
