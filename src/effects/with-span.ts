import { inspect } from 'node:util';
import type { Json } from '../domain/documents/json.js';
import type { Logger, LogLevel } from '../ports/logger.js';
import type { Span, SpanStart, Telemetry } from '../ports/telemetry.js';
import type { Eventually } from './eventually.js';

/** Does work inside a span, which ends with the work, however that ends. What the work throws is recorded and passes through. */
export function withSpan<A>(
  telemetry: Pick<Telemetry, 'startSpan'>,
  start: SpanStart,
  work: (span: Span) => Promise<A>,
): Promise<A>;
export function withSpan<A>(
  telemetry: Pick<Telemetry, 'startSpan'>,
  start: SpanStart,
  work: (span: Span) => Eventually<A>,
): Eventually<A>;
export function withSpan<A>(
  { startSpan }: Pick<Telemetry, 'startSpan'>,
  start: SpanStart,
  work: (span: Span) => Eventually<A>,
): Eventually<A> {
  const span = startSpan(start);
  let done: Eventually<A>;
  try {
    done = work(span);
  } catch (thrown) {
    endFailed(span, thrown);
    throw thrown;
  }
  if (done instanceof Promise) return endWith(span, done);
  span.end();
  return done;
}

const endWith = async <A>(span: Span, work: Promise<A>): Promise<A> => {
  let done: A;
  try {
    done = await work;
  } catch (thrown) {
    endFailed(span, thrown);
    throw thrown;
  }
  span.end();
  return done;
};

const endFailed = (span: Span, thrown: unknown): void => {
  span.fail(thrown instanceof Error ? thrown.message : inspect(thrown));
  span.end();
};

/** The logger whose lines belong to a span. */
export const loggerIn = (logger: Logger, { logFields }: Span): Logger =>
  'trace_id' in logFields ? loggerWith(logger, logFields) : logger;

/** The same logger with these fields on every line, bound when there is a line that is taken: most of what is said of a task is not. */
export const loggerWith = (logger: Logger, fields: Readonly<Record<string, Json>>): Logger => {
  const bound = laterLogger(() => logger.with(fields));
  const takes = (level: LogLevel): boolean => logger.takes?.(level) !== false;
  return {
    takes,
    log: (level, event, said) => {
      if (takes(level)) bound.log(level, event, said);
    },
    with: (more) => loggerWith(logger, { ...fields, ...more }),
  };
};

/** Writes each line to both. */
export const bothLoggers = (first: Logger, second: Logger): Logger => ({
  log: (level, event, fields) => {
    first.log(level, event, fields);
    second.log(level, event, fields);
  },
  with: (fields) => bothLoggers(first.with(fields), second.with(fields)),
});

/** A logger that is made when something is first said through it. */
export const laterLogger = (make: () => Logger): Logger => {
  let made: Logger | null = null;
  const logger = (): Logger => {
    made ??= make();
    return made;
  };
  return {
    log: (level, event, fields) => logger().log(level, event, fields),
    with: (fields) => logger().with(fields),
  };
};
