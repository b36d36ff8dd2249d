import type { Origin } from '../config/load-config.ts'
import type { CommandConfig } from './read-config.ts'
import { table } from './terminal.ts'

const originText = (origin: Origin): string => {
  switch (origin.from) {
    case 'file':
      return `${origin.file}:${origin.line}`
    case 'environment':
      return origin.name
    case 'default':
    case 'command line':
      return origin.from
  }
}

/** `binnacle config`: every key with its effective value and where it came from; secrets hidden. */
export function showConfig({ loaded: { values } }: CommandConfig): void {
  table(
    ['KEY', 'VALUE', 'FROM', 'MEANING'],
    [...values].map(([path, { value, origin, key }]) => [
      path,
      key.secret === true && value !== null ? '(hidden)' : JSON.stringify(value),
      originText(origin),
      key.doc,
    ]),
  )
}
