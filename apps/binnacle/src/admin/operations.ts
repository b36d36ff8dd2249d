import type { ConnectionInput, ConnectionTestReport, FabricSettings, FabricView, Role, StoreHealth } from '@binnacle/protocol'

/** What the operator of an installation can do from its command line, beside or without a running hub. */
export interface AdminOperations {
  /** Where people reach the console; null while no hub runs. */
  status(): Promise<{ readonly url: string | null; readonly pid: number; readonly store: StoreHealth }>
  /** A fresh one-time link that creates, or resets, an administrator. */
  setupLink(): Promise<{ readonly url: string; readonly expiresAt: string }>
  createToken(input: {
    readonly user: string
    readonly role: Role
    readonly scope: string
    readonly ttlSeconds: number | null
    readonly name: string
  }): Promise<{ readonly token: string; readonly id: string }>
  fabrics(): Promise<readonly FabricView[]>
  addFabric(input: {
    readonly name: string
    readonly description: string
    readonly connection: ConnectionInput
    readonly settings: Partial<FabricSettings>
  }): Promise<FabricView>
  removeFabric(input: { readonly name: string }): Promise<void>
  testFabric(input: { readonly name: string }): Promise<ConnectionTestReport>
  backup(input: { readonly path: string }): Promise<{ readonly bytes: number }>
}

/** The names of the operations, for the guard at the socket. */
export const OPERATION_NAMES = [
  'status',
  'setupLink',
  'createToken',
  'fabrics',
  'addFabric',
  'removeFabric',
  'testFabric',
  'backup',
] as const satisfies readonly (keyof AdminOperations)[]
/** See {@link OPERATION_NAMES}. */
export type OperationName = (typeof OPERATION_NAMES)[number]
