import { pino, type Logger } from 'pino'
import { Writable } from 'node:stream'

/** What components get to log with: level methods that take fields and a sentence. */
export interface ComponentLog {
  debug(fields: object, text: string): void
  info(fields: object, text: string): void
  warn(fields: object, text: string): void
  error(fields: object, text: string): void
}

/** How logs are written. */
export interface LogOptions {
  readonly level: string
  readonly format: 'json' | 'pretty'
  readonly components: Readonly<Record<string, string | null>>
}

const LEVEL_NAMES: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' }

/** Control characters, bidirectional overrides and other invisible signs as escapes: a log line stays one line and says what it says. */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (sign) => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`)

function prettyLine(json: string): string {
  const { level, time, component, msg, ...fields } = JSON.parse(json) as { level: number; time: number; component?: string; msg?: string }
  const rest = Object.entries(fields as Record<string, unknown>).map(
    ([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return (
    visible(
      `${new Date(time).toISOString().slice(11, 23)} ${(LEVEL_NAMES[level] ?? 'info').padEnd(5)} ${(component ?? 'app').padEnd(9)} ${[msg ?? '', ...rest].join('  ')}`,
    ) + '\n'
  )
}

/** Logs to standard error, one logger per component with its own level. */
export function createLogs(
  options: LogOptions,
  out: NodeJS.WritableStream,
): { component(name: string): ComponentLog; setLevels(levels: Pick<LogOptions, 'level' | 'components'>): void } {
  const stream =
    options.format === 'json'
      ? out
      : new Writable({
          write(chunk: Buffer, _encoding, done) {
            out.write(chunk.toString('utf8').split('\n').filter(Boolean).map(prettyLine).join(''))
            done()
          },
        })
  const root = pino(
    {
      level: 'trace',
      base: null,
      redact: {
        paths: ['token', 'password', 'secret', 'authorization', '*.token', '*.password', '*.secret', '*.authorization'],
        censor: '[hidden]',
      },
    },
    stream,
  )
  const children = new Map<string, Logger>()
  let levels: Pick<LogOptions, 'level' | 'components'> = options
  const levelOf = (name: string): string => levels.components[name] ?? levels.level
  return {
    component(name) {
      const child = children.get(name) ?? root.child({ component: name }, { level: levelOf(name) })
      children.set(name, child)
      return child
    },
    setLevels(next) {
      levels = next
      for (const [name, child] of children) child.level = levelOf(name)
    },
  }
}
