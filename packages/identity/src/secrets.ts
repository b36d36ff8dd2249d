import { createHash, randomBytes } from 'node:crypto'

/** A secret that is shown once: a prefix that tells what it is, and 32 random bytes. */
export const newSecret = (prefix: string): string => `${prefix}${randomBytes(32).toString('base64url')}`

/** How secrets of full entropy are kept: their SHA-256, base64url. */
export const secretHash = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

/** An id that nobody can guess or enumerate. */
export const newId = (): string => randomBytes(12).toString('base64url')
