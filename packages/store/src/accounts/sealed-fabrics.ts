import { BinnacleError, type ClusterSecret, type ConnectionView, type FabricRecord, type FabricStore } from '@binnacle/protocol'
import { createSealing, type SealingKeys } from '../sealing/seal.ts'
import type { SealedFabric } from './fabric-operations.ts'

type Call = <T>(operation: string, args: readonly unknown[]) => Promise<T>

/** What a credential is bound to: another destination does not open it, so a changed address forgets the credential. */
const placeOf = (id: number, { type, server, path, context }: ConnectionView): string =>
  JSON.stringify(['fabrics', id, 'secret', type, server === null ? null : new URL(server).origin, path, context])

const shown = ({ secret, ...record }: SealedFabric): FabricRecord => ({ ...record, hasSecret: secret !== null })

/** Fabrics whose credentials are sealed before they leave this thread. */
export function sealedFabrics(call: Call, keys: SealingKeys): FabricStore {
  const sealing = createSealing(keys)
  const seal = (id: number, connection: ConnectionView, secret: ClusterSecret | null): string | null =>
    secret === null ? null : sealing.seal(JSON.stringify(secret), placeOf(id, connection))
  const stored = async (id: number): Promise<SealedFabric> => {
    const fabric = await call<SealedFabric | null>('fabrics.get', [id])
    if (fabric === null) throw new BinnacleError('NOT_FOUND', `there is no fabric ${id}`)
    return fabric
  }
  return {
    all: async () => (await call<SealedFabric[]>('fabrics.all', [])).map(shown),
    get: async (id) => {
      const fabric = await call<SealedFabric | null>('fabrics.get', [id])
      return fabric === null ? undefined : shown(fabric)
    },
    create: async (record, secret) => {
      const id = record.id ?? (await call<number>('fabrics.nextId', []))
      const fabric: SealedFabric = { ...record, id, secret: seal(id, record.connection, secret) }
      await call('fabrics.create', [fabric])
      return shown(fabric)
    },
    update: async (id, change, secret) => {
      const before = await stored(id)
      const next = { ...before, ...change }
      const moved = placeOf(id, before.connection) !== placeOf(id, next.connection)
      if (secret === undefined && moved && before.secret !== null)
        throw new BinnacleError('CREDENTIAL_REQUIRED', undefined, { places: [{ field: 'connection' }] })
      const fabric: SealedFabric = { ...next, secret: secret === undefined ? before.secret : seal(id, next.connection, secret) }
      await call('fabrics.update', [fabric])
      return shown(fabric)
    },
    remove: async (id) => {
      await call('fabrics.remove', [id])
    },
    secret: async (id) => {
      const fabric = await stored(id)
      return fabric.secret === null ? null : (JSON.parse(sealing.open(fabric.secret, placeOf(id, fabric.connection))) as ClusterSecret)
    },
  }
}
