import { isObject, type Json, text } from './json.ts'

type Step =
  | { kind: 'key'; key: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: Step[]; value: string }

/**
 * Compiles the JSONPath subset that printer columns use: `.a.b`, `.a\.b`, `['a']`, `[0]`, `[*]`, `[?(@.x=="y")]`.
 *
 * The result gives every match in order; nothing when the path leads nowhere.
 */
export function jsonPath(path: string): (value: Json) => Json[] {
  const steps = parse(path.replace(/^\{|\}$/g, ''))
  return (value) => run(steps, value)
}

function parse(path: string): Step[] {
  const steps: Step[] = []
  const pattern =
    /\.((?:\\.|[^.[\\])+)|\['((?:\\.|[^'])*)'\]|\["((?:\\.|[^"])*)"\]|\[(-?\d+)\]|\[\*\]|\[\?\(@([^=]+?)\s*==\s*["']([^"']*)["']\)\]|\.\*/gy
  for (;;) {
    const at = pattern.lastIndex
    const match = pattern.exec(path)
    if (match === null) return at === path.length ? steps : []
    const key = match[1] ?? match[2] ?? match[3]
    if (key !== undefined) steps.push(key === '*' ? { kind: 'all' } : { kind: 'key', key: key.replaceAll(/\\(.)/g, '$1') })
    else if (match[4] !== undefined) steps.push({ kind: 'index', index: Number(match[4]) })
    else if (match[5] !== undefined) steps.push({ kind: 'filter', path: parse(match[5]), value: match[6] ?? '' })
    else steps.push({ kind: 'all' })
  }
}

function run(steps: readonly Step[], value: Json): Json[] {
  let found: Json[] = [value]
  for (const step of steps) found = found.flatMap((item) => take(step, item))
  return found
}

function take(step: Step, value: Json): Json[] {
  switch (step.kind) {
    case 'key': {
      const member = isObject(value) && Object.hasOwn(value, step.key) ? value[step.key] : undefined
      return member === undefined ? [] : [member]
    }
    case 'index': {
      const item = Array.isArray(value) ? value.at(step.index) : undefined
      return item === undefined ? [] : [item]
    }
    case 'all':
      if (Array.isArray(value)) return value
      return isObject(value) ? Object.values(value).filter((member) => member !== undefined) : []
    case 'filter':
      return Array.isArray(value) ? value.filter((item) => run(step.path, item).some((match) => text(match) === step.value)) : []
  }
}
