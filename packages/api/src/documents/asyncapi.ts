import { CHANNELS, CLOSE_CODES, EVENT_TYPES, PROTOCOL_VERSION, clientFrameSchema, eventSchema, serverFrameSchema } from '@binnacle/protocol'
import { z } from 'zod'

type Json = Record<string, unknown>

const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Json => {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json
  return json
}

/** The AsyncAPI 3 document of the WebSocket, made from the frame schemas; with the catalogue of events, channels and close codes. */
export function asyncApiDocument(version: string): Json {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Binnacle live delivery',
      version,
      description: `Delivery protocol ${PROTOCOL_VERSION}, JSON text frames.`,
      license: { name: 'Apache-2.0' },
    },
    channels: {
      live: {
        address: '/api/v1/ws',
        messages: {
          clientFrame: { payload: schemaOf(clientFrameSchema, 'input') },
          serverFrame: { payload: schemaOf(serverFrameSchema, 'output') },
        },
      },
    },
    operations: {
      receive: { action: 'receive', channel: { $ref: '#/channels/live' }, messages: [{ $ref: '#/channels/live/messages/clientFrame' }] },
      send: { action: 'send', channel: { $ref: '#/channels/live' }, messages: [{ $ref: '#/channels/live/messages/serverFrame' }] },
    },
    components: { schemas: { Event: schemaOf(eventSchema, 'output') } },
    'x-event-types': EVENT_TYPES,
    'x-channels': CHANNELS,
    'x-close-codes': CLOSE_CODES,
  }
}
