import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { realClock } from '../contract/real-clock.ts'
import { deniedAddress } from './destination-policy.ts'
import { inspectConnection } from './inspect-connection.ts'
import { openConnection } from './open-connection.ts'

const STRICT = { private: false, loopback: false }

test('[KS33] loopback, link-local, metadata and private addresses are denied in every spelling', () => {
  const denied = [
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::7f00:1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    'fe80::1%eth0',
    '0.0.0.0',
    '::',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.1.1',
    '100.64.0.1',
    'fd00::1',
    '224.0.0.1',
    '255.255.255.255',
    'ff02::1',
    '2001::1',
    '64:ff9b:1::1',
  ]
  expect(denied.filter((address) => deniedAddress(address, STRICT) === undefined)).toEqual([])
  const open = ['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808', '172.32.0.1', '100.128.0.1']
  expect(open.filter((address) => deniedAddress(address, STRICT) !== undefined)).toEqual([])
})

test('[KS33] private and loopback can be allowed, link-local and metadata never', () => {
  const lax = { private: true, loopback: true }
  expect(
    ['127.0.0.1', '::1', '10.0.0.1', 'fd00::1', '2002:7f00:1::'].filter((address) => deniedAddress(address, lax) !== undefined),
  ).toEqual([])
  const never = ['169.254.169.254', 'fe80::1', '::ffff:169.254.169.254', 'fd00:ec2::254', '100.100.100.200', '0.0.0.0']
  expect(never.filter((address) => deniedAddress(address, lax) === undefined)).toEqual([])
})

test('[KS33] addresses are judged as URL reads them, and an address with credentials, a query or without TLS is refused', () => {
  const inspect = (server: string): unknown =>
    inspectConnection({ type: 'url', server }, { trusted: false, allowInsecure: false, destinations: STRICT })
  for (const server of [
    'https://0x7f.1',
    'https://2130706433',
    'https://①②⑦.0.0.1',
    'https://[::ffff:127.0.0.1]',
    'https://localhost',
    'https://a.localhost.',
  ])
    expect(() => inspect(server), server).toThrow(expect.objectContaining({ code: 'DESTINATION_DENIED' }))
  for (const server of ['https://user:pw@cluster.test', 'https://cluster.test/?a=b', 'http://cluster.test'])
    expect(() => inspect(server), server).toThrow(expect.objectContaining({ code: 'INVALID' }))
  expect(inspect('https://cluster.test:6443/')).toMatchObject({ view: { server: 'https://cluster.test:6443' } })
})

test('[KS34] the address that is really dialled is judged: a name that leads to loopback reaches nobody; allowed, it does', async () => {
  let connections = 0
  const listener = createServer((socket) => {
    connections += 1
    socket.destroy()
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const view = {
    type: 'url' as const,
    server: `https://localhost:${port}`,
    ca: null,
    insecure: false,
    tls_server_name: null,
    path: null,
    context: null,
    credential: 'none' as const,
  }
  const dial = async (loopback: boolean): Promise<unknown> => {
    const connection = await openConnection(view, null, { clock: realClock, destinations: { private: false, loopback } })
    return connection
      .json('/version')
      .catch((error: unknown) => (error as { code: string }).code)
      .finally(() => void connection.close())
  }
  expect(await dial(false)).toBe('DESTINATION_DENIED')
  expect(connections).toBe(0)
  expect(await dial(true)).not.toBe('DESTINATION_DENIED')
  expect(connections).toBe(1)
  listener.close()
})
