import type { Json } from '../domain/documents/json.js';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured logging: one event name (`snake_case`) per line, with fields. Logging never fails and never throws. */
export interface Logger {
  readonly log: (level: LogLevel, event: string, fields?: Readonly<Record<string, Json>>) => void;
  /** The same logger with these fields on every line. */
  readonly with: (fields: Readonly<Record<string, Json>>) => Logger;
}
