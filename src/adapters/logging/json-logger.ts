import type { Json } from '../../domain/documents/json.js';
import { printableJson } from '../../domain/text/printable.js';
import type { Logger, LogLevel } from '../../ports/logger.js';
import { isTerminal } from '../node/own-process/standard-output.js';
import { readableLine, type TaskLine, taskLine } from './readable-line.js';
import { writeToStderr } from './stderr-writer.js';

export interface LoggerOptions {
  /** The lowest level that is written; `silent`: none. */
  readonly level: LogLevel | 'silent';
  /** Tells whether a terminal sees what tasks say from the level `info`, whatever the level is. Default false. */
  readonly ofTasks?: boolean;
  /** One-liners for people instead of JSON; default: when standard error is a terminal. */
  readonly pretty?: boolean;
  /** Tells whether one-liners may have colours; default: on a terminal, unless `NO_COLOR` is set. */
  readonly colour?: boolean;
  /** Receiver of lines, each with its line end; default: standard error, synchronously. */
  readonly write?: (line: string) => void;
  /** Returns advice (the field `remedy`) with its commands as they are to be typed; default: as it is. */
  readonly advice?: ((remedy: string) => string) | undefined;
}

/**
 * A logger that writes a line per event: `{"level":"info","time":"2026-01-02T03:04:05.678Z","event":"task_completed",...}`,
 * or the same for people. What fails while a line is written is not worth failing for: logging never throws.
 */
export const createLogger = ({ level, write = writeToStderr, ...options }: LoggerOptions): Logger => {
  const { pretty, colour } = { ...logStyle(isTerminal(STDERR), process.env), ...options };
  const said = (line: TaskLine): void => write(taskLine(line, colour));
  return loggerOf({
    level,
    say: options.ofTasks === true && pretty ? said : null,
    write: (line) => write(pretty ? readableLine(line, colour) : printableJson(line)),
    advice: options.advice ?? ((remedy) => remedy),
    bound: {},
  });
};

const STDERR = 2;

/** The levels, from the lowest to the highest. */
const LEVELS: readonly (LogLevel | 'silent')[] = ['debug', 'info', 'warn', 'error', 'silent'];

interface Lines {
  readonly level: LogLevel | 'silent';
  /** Takes what a task says below the level. */
  readonly say: ((line: TaskLine) => void) | null;
  readonly write: (line: string) => void;
  readonly advice: (remedy: string) => string;
  /** Fields of all lines. */
  readonly bound: Readonly<Record<string, Json>>;
}

/**
 * A logger to which a `config_path` is bound is the one that was handed to what is configured there, so what it says is
 * the task's own.
 */
const loggerOf = (lines: Lines): Logger => ({
  takes: (level) => isWritten(lines, level) || (level !== 'debug' && lines.say !== null),
  log: (level, event, fields = {}) => {
    const { say, bound, advice } = lines;
    if (isWritten(lines, level)) {
      const time = new Date().toISOString();
      const remedy = typeof fields.remedy === 'string' ? { remedy: advice(fields.remedy) } : {};
      lines.write(
        `${JSON.stringify({ level, time, ...bound, event, ...withoutReserved(fields), ...remedy })}\n`,
      );
    } else if (level !== 'debug' && typeof bound.config_path === 'string')
      say?.({ configPath: bound.config_path, event, fields });
  },
  with: (fields) => loggerOf({ ...lines, bound: { ...lines.bound, ...withoutReserved(fields) } }),
});

const isWritten = (lines: Lines, level: LogLevel): boolean =>
  LEVELS.indexOf(level) >= LEVELS.indexOf(lines.level);

const RESERVED = ['level', 'time', 'event'];

/** A field may not pass itself off as one of the line's own: JSON with the same key twice has two readings. */
const withoutReserved = (fields: Readonly<Record<string, Json>>): Readonly<Record<string, Json>> =>
  RESERVED.some((name) => name in fields)
    ? Object.fromEntries(
        Object.entries(fields).map(([name, value]) => [RESERVED.includes(name) ? `${name}_` : name, value]),
      )
    : fields;

/** Returns how a process should log, by what it writes to and by its environment (`NO_COLOR`, `TERM`). */
export const logStyle = (
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
): { readonly pretty: boolean; readonly colour: boolean } => ({
  pretty: isTerminal,
  colour: isTerminal && (environment.NO_COLOR ?? '') === '' && environment.TERM !== 'dumb',
});
