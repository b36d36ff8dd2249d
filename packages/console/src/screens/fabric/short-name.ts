/** What all names begin with, up to a dash: `fab1-` of fab1-leaf-1 and fab1-srv-2. Empty for fewer than two names. */
export function commonStart(names: readonly string[]): string {
  const [first, ...others] = names
  if (first === undefined || others.length === 0) return ''
  let length = first.length
  for (const name of others) while (length > 0 && !name.startsWith(first.slice(0, length))) length -= 1
  const dash = first.slice(0, length).lastIndexOf('-')
  return first.slice(0, dash + 1)
}

/**
 * A name in at most `letters`: whole, else without the common start, else its end, because names of devices differ at
 * their end.
 */
export function shortName(name: string, common: string, letters: number): string {
  if (name.length <= letters) return name
  const own = common !== '' && name.startsWith(common) && name.length > common.length ? name.slice(common.length) : name
  return own.length <= letters ? own : `…${own.slice(-Math.max(1, letters - 1))}`
}
