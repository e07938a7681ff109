import type { Json, JsonObject } from '../domain/documents/json.js';
import { NO_SECRETS, type Redact } from '../domain/secrets/redactor.js';
import { boundedText } from '../domain/text/bounded-text.js';
import { snakeCase } from '../domain/text/snake-case.js';

/** An error in JSON: `{ "error": { "tag", "message", "remedy", ...the error's own fields } }`. */
export const errorAsDocument = (
  error: { readonly _tag: string },
  { message, remedy }: { readonly message: string; readonly remedy: string | null },
  redact: Redact = NO_SECRETS,
): JsonObject => {
  const { _tag, ...fields } = error;
  // Before it is cut: half of a secret could not be recognised.
  const said = (text: string) => boundedText(redact(text));
  return {
    error: {
      tag: _tag,
      message: said(message),
      ...ownFields(fields, redact),
      remedy: remedy === null ? null : said(remedy),
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
