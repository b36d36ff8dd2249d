import { z } from 'zod'

/**
 * Makes all schemas work without generated code, for pages whose Content-Security-Policy forbids `eval`. A page calls
 * it once, first thing; without it the schemas find out by themselves, and the browser reports a violation.
 */
export function interpretSchemas(): void {
  z.config({ jitless: true })
}
