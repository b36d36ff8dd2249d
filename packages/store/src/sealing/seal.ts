import { BinnacleError } from '@binnacle/protocol'
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** The keys that seal credentials: 32 bytes each; `previous` opens what was sealed before a rotation. */
export interface SealingKeys {
  readonly current: Buffer
  readonly previous?: Buffer
}

const IV_BYTES = 12
const TAG_BYTES = 16

/** A short name of a key, to know which one sealed a text; reveals nothing about it. */
const keyId = (key: Buffer): string => createHash('sha256').update('binnacle key id').update(key).digest('hex').slice(0, 8)

/**
 * Seals and opens texts with AES-256-GCM. `place` is authenticated with the text: a sealed text that is moved to
 * another row, column or destination does not open there.
 */
export function createSealing(keys: SealingKeys): {
  seal(plain: string, place: string): string
  open(sealed: string, place: string): string
} {
  const known = new Map([keys.current, ...(keys.previous === undefined ? [] : [keys.previous])].map((key) => [keyId(key), key]))
  return {
    seal(plain, place) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', keys.current, iv).setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()])
      return ['v1', keyId(keys.current), Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url')].join('.')
    },
    open(sealed, place) {
      const [version, id = '', text = ''] = sealed.split('.')
      const key = known.get(id)
      if (version !== 'v1' || key === undefined)
        throw new BinnacleError('CREDENTIAL_UNREADABLE', `it was sealed with a key (${id}) that is not here`)
      const bytes = Buffer.from(text, 'base64url')
      try {
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES)).setAAD(Buffer.from(place))
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (error) {
        throw new BinnacleError('CREDENTIAL_UNREADABLE', 'the sealed credential was changed, or belongs to another place', { cause: error })
      }
    },
  }
}
