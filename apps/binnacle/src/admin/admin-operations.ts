import type { Identity } from '@binnacle/identity'
import { BinnacleError, connectionInputSchema, fabricSettingsSchema, grantSchema, type FabricView } from '@binnacle/protocol'
import type { Store } from '@binnacle/store'
import type { FabricSupervisor } from '../compose/fabric-supervisor.ts'
import type { AdminOperations } from './operations.ts'

/** Who stands in the audit log for what the command line did. */
const ACTOR = 'cli'

/** The parts that the operations work on. */
export interface AdminParts {
  readonly store: Store
  readonly identity: Identity
  readonly supervisor: FabricSupervisor
  /** The address people use; null while nothing serves. */
  readonly url: () => string | null
  /** The configured listen address, for links made while nothing serves. */
  readonly listenUrl: () => string
}

/** The operations of the command line over a composed hub. */
export function adminOperations({ store, identity, supervisor, url, listenUrl }: AdminParts): AdminOperations {
  const byName = async (name: string): Promise<FabricView> => {
    const found = (await supervisor.list()).find((fabric) => fabric.name === name || String(fabric.id) === name)
    if (found === undefined) throw new BinnacleError('NOT_FOUND', `there is no fabric '${name}'`)
    return found
  }
  return {
    status: async () => ({ url: url(), pid: process.pid, store: await store.control.health() }),
    setupLink: async () => {
      const { secret, expiresAt } = await identity.issueSetupLink(ACTOR)
      return { url: `${url() ?? listenUrl()}/setup#${secret}`, expiresAt: new Date(expiresAt).toISOString() }
    },
    createToken: async ({ user: name, role, scope, ttlSeconds, name: tokenName }) => {
      const grant = grantSchema.safeParse({ role, scope })
      if (!grant.success) throw new BinnacleError('BAD_REQUEST', `no such grant: ${role} on ${scope}`)
      const existing = identity.users().find((user) => user.name.toLowerCase() === name.toLowerCase())
      // A user that exists only for tokens has no password: nobody can sign in as it.
      const user = existing ?? (await identity.createUser({ name, displayName: name, password: undefined, grants: [grant.data] }, ACTOR))
      const { secret, token } = await identity.createToken({ userId: user.id, name: tokenName, grants: [grant.data], ttlSeconds }, ACTOR)
      return { token: secret, id: token.id }
    },
    fabrics: () => supervisor.list(),
    addFabric: ({ name, description, connection, settings }) =>
      supervisor.create(
        {
          name,
          description,
          enabled: true,
          connection: connectionInputSchema.parse(connection),
          settings: fabricSettingsSchema.parse(settings),
        },
        ACTOR,
        'operator',
      ),
    removeFabric: async ({ name }) => supervisor.remove((await byName(name)).id, ACTOR),
    testFabric: async ({ name }) => supervisor.test({ id: (await byName(name)).id }),
    backup: ({ path }) => store.control.backup(path),
  }
}
