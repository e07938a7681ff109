import { boundedText } from '../../domain/documents/bounded-text.js';
import type { Json, JsonObject } from '../../domain/documents/json.js';
import { printableDeep, printableLines } from '../../domain/documents/printable.js';
import type { Redact } from '../../domain/secrets/redactor.js';
import type { CliError } from '../errors.js';
import { describeCliError } from '../words/describe-cli-error.js';
import { remedyFor } from '../words/remedies.js';
import { snakeCase } from '../words/snake-case.js';

/** Lines after the first are indented: no message can say what looks like another one. */
const inside = (text: string): string => text.replaceAll('\n', '\n  ');

/** Text for standard error: the sentence, and what to do on a line of its own. */
export const renderError = (error: CliError): string => {
  const printed = printableDeep(error);
  // Of the error as it is: what is quoted for a shell must be what it is about.
  const said = remedyFor(error);
  const remedy = said === null ? null : inside(printableLines(said));
  return `pond: ${inside(boundedText(describeCliError(printed)))}\n${remedy === null ? '' : `  try: ${remedy}\n`}`;
};

/** Document for `--json`: `{ "error": { "tag", "message", "remedy", ...the error's own fields } }`. */
export const errorDocument = (error: CliError, redact: Redact = (text) => text): Json => {
  const { _tag, ...fields } = error;
  return {
    error: {
      tag: _tag,
      message: redact(boundedText(describeCliError(error))),
      ...ownFields(fields, redact),
      remedy: remedyFor(error),
    },
  };
};

/** The error's message is the whole sentence, a field of that name only a part of it; a thrown value is for debuggers. */
const ownFields = (fields: Readonly<Record<string, unknown>>, redact: Redact): JsonObject =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([key]) => key !== 'message' && key !== 'thrown')
      .map(([key, value]) => [snakeCase(key), plainJson(value, redact)]),
  );

const plainJson = (value: unknown, redact: Redact): Json => {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((member) => plainJson(member, redact));
  return typeof value === 'object'
    ? Object.fromEntries(
        Object.entries(value).map(([key, member]) => [snakeCase(key), plainJson(member, redact)]),
      )
    : redact(String(value));
};
