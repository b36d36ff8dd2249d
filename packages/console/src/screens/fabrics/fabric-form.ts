import { fabricInputSchema } from '@binnacle/protocol'
import type { ConnectionInput, FabricInput, FabricView } from '@binnacle/protocol'

/** The form as it is typed; all texts. */
export interface FabricForm {
  readonly name: string
  readonly description: string
  readonly enabled: boolean
  readonly connection: 'keep' | 'url' | 'kubeconfig'
  readonly server: string
  readonly token: string
  readonly ca: string
  readonly kubeconfig: string
  readonly context: string
  readonly stallSeconds: string
  readonly heartbeatSeconds: string
  readonly disabledKinds: string
  readonly namespace: string
}

/** The form for a new fabric, or filled from an existing one. Credentials are never filled in: nobody can read them back. */
export function formOf(fabric: FabricView | undefined): FabricForm {
  return {
    name: fabric?.name ?? '',
    description: fabric?.description ?? '',
    enabled: fabric?.enabled ?? true,
    connection: fabric === undefined ? 'url' : 'keep',
    server: fabric?.connection.server ?? '',
    token: '',
    ca: fabric?.connection.ca ?? '',
    kubeconfig: '',
    context: '',
    stallSeconds: String(fabric?.settings.stall_deadline_seconds ?? 90),
    heartbeatSeconds: String(fabric?.settings.heartbeat_deadline_seconds ?? 60),
    disabledKinds: (fabric?.settings.disabled_kinds ?? []).join(', '),
    namespace: fabric?.settings.namespace ?? 'default',
  }
}

const orAbsent = (text: string): string | undefined => (text.trim() === '' ? undefined : text.trim())

/** The connection as the API takes it; undefined for "keep what is stored". */
export function connectionOf(form: FabricForm): ConnectionInput | undefined {
  if (form.connection === 'keep') return undefined
  if (form.connection === 'kubeconfig')
    return { type: 'kubeconfig', kubeconfig: form.kubeconfig, ...present('context', orAbsent(form.context)) }
  return { type: 'url', server: form.server.trim(), ...present('token', orAbsent(form.token)), ...present('ca', orAbsent(form.ca)) }
}

const present = <Key extends string>(key: Key, value: string | undefined): { [K in Key]?: string } =>
  (value === undefined ? {} : { [key]: value }) as { [K in Key]?: string }

/** A complaint about one field of the form. */
export interface Complaint {
  readonly field: keyof FabricForm
  readonly message: string
}

const FIELDS: Readonly<Record<string, keyof FabricForm>> = {
  name: 'name',
  description: 'description',
  'connection.server': 'server',
  'connection.token': 'token',
  'connection.ca': 'ca',
  'connection.kubeconfig': 'kubeconfig',
  'connection.context': 'context',
  'settings.stall_deadline_seconds': 'stallSeconds',
  'settings.heartbeat_deadline_seconds': 'heartbeatSeconds',
  'settings.disabled_kinds': 'disabledKinds',
  'settings.namespace': 'namespace',
}

/** The request that the form means, or what is wrong with it, field by field; the same schema as the server's. */
export function inputOf(
  form: FabricForm,
  fabric: FabricView | undefined,
): { readonly input: FabricInput } | { readonly complaints: readonly Complaint[] } {
  const candidate = {
    name: form.name.trim(),
    description: form.description.trim(),
    enabled: form.enabled,
    connection: connectionOf(form),
    settings: {
      disabled_kinds: form.disabledKinds
        .split(',')
        .map((kind) => kind.trim())
        .filter((kind) => kind !== ''),
      extra_resources: fabric?.settings.extra_resources ?? [],
      stall_deadline_seconds: Number(form.stallSeconds),
      heartbeat_deadline_seconds: Number(form.heartbeatSeconds),
      namespace: form.namespace.trim(),
    },
  }
  const parsed = fabricInputSchema.safeParse(candidate)
  if (parsed.success) return { input: parsed.data }
  const complaints = parsed.error.issues.map((issue) => ({
    field: FIELDS[issue.path.join('.')] ?? FIELDS[issue.path.slice(0, 2).join('.')] ?? 'name',
    message: issue.message,
  }))
  return { complaints }
}
