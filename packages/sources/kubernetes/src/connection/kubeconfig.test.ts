import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startLabServer } from '@binnacle/lab'
import { expect, test } from 'vitest'
import { realClock } from '../contract/real-clock.ts'
import { until, watch } from '../contract/source-cases.ts'
import { inspectConnection } from './inspect-connection.ts'
import { readKubeconfig } from './kubeconfig.ts'
import { openConnection } from './open-connection.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const PEM = '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n'

const config = (user: string, cluster = ''): string => `apiVersion: v1
kind: Config
current-context: one
contexts:
- name: one
  context: {cluster: c, user: u}
clusters:
- name: c
  cluster:
    server: https://cluster.test:6443
    certificate-authority-data: ${base64(PEM)}
${cluster}
users:
- name: u
  user:
${user}
`

test('[KS35] a kubeconfig with its credentials inside gives address, CA and secret apart', () => {
  expect(readKubeconfig(config('    token: abc', '    tls-server-name: other.test'))).toEqual({
    server: 'https://cluster.test:6443',
    ca: PEM,
    insecure: false,
    tlsServerName: 'other.test',
    context: 'one',
    secret: { token: 'abc' },
  })
})

test('[KS35] whatever would run a program, read a file, act for somebody else or go by a proxy is refused, with field and line', () => {
  const users = [
    'exec: {command: sh}',
    'auth-provider: {name: x}',
    'tokenFile: /etc/passwd',
    'client-certificate: /a',
    'client-key: /etc/shadow',
    'as: root',
  ]
  for (const line of users)
    expect(() => readKubeconfig(config(`    ${line}`)), line).toThrow(
      expect.objectContaining({ code: 'KUBECONFIG_FORBIDDEN', places: [{ file: 'kubeconfig', field: line.split(':')[0], line: 16 }] }),
    )
  for (const line of ['certificate-authority: /etc/passwd', 'proxy-url: http://10.0.0.1'])
    expect(() => readKubeconfig(config('    token: a', `    ${line}`)), line).toThrow(
      expect.objectContaining({ code: 'KUBECONFIG_FORBIDDEN', places: [{ file: 'kubeconfig', field: line.split(':')[0], line: 12 }] }),
    )
})

test('[KS35] skipping the verification of certificates, files and the in-cluster account are for the operator only', () => {
  const api = { trusted: false, allowInsecure: false, destinations: undefined }
  const insecure = config('    token: a', '    insecure-skip-tls-verify: true').replace(/\n.*authority-data.*/, '')
  expect(() => inspectConnection({ type: 'kubeconfig', kubeconfig: insecure }, api)).toThrow(expect.objectContaining({ code: 'INVALID' }))
  expect(() => inspectConnection({ type: 'kubeconfig_file', path: '/etc/passwd' }, api)).toThrow(
    expect.objectContaining({ code: 'KUBECONFIG_FORBIDDEN' }),
  )
  expect(() => inspectConnection({ type: 'in_cluster' }, api)).toThrow(expect.objectContaining({ code: 'KUBECONFIG_FORBIDDEN' }))
})

test('[KS36] a text that is no kubeconfig is refused with the line, quickly', () => {
  const bad = (text: string): unknown => {
    try {
      return readKubeconfig(text)
    } catch (error) {
      return error
    }
  }
  expect(bad('a: 1\nb: [1, 2\nc: 3\n')).toMatchObject({ code: 'KUBECONFIG_UNREADABLE', places: [{ line: 3 }] })
  expect(bad('a: &x [1]\nb: *x\n')).toMatchObject({ code: 'KUBECONFIG_UNREADABLE', places: [{ line: 1 }] })
  const begun = performance.now()
  for (const text of [
    '',
    'null',
    '"text"',
    '- 1',
    '['.repeat(100_000),
    '\n'.repeat(262_000),
    ' '.repeat(262_000),
    `a: ${'- '.repeat(100_000)}`,
    config('    token: a').replace('current-context: one', ''),
    config('    token: a').replace('user: u', 'user: other'),
    config('    token: a').replace('https:', 'http:'),
  ])
    expect(bad(text), text.slice(0, 20)).toMatchObject({ code: 'KUBECONFIG_UNREADABLE' })
  expect(performance.now() - begun).toBeLessThan(5_000)
})

test('[KS37] an exec plug-in of the operator’s own kubeconfig is run, and run again when its token is refused; over the API it is never run', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'binnacle-exec-'))
  const lab = await startLabServer()
  try {
    const [ran, token, path] = [join(folder, 'ran'), join(folder, 'token'), join(folder, 'kubeconfig')]
    await writeFile(token, lab.token())
    const script = `echo x >> ${ran}; printf '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"%s"}}' "$(cat ${token})"`
    const text = JSON.stringify({
      ...(JSON.parse(lab.kubeconfig()) as object),
      users: [
        {
          name: 'admin',
          user: { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: 'sh', args: ['-c', script], interactiveMode: 'Never' } },
        },
      ],
    })
    await writeFile(path, text)
    const destinations = undefined
    expect(() =>
      inspectConnection({ type: 'kubeconfig', kubeconfig: text }, { trusted: false, allowInsecure: false, destinations }),
    ).toThrow(expect.objectContaining({ code: 'KUBECONFIG_FORBIDDEN' }))
    expect(existsSync(ran)).toBe(false)
    const { view, secret } = inspectConnection({ type: 'kubeconfig_file', path }, { trusted: true, allowInsecure: true, destinations })
    expect(view).toMatchObject({ type: 'kubeconfig_file', path })
    const connection = await openConnection(view, secret, { clock: realClock, destinations })
    expect(await connection.json('/version')).toMatchObject({ major: '1' })
    await connection.close()

    const watching = watch(() => openConnection(view, secret, { clock: realClock, destinations }))
    try {
      await watching.state('live')
      const runs = (await readFile(ran, 'utf8')).length
      lab.control.expireTokens('admin')
      await writeFile(token, lab.control.rotateToken('admin'))
      lab.control.endWatches()
      await until(
        'it is live with the new token',
        async () =>
          watching.states.some((each) => each.endsWith('> unauthorized')) &&
          watching.source.watches().every(({ state }) => state === 'live'),
      )
      expect((await readFile(ran, 'utf8')).length).toBeGreaterThan(runs)
    } finally {
      await watching.source.stop()
    }
  } finally {
    await lab.close()
    await rm(folder, { recursive: true })
  }
})
