/** The protobuf wire format as far as it is met here: varints and length-delimited fields. */

/** One field of a message. */
export interface WireField {
  readonly number: number
  /** A varint. */
  readonly value?: number
  /** A string, bytes or nested message. */
  readonly bytes?: Buffer
}

/** Reads the fields of a message. Throws RangeError when the bytes are not one. */
export function readFields(message: Buffer): WireField[] {
  const fields: WireField[] = []
  let at = 0
  const varint = (): number => {
    let value = 0
    let factor = 1
    for (;;) {
      if (at >= message.length || factor > 2 ** 63) throw new RangeError('not a protobuf message')
      const byte = message[at]!
      at += 1
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
      factor *= 128
    }
  }
  while (at < message.length) {
    const tag = varint()
    const number = Math.floor(tag / 8)
    const wire = tag % 8
    if (wire === 0) fields.push({ number, value: varint() })
    else if (wire === 1 || wire === 5) at += wire === 1 ? 8 : 4
    else if (wire === 2) {
      const length = varint()
      if (at + length > message.length) throw new RangeError('not a protobuf message')
      fields.push({ number, bytes: message.subarray(at, at + length) })
      at += length
    } else throw new RangeError('not a protobuf message')
  }
  return fields
}

function writeVarint(value: number): Buffer {
  const bytes: number[] = []
  let rest = value
  while (rest >= 0x80) {
    bytes.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
  return Buffer.from(bytes)
}

/** A length-delimited field: a string, or a message put together from its fields. */
export function writeField(number: number, body: Buffer | string): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  return Buffer.concat([writeVarint(number * 8 + 2), writeVarint(bytes.length), bytes])
}

/** A bool or integer field. */
export function writeNumber(number: number, value: number): Buffer {
  return Buffer.concat([writeVarint(number * 8), writeVarint(value)])
}
