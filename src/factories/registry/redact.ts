import type { Json } from '../../domain/documents/json.js';
import type { Logger } from '../../ports/logger.js';
import type { Attributes } from '../../ports/telemetry.js';
import type { FactoryContext, FactoryError } from '../factory.js';
import type { FactorySpan } from '../factory-span.js';

/** Takes secrets out of a string. */
export type Redact = (text: string) => string;

const REDACTED = '***';
/** Shorter values (`80`, `/`) are not secrets that could be kept; they go only where they stand as a word of their own. */
const SHORTEST_ANYWHERE = 4;

/**
 * Replaces values that came from the environment by `***`, in the forms in which programs tend to print them: as
 * they are, as a JSON string, in a URL, in base64, and line by line.
 */
export const redactor = (secrets: readonly string[]): Redact => {
  const forms = new Set(secrets.filter((secret) => secret.trim() !== '').flatMap(formsOf));
  if (forms.size === 0) return (text) => text;
  // Longest first: of two secrets one may begin with the other.
  const patterns = [...forms].sort((a, b) => b.length - a.length).map(patternOf);
  const any = new RegExp(patterns.join('|'), 'g');
  return (text) => text.replace(any, REDACTED);
};

const formsOf = (secret: string): readonly string[] => {
  const lines = secret.split(/\r?\n/).map((line) => line.trim());
  const derived = [
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(Buffer.from(secret).toString()),
    new URLSearchParams({ v: Buffer.from(secret).toString() }).toString().slice(2),
    htmlOf(secret),
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('hex').toUpperCase(),
    ...base64Of(secret),
    ...lines,
  ].filter((form) => form.length >= SHORTEST_ANYWHERE);
  return [secret, ...derived];
};

const HTML: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const htmlOf = (secret: string): string =>
  secret.replace(/[&<>"']/g, (character) => HTML[character] ?? character);

/**
 * What base64 makes of a secret wherever it stands in what is encoded (`user:secret`): for each of the three
 * alignments the characters that depend on nothing but the secret, in both alphabets.
 */
const base64Of = (secret: string): readonly string[] => {
  const bytes = Buffer.from(secret);
  const whole = bytes.toString('base64');
  const inside = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = before === 0 ? 0 : before + 1;
    const partial = (before + bytes.length) % 3;
    return encoded.slice(first, partial === 0 ? undefined : -1);
  });
  return [whole, ...inside]
    .filter((form) => form.length >= SHORTEST_BASE64)
    .flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
};

/** Fewer characters might be part of anything. */
const SHORTEST_BASE64 = 6;

const patternOf = (form: string): string => {
  const literal = form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  return form.length >= SHORTEST_ANYWHERE ? literal : `(?<![\\p{L}\\w])${literal}(?!\\w)`;
};

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
export const redactingLogger = (logger: Logger, redact: Redact): Logger => ({
  log: (level, event, fields) =>
    logger.log(level, redact(event), fields === undefined ? undefined : redactFields(fields, redact)),
  with: (fields) => redactingLogger(logger.with(redactFields(fields, redact)), redact),
});

/** The same span, with secrets taken out of whatever is said through it. */
export const redactingSpan = ({ traceParent, set, event }: FactorySpan, redact: Redact): FactorySpan => ({
  traceParent,
  set: (attributes) => set(redactAttributes(attributes, redact)),
  event: (name, attributes = {}) => event(redact(name), redactAttributes(attributes, redact)),
});

/** The same way to report, with secrets taken out of what is reported: as JSON, since a value may be anything that becomes one. */
export const redactingReport =
  (report: FactoryContext['report'], redact: Redact): FactoryContext['report'] =>
  (value) => {
    const json = jsonOf(value);
    // What is not JSON is not kept either; whoever keeps reports says so.
    report(json === null ? value : redactJson(JSON.parse(json), redact));
  };

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
): Readonly<Record<string, Json>> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, redactJson(value, redact)]));

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
