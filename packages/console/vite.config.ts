import { defaultClientConditions, defineConfig } from 'vite'
import react from '@vitejs/plugin-react'

// Our packages resolve to their sources; types go to dist/types (tsc), the web build to dist/web.
export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ['@binnacle/source', ...defaultClientConditions] },
  build: {
    outDir: 'dist/web',
    emptyOutDir: true,
    target: 'es2023',
    sourcemap: false,
    // The content security policy forbids inline scripts and data: scripts; files stay files.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
