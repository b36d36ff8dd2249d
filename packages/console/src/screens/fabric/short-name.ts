/** What all names begin with, up to a dash: `fab1-` of fab1-leaf-1 and fab1-srv-2. Empty for fewer than two names. */
export function commonStart(names: readonly string[]): string {
  const [first, ...others] = names
  if (first === undefined || others.length === 0) return ''
  let length = first.length
  for (const name of others) while (length > 0 && !name.startsWith(first.slice(0, length))) length -= 1
  const dash = first.slice(0, length).lastIndexOf('-')
  return first.slice(0, dash + 1)
}

/** What a letter of a name needs in the picture, and what is around the name, in pixels. */
const LETTER = 6.8
const AROUND = 32

/** The width of a device that shows a name of so many letters. */
export const deviceWidth = (letters: number): number => Math.ceil(AROUND + letters * LETTER)

/** How many letters a device of some width shows. */
export const lettersIn = (width: number): number => Math.floor((width - AROUND) / LETTER)

/** A name without the common start; whole when it has it not, or is nothing else. */
export const startless = (name: string, common: string): string =>
  common !== '' && name.startsWith(common) && name.length > common.length ? name.slice(common.length) : name

/** A name in at most `letters`: whole, else its end, because names of devices differ at their end. */
export const shortName = (name: string, letters: number): string =>
  name.length <= letters ? name : `…${name.slice(-Math.max(1, letters - 1))}`
