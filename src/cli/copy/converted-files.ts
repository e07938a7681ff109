import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import type { SeriesColumn } from '../../domain/series/series-contract.js';
import { steps } from '../../effects/steps.js';
import type { HostFileSystem } from '../../ports/file-system.js';
import type { SessionsEngine } from '../../ports/query-engine.js';
import { type ColumnsSoFar, columnsOfFile, columnsSoFar } from '../../series/columns-so-far.js';
import { type ConvertedRows, convertRows, withConvertingEngine } from '../../series/convert-rows.js';
import type { RowsFile } from '../../series/rows-file.js';
import type { Steward } from '../../steward/steward.js';
import type { Invocation } from '../command.js';
import type { CliError } from '../errors.js';
import { hostFileFailed, incomingContent } from '../pond/host-content.js';
import { hostFileState, isAsItWas } from '../pond/host-file-state.js';
import { withPond } from '../pond/with-pond.js';
import type { CopyIn } from './direction.js';
import type { IncomingFile, InspectedSource } from './incoming-files.js';
import { namesInPond, placesOf, within } from './places.js';
import { warnOfTextByWords } from './text-by-words.js';
import { warnOfUnmetForms } from './unmet-forms.js';
import { warnOfUnmetTypes } from './unmet-types.js';

/** Parquet files on the host that were made of the rows of others. */
export type Converted = ReadonlyMap<IncomingFile, ConvertedRows>;

/** A copy whose files are converted, and who is told how many bytes of them have been read. */
interface Converting {
  readonly copy: CopyIn;
  readonly sources: readonly InspectedSource[];
  /** Ports by which sources are read. */
  readonly held: HostFileSystem;
  readonly onBytes: (count: number) => void;
}

/** A file of the host's whose rows are taken. */
type ConvertedFile = IncomingFile & { readonly hostPath: string; readonly rows: RowsFile };

const isConverted = (file: IncomingFile): file is ConvertedFile =>
  file.hostPath !== null && file.rows !== null;

/**
 * Converts what is to be taken as rows, before the writer's lock is taken, and gives `use` where the results are. They are
 * gone when it has ended.
 */
export const withConverted = <A>(
  invocation: Invocation,
  given: Converting,
  use: (converted: Converted) => TE.TaskEither<CliError, A>,
): TE.TaskEither<CliError, A> => {
  const wanted = given.sources.flatMap(({ files }) => files.filter(isConverted));
  if (wanted.length === 0) return use(new Map());
  return pipe(
    invocation,
    // Only in a pond is there a place for temporary files.
    withPond((steward) =>
      steward.read(({ withWorkspace }) =>
        withWorkspace<CliError, A>((workspace) =>
          pipe(
            seriesOf(steward, given),
            TE.flatMap((series) => convertAll(invocation, { ...given, workspace, wanted, series })),
            TE.flatMap(use),
          ),
        ),
      ),
    ),
  );
};

/** Series that files are to become versions of, by these files, and the columns that they have. */
interface SeriesBefore {
  readonly paths: ReadonlyMap<IncomingFile, PondPath>;
  readonly columns: ColumnsSoFar;
}

const seriesOf = (
  steward: Steward,
  { copy, sources }: Pick<Converting, 'copy' | 'sources'>,
): TE.TaskEither<CliError, SeriesBefore | null> =>
  sources.every(({ files }) => files.every(({ entryType }) => entryType !== 'series'))
    ? TE.right(null)
    : steward.read(({ fs }) =>
        steps<CliError, SeriesBefore>(async ({ run }) => {
          const places = await run(placesOf(fs, copy, sources));
          const paths = new Map(
            places.flatMap(({ source, target }) =>
              source.files
                .filter(({ entryType }) => entryType === 'series')
                .map((file) => [file, within(target, namesInPond(file))] as const),
            ),
          );
          const columns = columnsSoFar(fs);
          // All of them while the snapshot is held.
          for (const path of new Set(paths.values())) await columns.of(path)();
          return { paths, columns };
        }),
      );

