import type { IncomingMessage } from 'node:http'
import type { TLSSocket } from 'node:tls'
import { unauthorized } from './api-status.ts'
import { ANONYMOUS, type Account, type Accounts } from './accounts.ts'

/**
 * Who sends this request: by bearer token, else by client certificate (CN = user), else anonymous.
 *
 * Throws 401 for a token that is unknown or expired and for a certificate of another authority.
 */
export function authenticate(request: IncomingMessage, accounts: Accounts, now: number): Account {
  const header = request.headers.authorization
  if (header !== undefined) {
    const token = /^Bearer\s+(\S+)$/i.exec(header)?.[1]
    const account = token === undefined ? undefined : accounts.byToken(token, now)
    if (account === undefined) throw unauthorized()
    return account
  }
  const socket = request.socket as TLSSocket
  const certificate = socket.getPeerCertificate()
  if (certificate.subject === undefined) return ANONYMOUS
  if (!socket.authorized) throw unauthorized()
  const user = String(certificate.subject.CN)
  return accounts.byUser(user) ?? { ...ANONYMOUS, name: user, user, groups: ['system:authenticated'] }
}
