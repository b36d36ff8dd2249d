export { createFaultProxy, type FaultEntry, type FaultProxy, type FaultProxyOptions, type NetworkFault } from './fault-proxy.ts'
