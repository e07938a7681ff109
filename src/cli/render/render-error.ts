import { errorAsDocument } from '../../documents/error-document.js';
import type { Json } from '../../domain/documents/json.js';
import { NO_SECRETS, type Redact } from '../../domain/secrets/redactor.js';
import { boundedText } from '../../domain/text/bounded-text.js';
import { printableDeep, printableLines } from '../../domain/text/printable.js';
import type { CliError } from '../errors.js';
import { describeCliError } from '../words/describe-cli-error.js';
import type { InWords } from '../words/pond-named.js';
import { remedyFor } from '../words/remedies.js';

/** Lines after the first are indented: no message can say what looks like another one. */
export const inside = (text: string): string => text.replaceAll('\n', '\n  ');

/** Text for standard error: the sentence, and what to do on a line of its own. `named`: the same advice, with the pond that it is about. */
export const renderError = (
  error: CliError,
  redact: Redact = NO_SECRETS,
  named: InWords = (text) => text,
): string => {
  const printed = printableDeep(error);
  // Before it is cut: half of a secret could not be recognised.
  const shown = (text: string) => inside(boundedText(redact(text)));
  // Of the error as it is: what is quoted for a shell must be what it is about.
  const said = remedyFor(error);
  const remedy = said === null ? null : shown(printableLines(named(said)));
  return `pond: ${shown(describeCliError(printed))}\n${remedy === null ? '' : `  try: ${remedy}\n`}`;
};

/** Document for `--json`: `{ "error": { "tag", "message", "remedy", ...the error's own fields } }`. */
export const errorDocument = (error: CliError, redact: Redact = NO_SECRETS): Json =>
  errorAsDocument(error, { message: describeCliError(error), remedy: remedyFor(error) }, redact);
