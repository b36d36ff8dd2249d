import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the repository. */
export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/** A package of the monorepo as its package.json and tsconfig.json describe it. */
export interface Workspace {
  readonly name: string
  readonly role: string
  readonly folder: string
  readonly dependencies: readonly string[]
  readonly devDependencies: readonly string[]
  readonly peerDependencies: readonly string[]
  readonly exports: Readonly<Record<string, unknown>>
  readonly references: readonly string[]
  /** Source files below src, tests included. */
  readonly files: readonly string[]
}

/** All files below a folder with one of the endings, without build output and dependencies. */
export function filesBelow(folder: string, endings: readonly string[]): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (['node_modules', 'dist', '.git', '.node', 'coverage'].includes(entry.name)) return []
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return filesBelow(path, endings)
    return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : []
  })
}

interface Manifest {
  name: string
  binnacle?: { role?: string }
  exports?: Record<string, unknown>
  dependencies?: Record<string, string>
  devDependencies?: Record<string, string>
  peerDependencies?: Record<string, string>
}

/** Reads every workspace from disk. */
export function workspaces(): Workspace[] {
  const folders = ['packages', 'packages/sources', 'apps'].flatMap((parent) =>
    readdirSync(join(ROOT, parent), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(ROOT, parent, entry.name, 'package.json')))
      .map((entry) => join(ROOT, parent, entry.name)),
  )
  return folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest
    const tsconfig = existsSync(join(folder, 'tsconfig.json'))
      ? (JSON.parse(readFileSync(join(folder, 'tsconfig.json'), 'utf8')) as { references?: { path: string }[] })
      : {}
    return {
      name: manifest.name,
      role: manifest.binnacle?.role ?? '',
      folder: relative(ROOT, folder),
      dependencies: Object.keys(manifest.dependencies ?? {}),
      devDependencies: Object.keys(manifest.devDependencies ?? {}),
      peerDependencies: Object.keys(manifest.peerDependencies ?? {}),
      exports: manifest.exports ?? {},
      references: (tsconfig.references ?? []).map((reference) => relative(ROOT, join(folder, reference.path))),
      files: filesBelow(join(folder, 'src'), ['.ts', '.tsx']),
    }
  })
}

/** An import as it stands in a file. */
export interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

const STATIC = /^\s*(?:import|export)\s+(type\s+)?(?:[\w*{}\s,$]+?\s+from\s+)?['"]([^'"\n]+)['"]/gm
const DYNAMIC = /\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g

/** The imports of a source text: static, re-exports, and dynamic ones with a literal. */
export function importsOf(text: string): Import[] {
  const withoutComments = text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const found: Import[] = []
  for (const match of withoutComments.matchAll(STATIC)) found.push({ specifier: match[2] ?? '', typeOnly: match[1] !== undefined })
  for (const match of withoutComments.matchAll(DYNAMIC)) found.push({ specifier: match[1] ?? '', typeOnly: false })
  return found
}

/** The package name inside a bare specifier, e.g. `@a/b/c` → `@a/b`. */
export const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')

/** Whether a file is a test or belongs to a contract suite (which registers tests). */
export const isTest = (file: string): boolean =>
  /\.test(-d)?\.tsx?$/.test(file) || /\/src\/contract\//.test(file) || /\/src\/testing\//.test(file)
