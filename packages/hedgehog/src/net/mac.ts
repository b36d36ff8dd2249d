/**
 * A MAC address in the form `aa:bb:cc:dd:ee:ff`, from the forms Go reads: pairs with colons or hyphens, or groups
 * of four with dots; 6, 8 or 20 bytes. `undefined` for anything else.
 */
export function normalMac(text: string): string | undefined {
  const separated = /^[\da-f]{2}(?:([:-])[\da-f]{2})(?:\1[\da-f]{2})+$/i.test(text) || /^[\da-f]{4}(?:\.[\da-f]{4})+$/i.test(text)
  if (!separated) return undefined
  const digits = text.replaceAll(/[.:-]/g, '').toLowerCase()
  if (![12, 16, 40].includes(digits.length)) return undefined
  return (digits.match(/../g) ?? []).join(':')
}
