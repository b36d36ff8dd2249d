/** Where the store's writer thread finds the projector. */
export const projectorModule: URL = new URL(`./projector-module${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
