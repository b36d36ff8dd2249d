import type {
  ApiToken,
  AuditLog,
  Clock,
  ConnectionList,
  EventLog,
  FabricAdmin,
  Grant,
  Grants,
  Identity,
  Inventory,
  LiveFabrics,
  StoreControl,
  SignIn,
  TopologyView,
  User,
} from '@binnacle/protocol'

/** Where a request comes from. */
export interface RequestOrigin {
  readonly address: string
  readonly userAgent: string
}

/** A fresh or renewed sign-in. An empty `refreshToken` leaves the cookie as it is. */
export interface IssuedSignIn {
  readonly token: string
  readonly expiresAt: number
  readonly refreshToken: string
  readonly refreshExpiresAt: number
  readonly user: User
}

/** Sign-in, users and tokens, as the routes need them. */
export interface SignIns {
  readonly needsSetup: boolean
  claimSetupLink(secret: string, name: string, password: string, origin: RequestOrigin): Promise<IssuedSignIn>
  login(name: string, password: string, origin: RequestOrigin): Promise<IssuedSignIn>
  refresh(refreshToken: string, origin: RequestOrigin): Promise<IssuedSignIn>
  logout(refreshToken: string, origin: RequestOrigin): Promise<void>
  users(): readonly User[]
  createUser(
    input: {
      readonly name: string
      readonly displayName: string
      readonly password: string | undefined
      readonly grants: readonly Grant[]
    },
    actor: string,
  ): Promise<User>
  changeUser(
    id: string,
    change: { readonly displayName?: string; readonly disabled?: boolean; readonly password?: string; readonly grants?: readonly Grant[] },
    actor: string,
  ): Promise<User>
  deleteUser(id: string, actor: string): Promise<void>
  tokens(): readonly ApiToken[]
  createToken(
    input: { readonly userId: string; readonly name: string; readonly grants: readonly Grant[]; readonly ttlSeconds: number | null },
    actor: string,
  ): Promise<{ readonly secret: string; readonly token: ApiToken }>
  revokeToken(id: string, actor: string): Promise<void>
  /** Sign-ins that can still be renewed, newest first; of one user, or of all. */
  signIns(userId?: string): Promise<readonly SignIn[]>
  /** Ends a sign-in at once. Throws NOT_FOUND. */
  revokeSignIn(id: string, actor: string): Promise<void>
  /** A request was refused for lack of rights. */
  denied(actor: string | null, action: string, origin: RequestOrigin): void
}

/** Live connections, as delivery knows them. */
export interface Connections {
  connections(): ConnectionList['connections']
  /** False when there is no such connection. */
  end(id: string): boolean
}

/** A kind as the routes need it; api knows no domain. */
export interface ApiKind {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly slug: string
  readonly expected: boolean
  /** Words by which old routes named it. */
  readonly routeWords: readonly string[]
}

/** Everything the routes stand on. */
export interface ApiPorts {
  readonly grants: Grants
  readonly signIns: SignIns
  readonly log: EventLog
  readonly inventory: Inventory
  readonly fabrics: FabricAdmin
  readonly live: LiveFabrics
  readonly store: StoreControl
  readonly audit: AuditLog
  readonly connections: Connections
  readonly kinds: readonly ApiKind[]
  readonly topology: (fabricId: number) => Promise<TopologyView>
  readonly metrics: () => Promise<string>
  readonly clock: Clock
}

/** How the HTTP side behaves. */
export interface ApiOptions {
  /** Host header values that are answered, e.g. `127.0.0.1:7640`. */
  readonly hosts: () => readonly string[]
  /** Origins whose pages may call, e.g. `https://console.example`. */
  readonly origins: () => readonly string[]
  readonly secureCookies: boolean
  /** Addresses of proxies whose X-Forwarded-For counts. */
  readonly trustedProxies: readonly string[]
  /** Folder of the built console; null = none. */
  readonly consoleDir: string | null
  /** Token for /metrics; null = open (only on loopback). */
  readonly metricsToken: string | null
  readonly features: Readonly<Record<string, boolean>>
  readonly version: string
  readonly log: {
    error(fields: object, text: string): void
    warn(fields: object, text: string): void
    info(fields: object, text: string): void
  }
}

/** Who asks: known after authentication. */
export interface Caller {
  readonly who: Identity
  readonly origin: RequestOrigin
}
