import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/** Makes ULIDs that rise within one writer: 48 bits of milliseconds, 80 random bits, one more in the same millisecond. */
export function createEventIds(random: (bytes: number) => Uint8Array = randomBytes): (atMs: number) => string {
  let lastMs = 0
  let tail = 0n
  return (atMs) => {
    const ms = Math.max(atMs, lastMs)
    tail = ms === lastMs ? tail + 1n : BigInt(`0x${Buffer.from(random(10)).toString('hex')}`) >> 1n
    lastMs = ms
    let value = (BigInt(ms) << 80n) | (tail & ((1n << 80n) - 1n))
    let text = ''
    for (let digit = 0; digit < 26; digit += 1) {
      text = (ALPHABET[Number(value & 31n)] ?? '') + text
      value >>= 5n
    }
    return text
  }
}
