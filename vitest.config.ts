import { defineConfig } from 'vitest/config'

// The condition `@binnacle/source` makes packages resolve to their sources: nothing is built between edit and run.
const conditions = ['@binnacle/source']

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/**/*.test.{ts,tsx}', 'apps/**/*.test.ts', 'checks/**/*.test.ts', 'tests/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    execArgv: ['--conditions=@binnacle/source'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['packages/*/src/**', 'packages/sources/*/src/**', 'apps/*/src/**'],
      exclude: ['**/*.test.{ts,tsx}', '**/*.test-d.ts', '**/index.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
})
