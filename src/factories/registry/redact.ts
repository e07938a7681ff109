import * as t from 'io-ts';
import type { Json } from '../../domain/documents/json.js';
import { NO_SECRETS, type Redact } from '../../domain/secrets/redactor.js';
import { tornText } from '../../domain/secrets/torn-text.js';
import type { Logger } from '../../ports/logger.js';
import type { Attributes } from '../../ports/telemetry.js';
import type { FactoryContext, FactoryError } from '../factory.js';
import type { FactorySpan } from '../factory-span.js';

/** The same error without secrets in what a factory or its codec said. */
export const redactError = (redact: Redact, error: FactoryError): FactoryError => {
  switch (error._tag) {
    case 'FactoryFailed':
    case 'FactoryModuleFailed':
      return { ...error, message: redact(error.message) };
    case 'InvalidConfig':
      return {
        ...error,
        errors: error.errors.map(({ key, message }) => ({ key, message: redact(message) })),
      };
    case 'InvalidYaml':
      return { ...error, problem: redact(error.problem) };
    case 'UnknownFactory':
    case 'ModeNotSupported':
    case 'VariableNotSet':
    case 'NotTrusted':
      return error;
  }
};

/** The same logger, with secrets taken out of every field's value (names of fields are code, not data). */
export const redactingLogger = (logger: Logger, redact: Redact): Logger =>
  redact === NO_SECRETS
    ? logger
    : {
        takes: (level) => logger.takes?.(level) !== false,
        log: (level, event, fields) => {
          if (logger.takes?.(level) === false) return;
          logger.log(level, redact(event), fields === undefined ? undefined : redactFields(fields, redact));
        },
        with: (fields) => redactingLogger(logger.with(redactFields(fields, redact)), redact),
      };

/** The same logger, for lines that were torn: once secrets are out of them they lose what may be part of one. */
export const tornLines = (logger: Logger): Logger => ({
  log: (level, event, fields) => {
    if (fields === undefined || !('torn' in fields) || !TornLine.is(fields))
      return logger.log(level, event, fields);
    const { torn, ...said } = fields;
    logger.log(level, event, { ...said, line: tornText(fields.line, torn) });
  },
  with: (fields) => tornLines(logger.with(fields)),
});

const EdgeOf = t.keyof({ whole: null, 'between-words': null, 'in-word': null });
const TornLine = t.type({ line: t.string, torn: t.type({ before: EdgeOf, after: EdgeOf }) });

/** The same span, with secrets taken out of whatever is said through it. */
const redactingSpan = (span: FactorySpan, redact: Redact): FactorySpan =>
  redact === NO_SECRETS ? span : new RedactingSpan(span, redact);

/** A class, because there are many, and a literal with a getter takes several times as long. */
class RedactingSpan implements FactorySpan {
  readonly #span: FactorySpan;
  readonly #redact: Redact;

  constructor(span: FactorySpan, redact: Redact) {
    this.#span = span;
    this.#redact = redact;
  }

  get traceParent(): string {
    return this.#span.traceParent;
  }

  readonly set: FactorySpan['set'] = (attributes) =>
    this.#span.set(redactAttributes(attributes, this.#redact));

  readonly event: FactorySpan['event'] = (name, attributes = {}) =>
    this.#span.event(this.#redact(name), redactAttributes(attributes, this.#redact));
}

/** The same way to report, with secrets taken out of what is reported: as JSON, since a value may be anything that becomes one. */
const redactingReport =
  (report: FactoryContext['report'], redact: Redact): FactoryContext['report'] =>
  (value) => {
    const json = jsonOf(value);
    // What is not JSON is not kept either; whoever keeps reports says so.
    report(json === null ? value : redactJson(JSON.parse(json), redact));
  };

type Channels = Pick<FactoryContext, 'log' | 'span' | 'report'>;

/** Channels through which a factory speaks, without secrets. */
export const redactingChannels = ({ log, span, report }: Channels, redact: Redact): Channels => ({
  log: redactingLogger(tornLines(log), redact),
  span: redactingSpan(span, redact),
  report: redactingReport(report, redact),
});

const jsonOf = (value: Json): string | null => {
  try {
    return JSON.stringify(value) ?? null;
  } catch {
    return null;
  }
};

const redactAttributes = (attributes: Attributes, redact: Redact): Attributes =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      redact(name),
      typeof value === 'string' ? redact(value) : value,
    ]),
  );

const redactFields = (
  fields: Readonly<Record<string, Json>>,
  redact: Redact,
): Readonly<Record<string, Json>> => {
  const redacted: Record<string, Json> = {};
  for (const [name, value] of Object.entries(fields)) redacted[name] = redactJson(value, redact);
  return redacted;
};

const redactJson = (value: Json, redact: Redact): Json => {
  if (typeof value === 'string') return redact(value);
  if (value === null || typeof value !== 'object') return value;
  return isList(value)
    ? value.map((item) => redactJson(item, redact))
    : Object.fromEntries(
        Object.entries(value).map(([key, member]) => [redact(key), redactJson(member, redact)]),
      );
};

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
