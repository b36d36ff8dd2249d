import { CLOSE_CODES } from '@binnacle/protocol'
import { WebSocket } from 'ws'

/** The part of `ws`'s receiver that holds the size limit; a test fails should a release rename it. */
interface ReceiverLike {
  _maxPayload: number
}

/** A server-side socket that closes with the protocol's codes where `ws` would use its own. */
export class ProtocolSocket extends WebSocket {
  override close(code?: number, data?: string | Buffer): void {
    if (code === 1009) super.close(CLOSE_CODES.frame_too_large.code, CLOSE_CODES.frame_too_large.text)
    else if (code === 1002 || code === 1007 || code === 1008) super.close(CLOSE_CODES.bad_frame.code, CLOSE_CODES.bad_frame.text)
    else super.close(code, data)
  }

  /** Sets the largest frame that is taken from now on; before `hello` it is small. */
  limitFrames(bytes: number): void {
    const receiver = (this as unknown as { _receiver: ReceiverLike | null })._receiver
    if (receiver === null) return
    if (typeof receiver._maxPayload !== 'number') throw new Error('this release of ws keeps its frame limit elsewhere')
    receiver._maxPayload = bytes
  }
}
