export * from './apiserver/index.ts'
export * from './fabrics/index.ts'
