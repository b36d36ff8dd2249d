/** Where delivery writes its log; pino fits. */
export interface DeliveryLogger {
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}
