// Loaded by the store's writer thread.
export { createProjector } from './create-projector.ts'
