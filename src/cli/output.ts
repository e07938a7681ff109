import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../domain/documents/json.js';
import { printableJson, withOwnMarks } from '../domain/text/printable.js';
import type { Invocation } from './command.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import type { Terminal } from './program.js';

/** Writes one JSON document, indented, to standard output. */
export const writeJson = (terminal: Terminal, document: Json): Promise<boolean> =>
  terminal.writeOut(`${printableJson(JSON.stringify(document, null, 2))}\n`);

/** A result in the two forms in which it can be asked for. `text` ends with a line end, or is empty. */
export interface Rendered {
  readonly json: () => Json;
  readonly text: () => string;
}

/** Writes a result as `--json` wants it; then the command has ended with `code`. */
export const writeResult = (
  { terminal, options }: Pick<Invocation, 'terminal' | 'options'>,
  result: Rendered,
  code: ExitCode = EXIT.done,
): TE.TaskEither<never, ExitCode> =>
  TE.rightTask(async () => {
    if (options.json) await writeJson(terminal, result.json());
    else await terminal.writeOut(withOwnMarks(result.text()));
    return code;
  });

/** Lines as a string that ends with a line end. */
export const inLines = (lines: readonly string[]): string =>
  lines.map((line) => `${withOwnMarks(line)}\n`).join('');
