import type { SignInState } from '@binnacle/client'

/** Whether the person who is signed in may change fabrics. The server decides; this only hides what would be refused. */
export const isAdmin = (state: SignInState): boolean =>
  state.step === 'signed_in' && state.user.grants.some((grant) => grant.role === 'admin')

/** Where to go after signing in: only a path of this console, never another site. */
export function safeReturn(to: string | undefined): string {
  if (to === undefined || !/^\/(?![/\\])/.test(to) || /[\p{Cc} \\]/u.test(to)) return '/fabrics'
  return /^\/(sign-in|setup)([/?#]|$)/.test(to) ? '/fabrics' : to
}
