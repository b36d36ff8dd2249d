import { randomBytes } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const TIME_DIGITS = 10
const RANDOM_DIGITS = 16
/** Random bytes fetched at once: asking the system for each event costs more than the event. */
const POOL_BYTES = 4_096

/**
 * Makes ULIDs that rise within one writer: 10 digits of milliseconds, 16 random ones; in the same millisecond (and
 * when time goes back) the random part counts up by one. Digits are kept as numbers: big integers cost more than the
 * rest of an append.
 */
export function createEventIds(random: (bytes: number) => Uint8Array = randomBytes): (atMs: number) => string {
  let lastMs = -1
  let time = ''
  let digits: Uint8Array = new Uint8Array(RANDOM_DIGITS)
  let pool: Uint8Array = new Uint8Array()
  let used = 0
  return (atMs) => {
    const ms = Math.max(Math.trunc(atMs), lastMs)
    if (ms === lastMs) {
      let place = RANDOM_DIGITS - 1
      while (place >= 0 && digits[place] === 31) digits[place--] = 0
      if (place >= 0) digits[place] = (digits[place] ?? 0) + 1
    } else {
      lastMs = ms
      time = ''
      for (let rest = ms; time.length < TIME_DIGITS; rest = Math.floor(rest / 32)) time = (ALPHABET[rest % 32] ?? '') + time
      if (used + RANDOM_DIGITS > pool.length) {
        pool = random(POOL_BYTES)
        used = 0
      }
      // The first digit starts low, so that counting up does not overflow.
      digits = pool.subarray(used, used + RANDOM_DIGITS).map((byte, place) => byte & (place === 0 ? 15 : 31))
      used += RANDOM_DIGITS
    }
    let text = time
    for (const digit of digits) text += ALPHABET[digit] ?? ''
    return text
  }
}
