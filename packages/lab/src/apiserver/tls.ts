import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'
import { isIPv4 } from 'node:net'
import { bits, explicit, implicit, integer, octets, oid, sequence, set, time, utf8, yes } from './der.ts'

/** A certificate with its private key, both PEM. */
interface KeyAndCertificate {
  readonly key: string
  readonly cert: string
}

/** A certificate authority that lives as long as the process: signs server and client certificates. */
export interface LabAuthority {
  /** The CA certificate, PEM. */
  readonly ca: string
  /** A server certificate for these DNS names and IP addresses. */
  server(names: readonly string[]): KeyAndCertificate
  /** A client certificate: user becomes CN, each group an O, as Kubernetes reads them. */
  client(user: string, groups: readonly string[]): KeyAndCertificate
}

const ECDSA_SHA256 = '1.2.840.10045.4.3.2'
const DAY_MS = 86_400_000

type Rdn = readonly [oid: string, value: string]

interface CertificateRequest {
  readonly subject: readonly Rdn[]
  readonly issuer: readonly Rdn[]
  readonly publicKey: KeyObject
  readonly signer: KeyObject
  readonly extensions: readonly Buffer[]
  readonly now: Date
  readonly days: number
}

function name(rdns: readonly Rdn[]): Buffer {
  return sequence(...rdns.map(([type, value]) => set(sequence(oid(type), utf8(value)))))
}

function extension(id: string, critical: boolean, value: Buffer): Buffer {
  return critical ? sequence(oid(id), yes(), octets(value)) : sequence(oid(id), octets(value))
}

function keyId(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest()
}

function pem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

function certificate(request: CertificateRequest): string {
  const algorithm = sequence(oid(ECDSA_SHA256))
  const serial = randomBytes(16)
  serial[0] = (serial[0]! & 0x7f) | 0x40
  const tbs = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    algorithm,
    name(request.issuer),
    // An hour back: clocks of client and server may differ.
    sequence(time(new Date(request.now.getTime() - 3_600_000)), time(new Date(request.now.getTime() + request.days * DAY_MS))),
    name(request.subject),
    request.publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...request.extensions)),
  )
  return pem('CERTIFICATE', sequence(tbs, algorithm, bits(sign('sha256', tbs, request.signer))))
}

function ipBytes(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split('.').map(Number))
  const out = Buffer.alloc(16)
  const [head = '', tail = ''] = address.split('::')
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)))
  groups(head).forEach((group, i) => out.writeUInt16BE(group, i * 2))
  const end = groups(tail)
  end.forEach((group, i) => out.writeUInt16BE(group, 16 - (end.length - i) * 2))
  return out
}

function isIp(value: string): boolean {
  return isIPv4(value) || value.includes(':')
}

/** A new authority with a P-256 key; certificates last `days` (default 30) from `now`. */
export function createLabAuthority(options: { readonly now?: Date; readonly days?: number } = {}): LabAuthority {
  const now = options.now ?? new Date()
  const days = options.days ?? 30
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuer: Rdn[] = [['2.5.4.3', `lab-ca-${randomBytes(4).toString('hex')}`]]
  const caKeyId = keyId(authority.publicKey)
  const ca = certificate({
    subject: issuer,
    issuer,
    publicKey: authority.publicKey,
    signer: authority.privateKey,
    now,
    days,
    extensions: [
      extension('2.5.29.19', true, sequence(yes())),
      // keyCertSign and cRLSign
      extension('2.5.29.15', true, bits(Buffer.from([0x06]), 1)),
      extension('2.5.29.14', false, octets(caKeyId)),
    ],
  })

  const issue = (subject: readonly Rdn[], extensions: readonly Buffer[]): KeyAndCertificate => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    return {
      key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: certificate({
        subject,
        issuer,
        publicKey: pair.publicKey,
        signer: authority.privateKey,
        now,
        days,
        extensions: [
          // digitalSignature
          extension('2.5.29.15', true, bits(Buffer.from([0x80]), 7)),
          extension('2.5.29.35', false, sequence(implicit(0, caKeyId))),
          ...extensions,
        ],
      }),
    }
  }

  return {
    ca,
    server: (names) =>
      issue(
        [['2.5.4.3', 'kube-apiserver']],
        [
          extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'))),
          extension(
            '2.5.29.17',
            false,
            sequence(...names.map((entry) => (isIp(entry) ? implicit(7, ipBytes(entry)) : implicit(2, Buffer.from(entry))))),
          ),
        ],
      ),
    client: (user, groups) =>
      issue(
        [...groups.map((group): Rdn => ['2.5.4.10', group]), ['2.5.4.3', user]],
        [extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.2')))],
      ),
  }
}
