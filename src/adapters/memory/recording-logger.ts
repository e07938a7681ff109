import type { Json } from '../../domain/documents/json.js';
import type { Logger, LogLevel } from '../../ports/logger.js';

/** A line of a log: an event's name with its fields. */
export interface LogLine {
  readonly level: LogLevel;
  readonly event: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/** A logger, and what it was told. */
export interface RecordingLogger {
  readonly logger: Logger;
  /** Every line so far, in order. */
  readonly lines: readonly LogLine[];
}

/**
 * A logger that keeps its lines.
 *
 * @example
 * const { logger, lines } = recordingLogger();
 * logger.log('info', 'hello', { to: 'you' });
 */
export const recordingLogger = (): RecordingLogger => {
  const lines: LogLine[] = [];
  const loggerWith = (bound: LogLine['fields']): Logger => ({
    log: (level, event, fields = {}) => {
      lines.push({ level, event, fields: { ...bound, ...fields } });
    },
    with: (fields) => loggerWith({ ...bound, ...fields }),
  });
  return { logger: loggerWith({}), lines };
};
