import { z } from 'zod'
import { positionText } from './position.ts'
import { eventSchema } from './event.ts'
import { grantSchema } from './rights.ts'
import { causeSchema } from './errors.ts'
import { FABRIC_STATUSES, watchStatusSchema } from './watch-state.ts'
import { HEALTHS } from './projector.ts'
import { gaugeSchema } from './frames.ts'

const pem = z
  .string()
  .max(65_536)
  .regex(/^-----BEGIN CERTIFICATE-----[\s\S]+-----END CERTIFICATE-----\s*$/, 'PEM certificates')
const httpsUrl = z
  .string()
  .max(2_048)
  .regex(/^https:\/\/[^\s\\]+$/, 'an https address')
const fabricName = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'lower case letters, digits and dashes, at most 63')

/** A cluster connection as given over the API: parsed data only, or a kubeconfig that carries its credentials inside. */
export const connectionInputSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('url'),
    server: httpsUrl,
    ca: pem.optional(),
    /** Skips verification of the certificate; the API refuses it unless the operator allowed it, and it is shown in red. */
    insecure: z.boolean().optional(),
    tls_server_name: z.string().max(253).optional(),
    token: z.string().min(1).max(16_384).optional(),
    client_certificate: z.string().max(65_536).optional(),
    client_key: z.string().max(65_536).optional(),
  }),
  z.strictObject({ type: z.literal('kubeconfig'), kubeconfig: z.string().min(1).max(262_144), context: z.string().max(253).optional() }),
  z.strictObject({ type: z.literal('in_cluster') }),
  /** Only from the command line or the configuration file: may run exec plug-ins and read files. */
  z.strictObject({ type: z.literal('kubeconfig_file'), path: z.string().min(1).max(4_096), context: z.string().max(253).optional() }),
])
/** See {@link connectionInputSchema}. */
export type ConnectionInput = z.infer<typeof connectionInputSchema>

/** A cluster connection as shown: no credential, only which sort it is. */
export const connectionViewSchema = z.object({
  type: z.enum(['url', 'in_cluster', 'kubeconfig_file']),
  server: z.string().nullable(),
  ca: z.string().nullable(),
  insecure: z.boolean(),
  tls_server_name: z.string().nullable(),
  path: z.string().nullable(),
  context: z.string().nullable(),
  credential: z.enum(['token', 'certificate', 'basic', 'exec', 'file', 'in_cluster', 'none']),
})
/** See {@link connectionViewSchema}. */
export type ConnectionView = z.infer<typeof connectionViewSchema>

/** How a fabric is watched. */
export const fabricSettingsSchema = z.strictObject({
  /** Kinds that are not watched, e.g. `Catalog`. */
  disabled_kinds: z.array(z.string().max(128)).max(100).default([]),
  /** Custom resources beyond the Hedgehog kinds, by plural and group. */
  extra_resources: z
    .array(z.strictObject({ group: z.string().max(253), plural: z.string().max(128) }))
    .max(50)
    .default([]),
  /** Seconds without any byte or bookmark after which a watch is stale. Default 90: the first bookmark came after about 60 s in trials. */
  stall_deadline_seconds: z.int().min(5).max(600).default(90),
  /** Seconds without a heartbeat after which a switch agent is silent. Default 60, from the product's guide. */
  heartbeat_deadline_seconds: z.int().min(20).max(3_600).default(60),
  namespace: z.string().max(63).default('default'),
})
/** See {@link fabricSettingsSchema}. */
export type FabricSettings = z.infer<typeof fabricSettingsSchema>

/** Body of POST and PUT of fabrics. */
export const fabricInputSchema = z.strictObject({
  name: fabricName,
  description: z.string().max(500).default(''),
  enabled: z.boolean().default(true),
  /** Absent in PUT: keep connection and credential. */
  connection: connectionInputSchema.optional(),
  settings: fabricSettingsSchema.prefault({}),
})
/** See {@link fabricInputSchema}. */
export type FabricInput = z.infer<typeof fabricInputSchema>

