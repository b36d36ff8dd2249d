/** Shortest password that is accepted, in characters. */
export const PASSWORD_MIN = 12

/** What is wrong with a new password; undefined when nothing is. */
export function passwordComplaint(password: string, again: string): string | undefined {
  if (Array.from(password).length < PASSWORD_MIN) return `The password needs at least ${PASSWORD_MIN} characters.`
  if (password.length > 1_024) return 'The password is longer than 1,024 characters.'
  if (password !== again) return 'The two passwords differ.'
  return undefined
}
