import { isLeft } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { steps } from '../../../effects/steps.js';
import type { HostFileSystem } from '../../../ports/file-system.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';
import type { PondReader } from '../../../tinyfs/tinyfs.js';
import type { CheckedFile } from '../../../validation/checking/check-file.js';
import { SOURCE } from '../../../validation/query/compile.js';
import { brokenRowsQuery, ruleColumn } from '../../../validation/query/numbered-rows.js';
import type { RowRule } from '../../../validation/query/row-rules.js';
import type { CheckProblem } from './check-problem.js';
import { type JsonRow, jsonFile, jsonRows, withMember } from './json-rows.js';

/** A file in two, and how many rows the bad one has. */
export interface SplitFile {
  readonly rows: number;
  readonly bad: ByteStream;
  readonly good: ByteStream;
}

/** Places of the rows, and what the engine says of them. */
export interface SplittingJson {
  readonly files: Pick<HostFileSystem, 'streamFile'>;
  readonly fs: Pick<PondReader, 'read'>;
}

/**
 * Splits a JSON file by the engine's numbers of its rows, as it is written: numbers, keys and spaces stay what they were, and rows
 * stand in an array or one after another as they did. Null where the file has other rows than the engine sees.
 */
export const splitJson = (
  { files, fs }: SplittingJson,
  path: string,
  rules: readonly RowRule[],
  { session, verdict, found }: CheckedFile,
): TE.TaskEither<CheckProblem, SplitFile | null> =>
  steps(async (s) => {
    let count = 0;
    for await (const _ of jsonRows(await s.run(fs.read(path)))) count += 1;
    if (count !== verdict.rows) return null;
    const broken = await s.run(session.write(brokenRowsQuery(rules), { format: 'json', like: SOURCE }));
    const column = ruleColumn(found.columns.map(({ name }) => name));
    const [first, second] = [await s.run(fs.read(path)), await s.run(fs.read(path))];
    const marks = () => marksIn(files.streamFile(broken.file));
    return {
      rows: broken.rows,
      bad: jsonFile(
        chosenRows(jsonRows(first), marks(), (row, rule) => rule !== null && withMember(row, column, rule)),
      ),
      good: jsonFile(chosenRows(jsonRows(second), marks(), (row, rule) => rule === null && row)),
    };
  });

/** Rows as `choose` wants them, with the rules that they break; false leaves one out. */
async function* chosenRows(
  rows: AsyncIterable<JsonRow>,
  marks: AsyncGenerator<Mark, void, void>,
  choose: (row: JsonRow, rule: string | null) => JsonRow | false,
): AsyncGenerator<JsonRow> {
  let number = 0;
  let mark = await marks.next();
  for await (const row of rows) {
    number += 1;
    const isMarked = mark.done !== true && mark.value.number === number;
    const chosen = choose(row, mark.done !== true && isMarked ? mark.value.rule : null);
    if (isMarked) mark = await marks.next();
    if (chosen !== false) yield chosen;
  }
}

const MarkCodec = t.type({ number: t.number, rule: t.string });
type Mark = t.TypeOf<typeof MarkCodec>;

/** The numbers of broken rows, in order, as the engine has written them. */
async function* marksIn(written: ByteStream): AsyncGenerator<Mark, void, void> {
  for await (const { text } of jsonRows(written)) {
    const mark = MarkCodec.decode(JSON.parse(Buffer.from(text).toString('utf8')));
    if (isLeft(mark)) throw new Error('the engine has written rows that were not asked for');
    yield mark.right;
  }
}
