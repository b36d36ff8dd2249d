/** Where the API lives, on the page's own origin. */
export const BASE = '/api/v1'
