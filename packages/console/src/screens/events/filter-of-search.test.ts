import { expect, test } from 'vitest'
import { filterOfSearch } from './filter-of-search.ts'

test('[CO19] the address of the event page is a filter', () => {
  expect(filterOfSearch({ scope: 'fabric/11', types: 'cr_*, sync_failed', kinds: 'VPC', name: 'vpc-1', priority: 'high' })).toEqual({
    filter: { scopes: ['fabric/11'], types: ['cr_*', 'sync_failed'], kinds: ['VPC'], names: ['vpc-1'], min_priority: 'high' },
    ignored: [],
  })
  expect(filterOfSearch({})).toEqual({ filter: {}, ignored: [] })
})

test('[CO19] what is not a filter is named and not used, so that a typo does not look like silence', () => {
  const read = filterOfSearch({ scope: 'fabric/11', types: 'cr_craeted', priority: 'urgent' })
  expect(read.filter).toEqual({ scopes: ['fabric/11'] })
  expect(read.ignored).toEqual(['types cr_craeted', 'min_priority "urgent"'])
})