/** A fabric as shown. */
export const fabricViewSchema = z.object({
  id: z.int().positive(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  origin: z.enum(['api', 'configuration']),
  connection: connectionViewSchema,
  settings: fabricSettingsSchema,
  created_at: z.string(),
  updated_at: z.string(),
  status: z.enum(FABRIC_STATUSES),
  status_since: z.string(),
  cause: causeSchema.nullable(),
})
/** See {@link fabricViewSchema}. */
export type FabricView = z.infer<typeof fabricViewSchema>

const at = positionText

/** GET fabrics. */
export const fabricListSchema = z.object({
  at,
  fabrics: z.array(
    fabricViewSchema.extend({
      kinds: z.array(z.object({ kind: z.string(), group: z.string(), objects: z.int().nullable() })),
      watches: z.object({ live: z.int(), wanted: z.int() }),
    }),
  ),
})
/** See {@link fabricListSchema}. */
export type FabricList = z.infer<typeof fabricListSchema>

/** A derived status as shown. */
export const derivedStatusSchema = z.object({
  status: z.string(),
  health: z.enum(HEALTHS),
  text: z.string(),
  from: z.array(z.object({ kind: z.string(), name: z.string(), fact: z.string() })),
})

/** GET fabrics/:id: everything the fabric page shows at once. `objects` null: not listed yet, which is not zero. */
export const fabricDetailSchema = z.object({
  at,
  fabric: fabricViewSchema,
  watches: z.array(watchStatusSchema),
  kinds: z.array(
    z.object({
      kind: z.string(),
      group: z.string(),
      plural: z.string(),
      expected: z.boolean(),
      objects: z.int().nullable(),
      by_health: z.partialRecord(z.enum(HEALTHS), z.int()),
    }),
  ),
})
/** See {@link fabricDetailSchema}. */
export type FabricDetail = z.infer<typeof fabricDetailSchema>

/** GET fabrics/:id/watches. */
export const watchListSchema = z.object({ at, status: z.enum(FABRIC_STATUSES), watches: z.array(watchStatusSchema) })
/** See {@link watchListSchema}. */
export type WatchList = z.infer<typeof watchListSchema>

/** Query of GET resources/:plural. */
export const resourceQuerySchema = z.strictObject({
  fabric: z.coerce.number().int().positive().optional(),
  q: z.string().max(200).optional(),
  status: z.string().max(64).optional(),
  sort: z.string().max(64).optional(),
  cursor: z.string().max(1_000).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
})

/** A row of a resource list. */
export const resourceRowSchema = z.object({
  fabric_id: z.int(),
  kind: z.string(),
  group: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  resource_version: z.string(),
  created_at: z.string().nullable(),
  changed_at: z.string(),
  changed_at_position: positionText,
  row: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
  status: derivedStatusSchema.nullable(),
})
/** See {@link resourceRowSchema}. */
export type ResourceRow = z.infer<typeof resourceRowSchema>

/** GET resources/:plural. `listed` false for a fabric: its rows are not complete yet. */
export const resourceListSchema = z.object({
  at,
  kind: z.string(),
  group: z.string(),
  plural: z.string(),
  total: z.int(),
  cursor: z.string().nullable(),
  fabrics: z.array(z.object({ id: z.int(), name: z.string(), listed: z.boolean(), watch: watchStatusSchema.nullable() })),
  rows: z.array(resourceRowSchema),
})
/** See {@link resourceListSchema}. */
export type ResourceList = z.infer<typeof resourceListSchema>

const edge = z.object({
  role: z.string(),
  kind: z.string(),
  group: z.string(),
  namespace: z.string(),
  name: z.string(),
  exists: z.boolean(),
  status: derivedStatusSchema.nullable(),
})

/** GET fabrics/:id/resources/:plural/:name. `actual` is the object as the cluster holds it, cut at the boundary. */
export const resourceDetailSchema = z.object({
  at,
  object: resourceRowSchema,
  actual: z.record(z.string(), z.unknown()),
  references: z.object({ outgoing: z.array(edge), incoming: z.array(edge) }),
  watch: watchStatusSchema.nullable(),
  signals: z.record(z.string(), z.object({ value: z.string(), since: z.string() })),
  gauges: z.array(gaugeSchema),
})
/** See {@link resourceDetailSchema}. */
export type ResourceDetail = z.infer<typeof resourceDetailSchema>

/** GET fabrics/:id/topology: devices and the connections between them, with the derived status of each. Empty while nothing is listed. */
export const topologyViewSchema = z.object({
  at,
  nodes: z.array(
    z.object({
      id: z.string(),
      kind: z.string(),
      name: z.string(),
      type: z.enum(['spine', 'leaf', 'gateway', 'server', 'external']),
      /** Row in a drawing, top to bottom. */
      rank: z.int(),
      /** False when connections name the device but no object declares it. */
      declared: z.boolean(),
      role: z.string(),
      status: derivedStatusSchema.nullable(),
    }),
  ),
  edges: z.array(
    z.object({
      id: z.string(),
      connection: z.string(),
      type: z.string(),
      from: z.string(),
      to: z.string(),
      ports: z.array(z.object({ from: z.string(), to: z.string() })),
      status: derivedStatusSchema.nullable(),
    }),
  ),
})
/** See {@link topologyViewSchema}. */
export type TopologyView = z.infer<typeof topologyViewSchema>

/** GET fabrics/:id/resources/:plural/:name/history. */
export const resourceHistorySchema = z.object({
  at,
  versions: z.array(
    z.object({
      position: positionText,
      at: z.string(),
      resource_version: z.string(),
      document: z.record(z.string(), z.unknown()).nullable(),
    }),
  ),
})
/** See {@link resourceHistorySchema}. */
export type ResourceHistory = z.infer<typeof resourceHistorySchema>

/** GET events. `next` is where to read on; `more` tells that a further page exists. */
export const eventPageSchema = z.object({
  at,
  from: positionText.nullable(),
  next: positionText,
  more: z.boolean(),
  events: z.array(eventSchema),
})
/** See {@link eventPageSchema}. */
export type EventPage = z.infer<typeof eventPageSchema>

/** Result of proving a connection: POST fabrics/:id/test-connection, `binnacle fabric test`. Times in milliseconds. */
export const connectionTestReportSchema = z.object({
  ok: z.boolean(),
  server_version: z.string().nullable(),
  cause: causeSchema.nullable(),
  kinds: z.array(
    z.object({
      kind: z.string(),
      group: z.string(),
      expected: z.boolean(),
      served: z.boolean(),
      list: z.object({ ok: z.boolean(), objects: z.int().nullable(), ms: z.number().nullable(), cause: causeSchema.nullable() }),
      watch: z.object({ ok: z.boolean(), ms: z.number().nullable(), cause: causeSchema.nullable() }),
    }),
  ),
})
/** See {@link connectionTestReportSchema}. */
export type ConnectionTestReport = z.infer<typeof connectionTestReportSchema>

/** Result of "Sync from cluster". */
export const syncReportSchema = z.object({
  fabric_id: z.int(),
  ok: z.boolean(),
  ms: z.number(),
  kinds: z.array(
    z.object({
      kind: z.string(),
      group: z.string(),
      objects: z.int().nullable(),
      digest: z.string().nullable(),
      differences: z.int().nullable(),
      cause: causeSchema.nullable(),
    }),
  ),
})
/** See {@link syncReportSchema}. */
export type SyncReport = z.infer<typeof syncReportSchema>

const password = z.string().min(12, 'at least 12 characters').max(1_024)
const userName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\p{L}\p{N}._@-]+$/u, 'letters, digits and . _ @ -')

