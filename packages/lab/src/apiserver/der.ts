/** The few ASN.1 DER shapes an X.509 certificate is made of. */

function tlv(tag: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts)
  const length: number[] = []
  if (body.length < 0x80) length.push(body.length)
  else {
    let rest = body.length
    while (rest > 0) {
      length.unshift(rest & 0xff)
      rest >>= 8
    }
    length.unshift(0x80 | length.length)
  }
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}

/** SEQUENCE. */
export const sequence = (...parts: Uint8Array[]): Buffer => tlv(0x30, ...parts)
/** SET. */
export const set = (...parts: Uint8Array[]): Buffer => tlv(0x31, ...parts)
/** OCTET STRING. */
export const octets = (bytes: Uint8Array): Buffer => tlv(0x04, bytes)
/** BIT STRING without unused bits, or with `unused` low bits of the last byte unused. */
export const bits = (bytes: Uint8Array, unused = 0): Buffer => tlv(0x03, Buffer.from([unused]), bytes)
/** BOOLEAN true; DER leaves false out. */
export const yes = (): Buffer => tlv(0x01, Buffer.from([0xff]))
/** UTF8String. */
export const utf8 = (text: string): Buffer => tlv(0x0c, Buffer.from(text))
/** Context-specific constructed [n]. */
export const explicit = (n: number, ...parts: Uint8Array[]): Buffer => tlv(0xa0 | n, ...parts)
/** Context-specific primitive [n]. */
export const implicit = (n: number, bytes: Uint8Array): Buffer => tlv(0x80 | n, bytes)

/** INTEGER from big-endian bytes of a non-negative number. */
export function integer(bytes: Uint8Array): Buffer {
  return tlv(0x02, (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const out = [first * 40 + second]
  for (const arc of rest) {
    const septets = [arc & 0x7f]
    for (let left = arc >> 7; left > 0; left >>= 7) septets.unshift((left & 0x7f) | 0x80)
    out.push(...septets)
  }
  return tlv(0x06, Buffer.from(out))
}

/** A time as X.509 wants it: UTCTime until 2049, GeneralizedTime after. */
export function time(at: Date): Buffer {
  const digits = at.toISOString().replaceAll(/[-:T]/g, '').slice(0, 14)
  return at.getUTCFullYear() < 2050 ? tlv(0x17, Buffer.from(`${digits.slice(2)}Z`)) : tlv(0x18, Buffer.from(`${digits}Z`))
}
