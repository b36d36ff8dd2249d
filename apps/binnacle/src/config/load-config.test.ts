import { expect, test } from 'vitest'
import { loadConfig } from './load-config.ts'

const load = (text: string, environment: Record<string, string> = {}) => loadConfig({ file: { name: 'binnacle.yaml', text }, environment })

test('[AP1] each value says where it came from; the environment is stronger than the file, the command line strongest', () => {
  const { config, values } = loadConfig({
    file: { name: 'binnacle.yaml', text: 'listen:\n  port: 7000\n  host: 127.0.0.2\nlog:\n  level: debug\n' },
    environment: { BINNACLE_LISTEN_PORT: '7001', BINNACLE_LOG_LEVEL: 'warn' },
    flags: { 'log.level': 'error' },
  })
  expect(config.listen).toEqual({ host: '127.0.0.2', port: 7001 })
  expect(config.log.level).toBe('error')
  expect(values.get('listen.port')?.origin).toEqual({ from: 'environment', name: 'BINNACLE_LISTEN_PORT' })
  expect(values.get('listen.host')?.origin).toEqual({ from: 'file', file: 'binnacle.yaml', line: 3 })
  expect(values.get('data_dir')?.origin).toEqual({ from: 'default' })
})

test('[AP2] an unknown key is refused with its line and the nearest known name', () => {
  expect(() => load('listen:\n  prot: 7000\n')).toThrow(/binnacle\.yaml:2: unknown key 'listen\.prot'; did you mean 'listen\.port'\?/)
  expect(() => load('', { BINNACLE_LISTEN_PROT: '1' })).toThrow(/BINNACLE_LISTEN_PROT; did you mean BINNACLE_LISTEN_PORT\?/)
})

test('[AP3] a wrong value is refused with file, line and key, and every problem is named at once', () => {
  expect(() => load('listen:\n  port: high\nlog:\n  level: loud\n')).toThrow(
    /binnacle\.yaml:2: listen\.port: [\s\S]*binnacle\.yaml:4: log\.level: /,
  )
  expect(() => load('listen: [1\n')).toThrow(/binnacle\.yaml:\d+: /)
})

test('[AP1] lists and fabrics are read from file and environment alike', () => {
  const fabrics = [{ name: 'lab', kubeconfig: 'lab.kubeconfig' }]
  expect(load('fabrics:\n  - name: lab\n    kubeconfig: lab.kubeconfig\n').config.fabrics[0]).toMatchObject({
    name: 'lab',
    kubeconfig: 'lab.kubeconfig',
    enabled: true,
  })
  expect(load('', { BINNACLE_FABRICS: JSON.stringify(fabrics) }).config.fabrics[0]).toMatchObject({ name: 'lab' })
})
