import { BinnacleError } from '@binnacle/protocol'
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns'
import { deniedAddress, type DestinationPolicy } from './destination-policy.ts'

type Done = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void

/**
 * A `lookup` for sockets that lets through only addresses the policy allows. It decides about the address that is
 * really dialled: a name that answers differently a second time gains nothing.
 */
export function guardedLookup(policy: DestinationPolicy): (hostname: string, options: LookupOptions, done: Done) => void {
  return (hostname, options, done) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return done(error, [])
      const allowed = addresses.filter(({ address }) => deniedAddress(address, policy) === undefined)
      const first = allowed[0]
      if (first === undefined) {
        const why = deniedAddress(addresses[0]?.address ?? '', policy) ?? 'it has no address'
        return done(new BinnacleError('DESTINATION_DENIED', `${hostname}: ${why}`), [])
      }
      return options.all === true ? done(null, allowed) : done(null, first.address, first.family)
    })
  }
}