/** POST auth/setup: claims the set-up link and creates the first administrator (or resets one). */
export const setupRequestSchema = z.strictObject({ secret: z.string().min(20).max(200), name: userName, password })
/** POST auth/login. */
export const loginRequestSchema = z.strictObject({ name: z.string().min(1).max(64), password: z.string().min(1).max(1_024) })
/** Answer of auth/setup, auth/login and auth/refresh: the access token lives in memory only; the refresh token is a cookie. */
export const signInAnswerSchema = z.object({
  token: z.string(),
  expires_at: z.string(),
  user: z.object({ id: z.string(), name: z.string(), display_name: z.string(), grants: z.array(grantSchema) }),
})
/** See {@link signInAnswerSchema}. */
export type SignInAnswer = z.infer<typeof signInAnswerSchema>
/** GET auth/me. */
export const meSchema = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  grants: z.array(grantSchema),
  features: z.record(z.string(), z.boolean()),
})
/** See {@link meSchema}. */
export type Me = z.infer<typeof meSchema>

/** POST users. */
export const userInputSchema = z.strictObject({
  name: userName,
  display_name: z.string().max(100).default(''),
  password: password.optional(),
  grants: z.array(grantSchema).max(100),
})
/** See {@link userInputSchema}. */
export type UserInput = z.infer<typeof userInputSchema>
/** PATCH users/:id. */
export const userChangeSchema = z.strictObject({
  display_name: z.string().max(100).optional(),
  disabled: z.boolean().optional(),
  password: password.optional(),
  grants: z.array(grantSchema).max(100).optional(),
})
/** See {@link userChangeSchema}. */
export type UserChange = z.infer<typeof userChangeSchema>
/** A user as shown. */
export const userViewSchema = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  disabled: z.boolean(),
  created_at: z.string(),
  grants: z.array(grantSchema),
})
/** See {@link userViewSchema}. */
export type UserView = z.infer<typeof userViewSchema>

/** POST tokens. The token's rights are these grants ∩ the user's. */
export const tokenInputSchema = z.strictObject({
  user_id: z.string().max(64).optional(),
  name: z.string().min(1).max(100),
  grants: z.array(grantSchema).min(1).max(100),
  ttl_seconds: z.int().min(60).max(31_536_000).optional(),
})
/** See {@link tokenInputSchema}. */
export type TokenInput = z.infer<typeof tokenInputSchema>
/** A token as shown; its value only in the answer that created it. */
export const tokenViewSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  name: z.string(),
  grants: z.array(grantSchema),
  created_at: z.string(),
  expires_at: z.string().nullable(),
  revoked_at: z.string().nullable(),
  last_used_at: z.string().nullable(),
})
/** See {@link tokenViewSchema}. */
export type TokenView = z.infer<typeof tokenViewSchema>

/** A sign-in: one browser. `current`: the one that asks. Never its tokens. */
export const signInViewSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  user: z.string(),
  created_at: z.string(),
  renewed_at: z.string(),
  expires_at: z.string(),
  user_agent: z.string(),
  address: z.string(),
  current: z.boolean(),
})
/** See {@link signInViewSchema}. */
export type SignInView = z.infer<typeof signInViewSchema>

/** GET connections. */
export const connectionListSchema = z.object({
  connections: z.array(
    z.object({
      id: z.string(),
      user: z.string(),
      transport: z.enum(['websocket', 'sse']),
      since: z.string(),
      last_pong_ms: z.number(),
      frames: z.int(),
      bytes: z.int(),
      behind: z.int(),
      subscriptions: z.int(),
      lagging: z.boolean(),
      address: z.string(),
    }),
  ),
})
/** See {@link connectionListSchema}. */
export type ConnectionList = z.infer<typeof connectionListSchema>
