import { stringify } from 'yaml'

const ORDER = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

/** A document as YAML as operators know it: apiVersion, kind, metadata, spec, status first; long lines stay whole. */
export function documentText(document: Readonly<Record<string, unknown>>): string {
  const ordered: Record<string, unknown> = {}
  for (const key of ORDER) if (key in document) ordered[key] = document[key]
  for (const [key, value] of Object.entries(document)) if (!(key in ordered)) ordered[key] = value
  return stringify(ordered, { lineWidth: 0, aliasDuplicateObjects: false })
}

/** A line of a comparison of two texts. */
export interface DiffLine {
  readonly sign: ' ' | '+' | '-'
  readonly text: string
}

const MOST_LINES = 1_500

/**
 * The lines that differ between two texts, with `context` equal lines around them; undefined when they are too long to
 * compare here.
 */
export function diffLines(before: string, after: string, context = 2): readonly DiffLine[] | undefined {
  const old = before.split('\n')
  const now = after.split('\n')
  if (old.length > MOST_LINES || now.length > MOST_LINES) return undefined
  let start = 0
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1
  let end = 0
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end += 1
  const a = old.slice(start, old.length - end)
  const b = now.slice(start, now.length - end)
  // Longest common subsequence of the middle.
  const width = b.length + 1
  const best = new Uint16Array((a.length + 1) * width)
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      best[i * width + j] =
        a[i] === b[j] ? (best[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(best[(i + 1) * width + j] ?? 0, best[i * width + j + 1] ?? 0)
  const lines: DiffLine[] = old.slice(0, start).map((text) => ({ sign: ' ', text }))
  let i = 0
  let j = 0
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ sign: ' ', text: a[i] ?? '' })
      i += 1
      j += 1
    } else if (i < a.length && (j >= b.length || (best[(i + 1) * width + j] ?? 0) >= (best[i * width + j + 1] ?? 0))) {
      lines.push({ sign: '-', text: a[i] ?? '' })
      i += 1
    } else {
      lines.push({ sign: '+', text: b[j] ?? '' })
      j += 1
    }
  }
  for (const text of old.slice(old.length - end)) lines.push({ sign: ' ', text })
  return lines.filter(
    (line, index) => line.sign !== ' ' || lines.slice(Math.max(0, index - context), index + context + 1).some((near) => near.sign !== ' '),
  )
}
