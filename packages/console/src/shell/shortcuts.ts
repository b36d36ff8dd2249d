/** What a shortcut does. */
export type ShortcutAction =
  | 'search'
  | 'help'
  | 'go-fabrics'
  | 'go-vpcs'
  | 'go-switches'
  | 'go-connections'
  | 'go-events'
  | 'go-realtime'
  | 'theme'

/** Every shortcut: its keys one after the other, what it does, and the words of the help. */
export const SHORTCUTS: readonly { readonly keys: readonly string[]; readonly action: ShortcutAction; readonly words: string }[] = [
  { keys: ['/'], action: 'search', words: 'Search in this view' },
  { keys: ['g', 'f'], action: 'go-fabrics', words: 'Go to fabrics' },
  { keys: ['g', 'v'], action: 'go-vpcs', words: 'Go to VPCs' },
  { keys: ['g', 's'], action: 'go-switches', words: 'Go to switches' },
  { keys: ['g', 'c'], action: 'go-connections', words: 'Go to connections' },
  { keys: ['g', 'e'], action: 'go-events', words: 'Go to events' },
  { keys: ['g', 'r'], action: 'go-realtime', words: 'Go to the live connection' },
  { keys: ['t'], action: 'theme', words: 'Switch between light and dark' },
  { keys: ['?'], action: 'help', words: 'Show the shortcuts' },
]

/** Keys pressed so far of a shortcut of several keys; `at` in milliseconds. */
export interface KeyState {
  readonly pressed: readonly string[]
  readonly at: number
}

/** Nothing pressed. */
export const NO_KEYS: KeyState = { pressed: [], at: 0 }

/** A second key must follow within this time, in milliseconds. */
export const SEQUENCE_MS = 1_200

const startsWith = (keys: readonly string[], start: readonly string[]): boolean => start.every((key, index) => keys[index] === key)

/** The next state after a key, and the action if a shortcut is complete. A key that continues nothing may start anew. */
export function pressKey(state: KeyState, key: string, at: number): { readonly state: KeyState; readonly action?: ShortcutAction } {
  const before = at - state.at <= SEQUENCE_MS ? state.pressed : []
  for (const pressed of before.length === 0 ? [[key]] : [[...before, key], [key]]) {
    const fitting = SHORTCUTS.filter((shortcut) => startsWith(shortcut.keys, pressed))
    const complete = fitting.find((shortcut) => shortcut.keys.length === pressed.length)
    if (complete !== undefined) return { state: NO_KEYS, action: complete.action }
    if (fitting.length > 0) return { state: { pressed, at } }
  }
  return { state: NO_KEYS }
}
