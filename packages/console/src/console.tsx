import { useEffect, useMemo } from 'react'
import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { AppContext } from './app-context.tsx'
import { createBrowserApp } from './live/browser-app.ts'
import { mayHelp } from './parts/failure.ts'
import { router } from './router.tsx'
import { theme } from './theme.ts'

/** The whole console. */
export function Console() {
  const app = useMemo(() => createBrowserApp(), [])
  useEffect(() => app.start(), [app])
  const queries = useMemo(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: 2_000,
            retry: (failures, error) => failures < 1 && mayHelp(error),
            refetchOnWindowFocus: true,
            throwOnError: false,
          },
        },
      }),
    [],
  )
  // What one person saw is not left for the next.
  useEffect(
    () =>
      app.signIn.onState(() => {
        if (app.signIn.state().step === 'signed_out') queries.clear()
      }),
    [app, queries],
  )
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <AppContext value={app}>
        <QueryClientProvider client={queries}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </AppContext>
    </MantineProvider>
  )
}
