/** Finds members given twice in valid JSON text: `duplicate field "spec.a"`, one sentence per repeated path. */
export function duplicateKeys(text: string): string[] {
  const found = new Set<string>()
  const token = /"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s"{}[\]:,]+/g
  type Frame = { path: string; keys: Set<string> | undefined; key: string; index: number; expectKey: boolean }
  const stack: Frame[] = []
  const childPath = (): string => {
    const top = stack.at(-1)
    if (top === undefined) return ''
    if (top.keys === undefined) return `${top.path}[${top.index}]`
    return top.path === '' ? top.key : `${top.path}.${top.key}`
  }
  for (const [part] of text.matchAll(token)) {
    const top = stack.at(-1)
    switch (part) {
      case '{':
        stack.push({ path: childPath(), keys: new Set(), key: '', index: 0, expectKey: true })
        break
      case '[':
        stack.push({ path: childPath(), keys: undefined, key: '', index: 0, expectKey: false })
        break
      case '}':
      case ']':
        stack.pop()
        break
      case ',':
        if (top?.keys !== undefined) top.expectKey = true
        else if (top !== undefined) top.index += 1
        break
      case ':':
        break
      default:
        if (top?.keys !== undefined && top.expectKey) {
          top.key = JSON.parse(part) as string
          top.expectKey = false
          if (top.keys.has(top.key)) found.add(`duplicate field "${childPath()}"`)
          top.keys.add(top.key)
        }
    }
  }
  return [...found]
}
