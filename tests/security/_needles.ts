import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { constants, inflateRawSync, inflateSync } from 'node:zlib'

/** A text that must be nowhere. */
export interface Needle {
  readonly name: string
  readonly text: string
}

/** Bytes in which needles are looked for. */
export interface Hay {
  readonly name: string
  readonly bytes: Buffer
}

/** Where a needle stood, and in which form. */
export interface Finding {
  readonly needle: string
  readonly form: string
  readonly hay: string
}

/** Decompressed parts are looked at down to this depth, each at most this large. */
const DEPTH = 2
const PART_BYTES = 64 * 1024 * 1024

/** The characters of the base64 of `text` that do not depend on what stands before or after it, for each of the three alignments. */
function base64Forms(text: string): string[] {
  const bytes = Buffer.from(text)
  return [0, 1, 2].map((shift) => {
    const whole = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64')
    const from = Math.ceil((shift * 8) / 6)
    const to = Math.floor(((shift + bytes.length) * 8) / 6)
    return whole.slice(from, to)
  })
}

/** Every form in which a needle is looked for: plain, base64 at three alignments in both alphabets, hex, percent-encoded, JSON escapes. */
function formsOf(text: string): [string, Buffer][] {
  const bytes = Buffer.from(text)
  const hex = bytes.toString('hex')
  const pairs = hex.match(/../g) ?? []
  const forms: [string, string][] = [
    ['plain', text],
    ['hex', hex],
    ['hex', hex.toUpperCase()],
    ['percent', pairs.map((pair) => `%${pair}`).join('')],
    ['percent', pairs.map((pair) => `%${pair.toUpperCase()}`).join('')],
    [
      'json',
      text
        .split('')
        .map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
        .join(''),
    ],
    ['utf-16', Buffer.from(text, 'utf16le').toString('latin1')],
  ]
  for (const form of base64Forms(text)) forms.push(['base64', form], ['base64', form.replaceAll('+', '-').replaceAll('/', '_')])
  const seen = new Set<string>()
  return forms.filter(([, form]) => !seen.has(form) && seen.add(form)).map(([name, form]) => [name, Buffer.from(form, 'latin1')])
}

/** Where the compressed data of a gzip member begins (RFC 1952). */
function gzipBody(member: Buffer): Buffer {
  const flags = member[3] ?? 0
  let at = 10
  if ((flags & 4) !== 0) at += 2 + member.readUInt16LE(at)
  for (const flag of [8, 16]) if ((flags & flag) !== 0) at = member.indexOf(0, at) + 1
  return member.subarray((flags & 2) === 0 ? at : at + 2)
}

/** What is inside gzip members and zlib streams that begin somewhere in the bytes. */
function unpacked({ name, bytes }: Hay): Hay[] {
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: PART_BYTES }
  const found: Hay[] = []
  const attempt = (magic: Buffer, what: string, open: (part: Buffer) => Buffer): void => {
    for (let at = bytes.indexOf(magic); at >= 0; at = bytes.indexOf(magic, at + 1)) {
      try {
        const inner = open(bytes.subarray(at))
        if (inner.length > 0) found.push({ name: `${name} > ${what} at ${at}`, bytes: inner })
      } catch {
        // Bytes that only look like the beginning of one.
      }
    }
  }
  attempt(Buffer.from([0x1f, 0x8b, 0x08]), 'gzip', (part) => inflateRawSync(gzipBody(part), options))
  for (const level of [0x01, 0x5e, 0x9c, 0xda]) attempt(Buffer.from([0x78, level]), 'zlib', (part) => inflateSync(part, options))
  return found
}

/** Looks for every needle in every form in every hay, also inside what is compressed there. */
export function search(needles: readonly Needle[], hays: Iterable<Hay>): Finding[] {
  const forms = needles.flatMap(({ name, text }) => formsOf(text).map(([form, bytes]) => ({ needle: name, form, bytes })))
  const findings: Finding[] = []
  const look = (hay: Hay, depth: number): void => {
    for (const { needle, form, bytes } of forms) if (hay.bytes.includes(bytes)) findings.push({ needle, form, hay: hay.name })
    if (depth < DEPTH) for (const inner of unpacked(hay)) look(inner, depth + 1)
  }
  for (const hay of hays) look(hay, 0)
  return findings
}

/** Every regular file below a folder, but for the excepted names. */
export function filesOf(folder: string, except: readonly string[] = []): Hay[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !except.includes(entry.name))
    .map((entry) => {
      const path = join(entry.parentPath, entry.name)
      return { name: path.slice(folder.length + 1), bytes: readFileSync(path) }
    })
}

/** Every value of every row of a database: a text that lies over two pages is in one piece here. */
export function rowsOf(path: string, name: string): Hay[] {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%'").all()
    return tables.map((table) => {
      const parts: Buffer[] = []
      const rows = database.prepare(`SELECT * FROM "${String(table['name'])}"`)
      rows.setReadBigInts(true)
      for (const row of rows.iterate())
        for (const value of Object.values(row))
          parts.push(typeof value === 'string' ? Buffer.from(value) : value instanceof Uint8Array ? Buffer.from(value) : Buffer.alloc(1))
      return { name: `${name}: ${String(table['name'])}`, bytes: Buffer.concat(parts) }
    })
  } finally {
    database.close()
  }
}
