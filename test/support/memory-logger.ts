import type { Json } from '../../src/domain/documents/json.js';
import type { Logger, LogLevel } from '../../src/ports/logger.js';

export interface LoggedLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/** A logger that remembers its lines, in order. */
export const memoryLogger = (): { readonly logger: Logger; readonly lines: readonly LoggedLine[] } => {
  const lines: LoggedLine[] = [];
  const loggerWith = (bound: Readonly<Record<string, Json>>): Logger => ({
    log: (level, event, fields = {}) => {
      lines.push({ level, event, fields: { ...bound, ...fields } });
    },
    with: (fields) => loggerWith({ ...bound, ...fields }),
  });
  return { logger: loggerWith({}), lines };
};
