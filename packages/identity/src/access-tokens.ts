import { BinnacleError, type Clock } from '@binnacle/protocol'
import { SignJWT, jwtVerify } from 'jose'

/** The one algorithm; no header of a token can choose another. */
const ALGORITHM = 'HS256'
const TYPE = 'binnacle-access+jwt'
const ISSUER = 'binnacle'
const AUDIENCE = 'binnacle-api'
/** How long an access token lives, milliseconds: revocation does not wait for it, it is checked against live sign-ins. */
export const ACCESS_MS = 600_000
/** Longer texts are not tokens of ours. */
const MAX_LENGTH = 4_096

/** What an access token says. */
export interface AccessClaims {
  readonly userId: string
  /** The sign-in it belongs to. */
  readonly signInId: string
  /** Milliseconds since 1970. */
  readonly expiresAt: number
}

/** Makes and checks access tokens: short, signed with a key that never leaves the process and its sealed setting. */
export class AccessTokens {
  readonly #key: Uint8Array
  readonly #generation: string
  readonly #clock: Clock

  constructor(key: Uint8Array, generation: string, clock: Clock) {
    this.#key = key
    this.#generation = generation
    this.#clock = clock
  }

  async issue(userId: string, signInId: string): Promise<{ readonly token: string; readonly expiresAt: number }> {
    const now = this.#clock.now()
    const expiresAt = now + ACCESS_MS
    const token = await new SignJWT({ sid: signInId, gen: this.#generation })
      .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
      .setSubject(userId)
      .setIssuer(ISSUER)
      .setAudience(AUDIENCE)
      .setIssuedAt(Math.floor(now / 1_000))
      .setExpirationTime(Math.floor(expiresAt / 1_000))
      .sign(this.#key)
    return { token, expiresAt: Math.floor(expiresAt / 1_000) * 1_000 }
  }

  /** Throws NOT_AUTHENTICATED, always with the same text: what is wrong with a forged token is nobody's business. */
  async verify(token: string): Promise<AccessClaims> {
    const refused = (): BinnacleError => new BinnacleError('NOT_AUTHENTICATED')
    if (token.length > MAX_LENGTH) throw refused()
    const { payload } = await jwtVerify(token, this.#key, {
      algorithms: [ALGORITHM],
      typ: TYPE,
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp', 'iat', 'sid', 'gen'],
      currentDate: new Date(this.#clock.now()),
    }).catch(() => {
      throw refused()
    })
    const { sub, sid, gen, exp } = payload
    if (typeof sub !== 'string' || typeof sid !== 'string' || gen !== this.#generation || typeof exp !== 'number') throw refused()
    return { userId: sub, signInId: sid, expiresAt: exp * 1_000 }
  }
}
