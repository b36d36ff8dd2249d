import { ERRORS, errorCodeOf } from '@binnacle/protocol'
import { visible } from '../compose/logger.ts'

/** Writes a line to standard output; control and invisible characters of foreign text become escapes. */
export const say = (text: string): void => {
  process.stdout.write(`${text.split('\n').map(visible).join('\n')}\n`)
}

/** Prints rows under a header, columns as wide as needed. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const clean = [header, ...rows].map((row) => row.map(visible))
  const widths = header.map((_, column) => Math.max(...clean.map((row) => (row[column] ?? '').length)))
  for (const row of clean)
    process.stdout.write(
      `${row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd()}\n`,
    )
}

/** Prints an error with its code and remedy to standard error. */
export function complain(error: unknown): void {
  const code = errorCodeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(`binnacle: ${message.split('\n').map(visible).join('\n')}\n`)
  if (code !== undefined) process.stderr.write(`  ${code}: ${ERRORS[code].remedy}\n`)
}

/** `1h`, `30m`, `7d`, `90` (seconds) → seconds; undefined when it is none of these. */
export function seconds(text: string): number | undefined {
  const match = /^(\d{1,9})([smhd]?)$/.exec(text)
  if (match === null) return undefined
  const unit = { '': 1, s: 1, m: 60, h: 3_600, d: 86_400 }[match[2] as '' | 's' | 'm' | 'h' | 'd']
  return Number(match[1]) * unit
}