const convertAll = (
  invocation: Invocation,
  given: Converting & {
    readonly workspace: string;
    readonly wanted: readonly ConvertedFile[];
    readonly series: SeriesBefore | null;
  },
): TE.TaskEither<CliError, Converted> =>
  withConvertingEngine<CliError, Converted>(
    invocation.program.queryEngine,
    { signal: invocation.terminal.interrupt, workspace: given.workspace },
    (engine) =>
      steps(async ({ run, fail }) => {
        const { series } = given;
        // Reading the columns opens each file once more, which is only for who has said types.
        const saysTypes = given.copy.csv.types !== undefined;
        const converted = new Map<IncomingFile, ConvertedRows>();
        const names = new Set<string>();
        for (const [number, file] of given.wanted.entries()) {
          const path = series?.paths.get(file);
          const withoutValues = (path === undefined ? undefined : await series?.columns.of(path)()) ?? null;
          const made = await run(convertOne(invocation, { ...given, engine, file, number, withoutValues }));
          converted.set(file, made);
          if (path === undefined && !saysTypes) continue;
          const columns = await columnsOfFile(invocation.program.files, made.file)();
          for (const name of [...columns.map((column) => column.name), ...Object.keys(withoutValues ?? {})])
            names.add(name);
          if (path !== undefined) {
            if (isOfNoObjects(file.rows, columns)) return fail(notObjects(file.hostPath));
            series?.columns.add(path, columns);
          }
        }
        warnOfTextByWords(invocation, given.copy.csv, converted);
        warnOfUnmetTypes(invocation, given.copy.csv, names);
        return converted;
      }),
  );

/** JSON whose rows are not objects, or have no keys, becomes a table of one column, `json`, which holds no times. */
const isOfNoObjects = ({ format }: RowsFile, columns: readonly SeriesColumn[]): boolean => {
  const [only] = columns;
  const isJson = format === 'json' && columns.length === 1 && only?.name === 'json';
  return isJson && !/^(DATE|TIMESTAMP)/.test(only.type);
};

const notObjects = (path: string): CliError => ({
  _tag: 'NotRows',
  path,
  problem: 'its rows are not objects with keys, which would be the columns of a series',
  line: null,
  remedy:
    'write each row as an object, {"time": "2026-01-31T12:00:00Z", "value": 1.5}; or copy it as a table (--as table), or as it is (without --as)',
});

const convertOne = (
  invocation: Invocation,
  {
    engine,
    copy,
    held,
    workspace,
    file: { hostPath, rows },
    number,
    withoutValues,
    onBytes,
  }: Pick<Converting, 'copy' | 'held' | 'onBytes'> & {
    readonly engine: SessionsEngine;
    readonly workspace: string;
    readonly file: ConvertedFile;
    readonly number: number;
    readonly withoutValues: Readonly<Record<string, string>> | null;
  },
): TE.TaskEither<CliError, ConvertedRows> =>
  steps(async ({ run, fail }) => {
    const { program, terminal } = invocation;
    const { files } = program;
    const before = hostFileState(held, hostPath);
    const content = incomingContent({
      bytes: held.streamFile(hostPath),
      path: hostPath,
      signal: terminal.interrupt,
      onBytes,
    });
    const converting = pipe(
      convertRows(
        { files, engine, workspace, signal: terminal.interrupt },
        { path: hostPath, bytes: content.stream },
        { rows, csv: copy.csv, withoutValues },
        number,
      ),
      TE.mapLeft((error): CliError => {
        const failure = content.failure();
        if (failure !== null) return failure;
        return error._tag === 'FileSystemError' ? hostFileFailed(error) : error;
      }),
    );
    const made = await run(converting);
    await warnOfUnmetForms(invocation, { hostPath, parquet: made.file, rows, csv: copy.csv });
    if (!isAsItWas(held, hostPath, before)) return fail({ _tag: 'HostFileChanged', path: hostPath });
    return made;
  });
