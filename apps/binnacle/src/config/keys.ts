import { fabricSettingsSchema } from '@binnacle/protocol'
import { z } from 'zod'

/** One key of the configuration. `path` is its place in the YAML file, joined by dots. */
export interface ConfigKey {
  readonly path: string
  readonly schema: z.ZodType
  readonly default: unknown
  readonly doc: string
  /** Never printed. */
  readonly secret?: boolean
}

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
/** Components whose log level can be set apart. */
export const LOG_COMPONENTS = ['store', 'hub', 'source', 'identity', 'delivery', 'api', 'app'] as const
/** Features that can be switched off or reserved for roles. */
export const FEATURES = ['edit', 'resolve', 'apply', 'dns_change', 'runs', 'webhooks', 'notifications'] as const

const level = z.enum(LEVELS)
const feature = z.union([
  z.enum(['on', 'off']),
  z.boolean().transform((on): 'on' | 'off' => (on ? 'on' : 'off')),
  z.array(z.enum(['viewer', 'operator', 'admin'])),
])

/** A fabric given by the operator: only here may a kubeconfig run programs or read files. */
export const configuredFabricSchema = z.strictObject({
  id: z.int().positive().optional(),
  name: z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower case letters, digits and dashes'),
  description: z.string().max(500).default(''),
  enabled: z.boolean().default(true),
  kubeconfig: z.string().min(1).optional(),
  context: z.string().optional(),
  in_cluster: z.boolean().optional(),
  settings: fabricSettingsSchema.prefault({}),
})
/** See {@link configuredFabricSchema}. */
export type ConfiguredFabric = z.infer<typeof configuredFabricSchema>

const key = (path: string, schema: z.ZodType, fallback: unknown, doc: string, secret = false): ConfigKey => ({
  path,
  schema,
  default: fallback,
  doc,
  ...(secret ? { secret } : {}),
})
const days = (n: number): number => n * 24 * 3_600

/** Every configuration key there is. */
export const CONFIG_KEYS: readonly ConfigKey[] = [
  key('data_dir', z.string().min(1), '.data', 'Folder of the database, the key and the admin socket.'),
  key('listen.host', z.string().min(1), '127.0.0.1', 'Address to listen on.'),
  key('listen.port', z.int().min(0).max(65_535), 7640, 'Port to listen on; 0 = any free one.'),
  key(
    'public_url',
    z.url().nullable(),
    null,
    'The address under which people reach the console, where it is not the listen address; its host and origin are accepted.',
  ),
  key('trusted_proxies', z.array(z.string()), [], 'Addresses whose X-Forwarded-For is believed.'),
  key('secret_key_file', z.string().nullable(), null, 'File with the key that seals credentials (0600); null = <data_dir>/secret.key.'),
  key(
    'secret_key',
    z.string().nullable(),
    null,
    'The key itself, 64 hexadecimal digits; better given by environment than in a file.',
    true,
  ),
  key('previous_secret_key', z.string().nullable(), null, 'The key before, while credentials are sealed anew.', true),
  key('log.level', level, 'info', 'Least severe level that is logged.'),
  key('log.format', z.enum(['json', 'pretty']), 'json', 'json, or pretty for people.'),
  ...LOG_COMPONENTS.map((component) =>
    key(`log.components.${component}`, level.nullable(), null, `Level of the component ${component}; null = log.level.`),
  ),
  ...FEATURES.map((name) => key(`features.${name}`, feature, 'on', `on, off, or the roles that may use ${name}.`)),
  key('destinations.private', z.boolean(), true, 'Whether clusters given over the API may have addresses of private ranges.'),
  key('destinations.loopback', z.boolean(), false, 'Whether clusters given over the API may have loopback addresses.'),
  key('destinations.insecure', z.boolean(), false, 'Whether the API may accept connections that skip certificate verification.'),
  key('retention.events_seconds', z.int().min(60), days(30), 'How long events are kept.'),
  key('retention.events_max', z.int().min(1_000), 5_000_000, 'How many events are kept at most.'),
  key('retention.versions_seconds', z.int().min(60), days(30), 'How long old versions of objects are kept.'),
  key('retention.versions_per_object', z.int().min(1), 50, 'How many versions of one object are kept at most.'),
  key('limits.object_bytes', z.int().min(65_536), 2_097_152, 'Objects larger than this are set aside, visibly.'),
  key(
    'metrics.token',
    z.string().min(16).nullable(),
    null,
    'Token for /metrics; without one they are closed, unless the hub listens on loopback and has no public_url.',
    true,
  ),
  key('fabrics', z.array(configuredFabricSchema), [], 'Fabrics given by the operator.'),
]
