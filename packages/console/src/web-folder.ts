/** The folder of the built web console (`npm run build -w @binnacle/console` makes it), as a file URL that ends in a slash. */
export const webFolder = (): URL => new URL(import.meta.url.includes('/dist/types/') ? '../web/' : '../dist/web/', import.meta.url)
