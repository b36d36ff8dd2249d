import { BinnacleError } from '@binnacle/protocol'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { loadConfig, type LoadedConfig } from '../config/load-config.ts'

/** The configuration of a command, and where its relative paths start. */
export interface CommandConfig {
  readonly loaded: LoadedConfig
  readonly baseDir: string
}

/** Reads the configuration: the named file, else BINNACLE_CONFIG, else binnacle.yaml here if there is one. */
export function readConfig(file: string | undefined, flags: Readonly<Record<string, unknown>> = {}): CommandConfig {
  const named = file ?? process.env['BINNACLE_CONFIG']
  const path = named ?? (existsSync('binnacle.yaml') ? 'binnacle.yaml' : undefined)
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined))
  if (path === undefined) return { loaded: loadConfig({ environment: process.env, flags: given }), baseDir: process.cwd() }
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw new BinnacleError(
      'BAD_REQUEST',
      `the configuration file ${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? ''}`,
      { cause: error, places: [{ file: path }] },
    )
  }
  return { loaded: loadConfig({ file: { name: path, text }, environment: process.env, flags: given }), baseDir: dirname(resolve(path)) }
}
