/** Which row gets the focus after a key; undefined when the key does not move. */
export function movedRow(key: string, active: number, rows: number, page: number): number | undefined {
  if (rows === 0) return undefined
  const clamp = (index: number) => Math.max(0, Math.min(rows - 1, index))
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return clamp(active + 1)
    case 'ArrowUp':
    case 'k':
      return clamp(active - 1)
    case 'PageDown':
      return clamp(active + page)
    case 'PageUp':
      return clamp(active - page)
    case 'Home':
      return 0
    case 'End':
      return rows - 1
    default:
      return undefined
  }
}
