import type { Json } from '../domain/documents/json.js';

/** Importance of a line. Which levels are written is the logger's to decide. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Structured logging: one event name (`snake_case`) per line, with fields. Logging never fails and never throws. */
export interface Logger {
  /** Writes one line. `fields` are JSON and hold no secrets. */
  readonly log: (level: LogLevel, event: string, fields?: Readonly<Record<string, Json>>) => void;
  /** Tells whether lines of a level go anywhere; left out: they may. Spares the work for what nobody reads. */
  readonly takes?: (level: LogLevel) => boolean;
  /** The same logger with these fields on every line. */
  readonly with: (fields: Readonly<Record<string, Json>>) => Logger;
}
