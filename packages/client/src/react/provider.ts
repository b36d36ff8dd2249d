import { createContext, createElement, useContext, type ReactElement, type ReactNode } from 'react'
import type { BinnacleClient } from '../binnacle-client.ts'

const ClientContext = createContext<BinnacleClient | undefined>(undefined)

/** Hands the client to the hooks below it. */
export function BinnacleProvider(props: { readonly client: BinnacleClient; readonly children?: ReactNode }): ReactElement {
  return createElement(ClientContext.Provider, { value: props.client }, props.children)
}

/** The client of the nearest provider. */
export function useBinnacleClient(): BinnacleClient {
  const client = useContext(ClientContext)
  if (client === undefined) throw new Error('there is no BinnacleProvider above this component')
  return client
}
