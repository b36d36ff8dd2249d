import { expect, test } from 'vitest'
import { connectionOf, formOf, inputOf } from './fabric-form.ts'

const view = {
  id: 11,
  name: 'lab',
  description: 'd',
  enabled: true,
  origin: 'api',
  connection: {
    type: 'url',
    server: 'https://127.0.0.1:6443',
    ca: null,
    insecure: false,
    tls_server_name: null,
    path: null,
    context: null,
    credential: 'token',
  },
  settings: {
    disabled_kinds: ['Catalog'],
    extra_resources: [{ group: 'a.b', plural: 'cs' }],
    stall_deadline_seconds: 30,
    heartbeat_deadline_seconds: 60,
    namespace: 'default',
  },
  created_at: '',
  updated_at: '',
  status: 'connected',
  status_since: '',
  cause: null,
} as const

test('[CO11] editing keeps the stored connection unless another one is given, and never shows a credential', () => {
  const form = formOf({
    ...view,
    settings: { ...view.settings, disabled_kinds: ['Catalog'], extra_resources: [{ group: 'a.b', plural: 'cs' }] },
  })
  expect(form.token).toBe('')
  const result = inputOf(form, {
    ...view,
    settings: { ...view.settings, disabled_kinds: ['Catalog'], extra_resources: [{ group: 'a.b', plural: 'cs' }] },
  })
  expect('input' in result && result.input).toEqual({
    name: 'lab',
    description: 'd',
    enabled: true,
    settings: {
      disabled_kinds: ['Catalog'],
      extra_resources: [{ group: 'a.b', plural: 'cs' }],
      stall_deadline_seconds: 30,
      heartbeat_deadline_seconds: 60,
      namespace: 'default',
    },
  })
})

test('[CO11] a connection carries only what was filled in', () => {
  const form = { ...formOf(undefined), server: ' https://127.0.0.1:6443 ', token: 't' }
  expect(connectionOf(form)).toEqual({ type: 'url', server: 'https://127.0.0.1:6443', token: 't' })
  expect(connectionOf({ ...form, connection: 'kubeconfig', kubeconfig: 'apiVersion: v1' })).toEqual({
    type: 'kubeconfig',
    kubeconfig: 'apiVersion: v1',
  })
})

test('[CO11] what is wrong is said at its field', () => {
  const result = inputOf({ ...formOf(undefined), name: 'Lab 1', server: 'http://127.0.0.1', token: 't', stallSeconds: '1' }, undefined)
  expect('complaints' in result && result.complaints.map((complaint) => complaint.field).sort()).toEqual(['name', 'server', 'stallSeconds'])
})
