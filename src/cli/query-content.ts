import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../domain/pond-path.js';
import type { QueryAnswer } from '../ports/query-engine.js';
import type { PondReader } from '../tinyfs/tinyfs.js';
import type { Invocation } from './command.js';
import { contentFormat } from './content-format.js';
import type { CliError } from './errors.js';
import { EXIT, type ExitCode } from './exit-codes.js';
import { outgoingContent } from './outgoing-content.js';
import { readingFrom } from './print-content.js';
import { type RowFormat, rowWriter } from './render-rows.js';

export interface ContentQuery {
  readonly path: PondPath;
  readonly version: number | undefined;
  readonly sql: string;
  readonly format: RowFormat;
}

/** Answers a query over one content, which is the table `source`. */
export const queryContent = (
  invocation: Invocation,
  fs: PondReader,
  { path, version, sql, format }: ContentQuery,
): TE.TaskEither<CliError, ExitCode> => {
  const { program, terminal } = invocation;
  const output = textOutput(invocation);
  return pipe(
    TE.Do,
    TE.bindW('entry', () => fs.stat(path)),
    TE.bindW('source', ({ entry }) => TE.fromEither(contentFormat(entry))),
    TE.bindW('contents', ({ entry }) =>
      contentsOf(fs, { path, version, isSeries: entry.entryType === 'series' }),
    ),
    TE.flatMap(({ source, contents }) => {
      let failure: CliError | null = null;
      const onFailure = (error: CliError) => {
        failure = error;
      };
      const signal = terminal.interrupt;
      const read = contents.map((content) => outgoingContent(content, { signal, onFailure }));
      return pipe(
        program.queryEngine.query<CliError, ExitCode>(
          { format: source, contents: read },
          sql,
          (answer) => writeRows(output.write, answer, format),
          signal,
        ),
        // The engine only knows that it could not read its source.
        TE.mapLeft((error) => failure ?? error),
        TE.tapTask(() => output.flush),
      );
    }),
  );
};

/** The versions of a series are so many files; everything else is one. */
const contentsOf = (
  fs: PondReader,
  { path, version, isSeries }: { path: PondPath; version: number | undefined; isSeries: boolean },
) =>
  isSeries && version === undefined
    ? pipe(
        fs.versions(path),
        TE.flatMap(TE.traverseSeqArray((each) => fs.read(path, { version: each.version }))),
      )
    : pipe(
        fs.read(path, version === undefined ? {} : { version }),
        TE.map((content) => [content]),
      );

const writeRows = (
  writeText: WriteText,
  { columns, batches }: QueryAnswer,
  format: RowFormat,
): TE.TaskEither<CliError, ExitCode> =>
  readingFrom(async () => {
    const writer = rowWriter(format, columns);
    let isRead = await writeText(writer.begin);
    for await (const rows of batches) {
      isRead = isRead && (await writeText(writer.batch(rows)));
      if (!isRead) break;
    }
    if (isRead) await writeText(writer.end());
    return EXIT.done;
  });

type WriteText = (text: string) => Promise<boolean>;

/** With `--json` the answer is written when it is whole, so that an error cannot come after half a document. */
const textOutput = ({
  terminal,
  options,
}: Invocation): { write: WriteText; flush: () => Promise<boolean> } => {
  if (!options.json) return { write: terminal.writeOut, flush: async () => true };
  const held: string[] = [];
  return {
    write: async (text) => {
      held.push(text);
      return true;
    },
    flush: () => terminal.writeOut(held.join('')),
  };
};
