/** A piece of a text: plain, or the written-out form of a character that would not be seen. */
export interface TextPiece {
  readonly text: string
  /** True when `text` stands for a character that is invisible, reorders text, or controls a terminal. */
  readonly escaped: boolean
}

// Controls, format characters (zero-width and bidi marks, soft hyphen, tags), line and paragraph separators, lone
// surrogates, everything that is drawn as nothing (fillers, variation selectors), and code points that are no characters.
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

const written = (character: string): string => NAMED[character] ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`

/**
 * Cuts a text into pieces so that no character hides: what cannot be seen or would reorder its neighbours is written
 * out, e.g. `\u{202e}`. All text on screen is data of others; it goes through here.
 */
export function visiblePieces(text: string): readonly TextPiece[] {
  const pieces: TextPiece[] = []
  let end = 0
  for (const match of text.matchAll(UNSEEN)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index), escaped: false })
    pieces.push({ text: written(match[0]), escaped: true })
    end = match.index + match[0].length
  }
  if (end < text.length) pieces.push({ text: text.slice(end), escaped: false })
  return pieces
}

/** The same as one text, for titles, labels and copies. */
export const visibleText = (text: string): string => text.replaceAll(UNSEEN, written)

/** An address that may become a link: https only, without credentials inside; otherwise undefined (it is shown as text). */
export function linkTarget(text: string): string | undefined {
  if (!text.startsWith('https://') || visibleText(text) !== text) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url?.protocol === 'https:' && url.username === '' && url.password === '' ? url.href : undefined
}
