export { FabricLife, type DoneStep, type FabricLifeOptions } from './fabric-life.ts'
export { demoScript, type LifeStep, type ScriptedStep } from './life-script.ts'
export { seededRandom } from './seeded-random.ts'
export type { ClusterAccess } from './lab-client.ts'
