import { BinnacleError, type ErrorPlace } from '@binnacle/protocol'
import { LineCounter, isMap, isScalar, parseDocument, type YAMLMap } from 'yaml'
import type { ZodType } from 'zod'
import { CONFIG_KEYS, type ConfigKey, type ConfiguredFabric } from './keys.ts'
import { nearest } from './nearest.ts'

/** The effective configuration, typed. Made once; packages get parts of it as options. */
export interface Config {
  readonly dataDir: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly publicUrl: string | null
  readonly trustedProxies: readonly string[]
  readonly secretKeyFile: string | null
  readonly secretKey: string | null
  readonly previousSecretKey: string | null
  readonly log: { readonly level: string; readonly format: 'json' | 'pretty'; readonly components: Readonly<Record<string, string | null>> }
  readonly features: Readonly<Record<string, 'on' | 'off' | readonly string[]>>
  readonly destinations: { readonly private: boolean; readonly loopback: boolean; readonly insecure: boolean }
  readonly retention: {
    readonly eventsSeconds: number
    readonly eventsMax: number
    readonly versionsSeconds: number
    readonly versionsPerObject: number
  }
  readonly limits: { readonly objectBytes: number }
  readonly metricsToken: string | null
  readonly fabrics: readonly ConfiguredFabric[]
}

/** Where a value came from. */
export type Origin =
  | { readonly from: 'default' }
  | { readonly from: 'file'; readonly file: string; readonly line: number }
  | { readonly from: 'environment'; readonly name: string }
  | { readonly from: 'command line' }

/** Configuration with the origin of each value. */
export interface LoadedConfig {
  readonly config: Config
  readonly values: ReadonlyMap<string, { readonly value: unknown; readonly origin: Origin; readonly key: ConfigKey }>
}

/** What the configuration is made of, weakest first: defaults, file, environment, command line. */
export interface ConfigInput {
  readonly file?: { readonly name: string; readonly text: string }
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly flags?: Readonly<Record<string, unknown>>
}

/** The environment variable of a key: `listen.port` → `BINNACLE_LISTEN_PORT`. */
export const environmentName = (path: string): string => `BINNACLE_${path.replaceAll('.', '_').toUpperCase()}`

/** Variables with our prefix that are not configuration keys. */
const OTHER_VARIABLES = new Set(['BINNACLE_BROWSER', 'BINNACLE_CONFIG', 'BINNACLE_TOKEN', 'BINNACLE_URL'])

const camel = (path: string): string[] =>
  path.split('.').map((part) => part.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))

interface FileValue {
  readonly value: unknown
  readonly line: number
}

function readFile(name: string, text: string): { values: Map<string, FileValue>; places: ErrorPlace[]; problems: string[] } {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  const values = new Map<string, FileValue>()
  const places: ErrorPlace[] = []
  const problems: string[] = []
  const complain = (message: string, offset: number, field?: string): void => {
    const { line, col } = counter.linePos(offset)
    places.push({ file: name, line, column: col, ...(field === undefined ? {} : { field }) })
    problems.push(`${name}:${line}: ${message}`)
  }
  for (const error of document.errors) complain(error.message, error.pos[0])
  if (problems.length > 0) return { values, places, problems }
  const known = new Set(CONFIG_KEYS.map(({ path }) => path))
  const groups = new Set(
    CONFIG_KEYS.flatMap(({ path }) =>
      path
        .split('.')
        .slice(0, -1)
        .map((_, index, parts) => parts.slice(0, index + 1).join('.')),
    ),
  )
  const walk = (map: YAMLMap, prefix: string): void => {
    for (const pair of map.items) {
      const offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0
      const path = `${prefix}${String(isScalar(pair.key) ? pair.key.value : pair.key)}`
      if (known.has(path)) {
        const node = pair.value as { toJS?: (document: unknown) => unknown } | null
        values.set(path, { value: node?.toJS?.(document) ?? null, line: counter.linePos(offset).line })
      } else if (groups.has(path) && (isMap(pair.value) || pair.value === null)) {
        if (isMap(pair.value)) walk(pair.value, `${path}.`)
      } else {
        const near = nearest(path, [...known, ...groups])
        complain(`unknown key '${path}'${near === undefined ? '' : `; did you mean '${near}'?`}`, offset, path)
      }
    }
  }
  if (isMap(document.contents)) walk(document.contents, '')
  else if (document.contents !== null) complain('the configuration must be a map', 0)
  return { values, places, problems }
}

function fromText(text: string, schema: ZodType): unknown {
  if (schema.safeParse(text).success) return text
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the text itself is judged by the schema, which says what is wrong with it.
    return text
  }
}

/**
 * Puts the configuration together. Throws BAD_REQUEST that names every wrong or unknown key with file, line and the
 * nearest known name; a value that is not acceptable is never replaced by a default.
 */
export function loadConfig(input: ConfigInput): LoadedConfig {
  const file =
    input.file === undefined
      ? { values: new Map<string, FileValue>(), places: [], problems: [] }
      : readFile(input.file.name, input.file.text)
  const places = [...file.places]
  const problems = [...file.problems]
  const names = new Map(CONFIG_KEYS.map((key) => [environmentName(key.path), key]))
  for (const name of Object.keys(input.environment)) {
    if (!name.startsWith('BINNACLE_') || names.has(name) || OTHER_VARIABLES.has(name)) continue
    const near = nearest(name, [...names.keys()])
    places.push({ field: name })
    problems.push(`unknown environment variable ${name}${near === undefined ? '' : `; did you mean ${near}?`}`)
  }
  const values = new Map<string, { value: unknown; origin: Origin; key: ConfigKey }>()
  for (const key of CONFIG_KEYS) {
    const variable = input.environment[environmentName(key.path)]
    const fromFile = file.values.get(key.path)
    const flag = input.flags?.[key.path]
    let raw: unknown = key.default
    let origin: Origin = { from: 'default' }
    if (fromFile !== undefined) [raw, origin] = [fromFile.value, { from: 'file', file: input.file?.name ?? '', line: fromFile.line }]
    if (variable !== undefined) [raw, origin] = [fromText(variable, key.schema), { from: 'environment', name: environmentName(key.path) }]
    if (flag !== undefined) [raw, origin] = [flag, { from: 'command line' }]
    const parsed = key.schema.safeParse(raw)
    if (parsed.success) {
      values.set(key.path, { value: parsed.data, origin, key })
      continue
    }
    const where = origin.from === 'file' ? `${origin.file}:${origin.line}: ` : origin.from === 'environment' ? `${origin.name}: ` : ''
    for (const issue of parsed.error.issues) {
      const field = [key.path, ...issue.path.map(String)].join('.')
      places.push({ field, ...(origin.from === 'file' ? { file: origin.file, line: origin.line } : {}) })
      problems.push(`${where}${field}: ${issue.message}`)
    }
  }
  if (problems.length > 0)
    throw new BinnacleError('BAD_REQUEST', `the configuration is not acceptable:\n  ${problems.join('\n  ')}`, { places })
  const config: Record<string, unknown> = {}
  for (const [path, { value }] of values) {
    const steps = camel(path)
    let node = config
    for (const step of steps.slice(0, -1)) node = (node[step] ??= {}) as Record<string, unknown>
    node[steps.at(-1) ?? path] = value
  }
  const { metrics, ...rest } = config as { metrics: { token: string | null } }
  return { config: { ...rest, metricsToken: metrics.token } as unknown as Config, values }
}
