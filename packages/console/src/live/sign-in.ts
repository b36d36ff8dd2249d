/** Who is signed in, as far as this page knows. */
export type SignInState =
  /** The page was just opened: it is asked whether the browser still has a sign-in. */
  | { readonly step: 'asking' }
  | { readonly step: 'signed_out'; readonly reason: string | null }
  | { readonly step: 'signed_in'; readonly name: string; readonly displayName: string; readonly admin: boolean }

/** Signing in and out; tokens never leave it. */
export interface SignIn {
  readonly state: () => SignInState
  readonly onState: (reader: () => void) => () => void
  signIn(name: string, password: string): Promise<void>
  /** Claims the set-up link. */
  setUp(secret: string, name: string, password: string): Promise<void>
  signOut(): Promise<void>
}

/** Where to go after signing in: only a path of this console, never another site. */
export function safeReturn(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to) || /[\p{Cc} \\]/u.test(to)) return '/fabrics'
  return /^\/(sign-in|setup)([/?#]|$)/.test(to) ? '/fabrics' : to
}
