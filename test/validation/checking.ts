import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { duckdbQueryEngine } from '../../src/adapters/duckdb/duckdb-query-engine.js';
import { keyErrors } from '../../src/domain/documents/decode-error.js';
import { parseYaml } from '../../src/domain/documents/yaml-document.js';
import type { ContentFormat, QueryContent, QueryFailed, QueryTable } from '../../src/ports/query-engine.js';
import { type CheckedFile, checkFile } from '../../src/validation/checking/check-file.js';
import type { FileVerdict, RuleOutcome } from '../../src/validation/checking/verdict.js';
import { ValidateCodec } from '../../src/validation/reading/rules-codec.js';
import type { Rules } from '../../src/validation/rules.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const parsed = (yaml: string): unknown => {
  const document = parseYaml(Buffer.from(yaml));
  if (isLeft(document)) throw new Error(document.left.problem);
  return document.right;
};

/** Rules that are written in YAML. */
export const rulesOf = (yaml: string): Rules => {
  const decoded = ValidateCodec.decode(parsed(yaml));
  if (isLeft(decoded)) throw new Error(JSON.stringify(keyErrors(decoded.left), null, 2));
  return decoded.right.rules;
};

/** What is wrong with a configuration: `key: message`. */
export const refusals = (yaml: string): readonly string[] => {
  const decoded = ValidateCodec.decode(parsed(yaml));
  return isLeft(decoded) ? keyErrors(decoded.left).map(({ key, message }) => `${key}: ${message}`) : [];
};

/** A file as its contents: one for a file, several for a series. */
export type Contents = string | { readonly file: string } | readonly { readonly file: string }[];

const formatOf = (path: string): ContentFormat => {
  const ending = path.split('.').at(-1) ?? '';
  if (ending === 'csv' || ending === 'tsv') return 'csv';
  return ending === 'parquet' ? 'parquet' : 'json';
};

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const listOf = (contents: Contents): readonly QueryContent[] => {
  if (typeof contents === 'string') return [bytesOf(contents)];
  return 'file' in contents ? [contents] : contents;
};

/** Checks the first of some files; the others are there for rules that refer to them. */
export const check = async <A = null>(
  rules: Rules | string,
  files: Readonly<Record<string, Contents>>,
  then: (checked: CheckedFile) => TE.TaskEither<QueryFailed, A | null> = () => TE.right(null),
): Promise<{ readonly verdict: FileVerdict; readonly after: A | null }> => {
  const [path = ''] = Object.keys(files);
  const table = (name: string, of: string): TE.TaskEither<never, QueryTable> =>
    TE.right({ name, path: of, format: formatOf(of), contents: listOf(files[of] ?? '') });
  const bounds = {
    signal: new AbortController().signal,
    workspace: temporaryFolder('pond-validation-'),
    memoryLimit: '128MB',
  };
  const ports = { engine: duckdbQueryEngine, bounds, table };
  const asked = typeof rules === 'string' ? rulesOf(rules) : rules;
  const checked = await checkFile<QueryFailed, A | null>(ports, asked, path, then)();
  if (isLeft(checked)) throw new Error(checked.left.message);
  return checked.right;
};

/** What is broken, in words. */
export const messages = async (
  rules: string,
  files: Readonly<Record<string, Contents>>,
): Promise<readonly string[]> => faultsOf((await check(rules, files)).verdict).map(({ message }) => message);

export const faultsOf = ({ outcomes }: FileVerdict): readonly RuleOutcome[] =>
  outcomes.filter(({ passed }) => !passed);

/** One of the data sets of Vega. */
export const vega = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../node_modules/vega-datasets/data', name), 'utf8');

/** The weather of Seattle, 1,461 days, with some lines replaced: number of the row, and what it becomes. */
export const weather = (faults: Readonly<Record<number, string>> = {}): string => {
  const lines = vega('seattle-weather.csv').trimEnd().split('\n');
  for (const [row, line] of Object.entries(faults)) lines[Number(row)] = line;
  return `${lines.join('\n')}\n`;
};
