import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { SessionsEngine } from '../../ports/query-engine.js';
import { type ColumnsSoFar, columnsOfFile, columnsSoFar } from '../../series/columns-so-far.js';
import { tableOfRows, withConvertingEngine } from '../../series/convert-rows.js';
import { closedReader } from '../discovery/closed-reader.js';
import type { PondError } from '../errors.js';
import {
  convertArrival,
  type PreparedFile,
  type Preparing,
  readArrival,
  type SettledFile,
  type SpooledFile,
} from './prepare-arrival.js';

/** Files of one batch, at most: what is beyond them is the next one. */
const MOST_OF_BATCH = 1_000;
/** Milliseconds after which the files that are read already are the batch: they arrive before the others are read, too. */
const LONGEST_READ = 10_000;
/** Files that are in the workspace before their rows are looked through together, and their bytes, at most (but for the last one's). */
const FEW = 100;
const FEW_BYTES = 8 * 1024 * 1024;

/** Files of a batch that were read, and those that are left for the next one. */
export interface PreparedBatch {
  readonly prepared: readonly PreparedFile[];
  readonly left: readonly SettledFile[];
}

/**
 * Reads the files of a batch. Many are small: those whose rows are asked for are converted in one engine, and looked through several
 * at once.
 */
export const prepareBatch = (
  preparing: Preparing,
  files: readonly SettledFile[],
): TE.TaskEither<PondError, PreparedBatch> => {
  const { pond, words, workspace, signal } = preparing;
  return words.as === 'file'
    ? readFiles(preparing, null, files)
    : withConvertingEngine<PondError, PreparedBatch>(
        pond.ports.queryEngine,
        { signal, workspace },
        (engine) => readFiles(preparing, engine, files),
      );
};

/** Reads files a few at a time. `engine`: of those whose rows are asked for. */
const readFiles = (
  preparing: Preparing,
  engine: SessionsEngine | null,
  files: readonly SettledFile[],
): TE.TaskEither<PondError, PreparedBatch> =>
  steps(async ({ run }) => {
    const { clock } = preparing.pond.ports;
    const until = clock.monotonicMs() + LONGEST_READ;
    const isOver = () => clock.monotonicMs() > until;
    const prepared: PreparedFile[] = [];
    const left: SettledFile[] = [];
    const targets = new Set<string>();
    const { txnSeq } = await run(preparing.pond.tlog.head('known'));
    const columns = columnsSoFar(closedReader(await run(preparing.pond.tlog.snapshot(txnSeq))));
    for (let at = 0; at < files.length; ) {
      if (prepared.length >= MOST_OF_BATCH || (prepared.length > 0 && isOver())) {
        left.push(...files.slice(at));
        break;
      }
      const few: (PreparedFile | SpooledFile)[] = [];
      for (let bytes = 0; at < files.length && few.length < FEW && bytes < FEW_BYTES; at += 1) {
        const file = files[at] as SettledFile;
        if (prepared.length + few.length >= MOST_OF_BATCH || (few.length > 0 && isOver())) break;
        const one = await run(readArrival(preparing, file, at));
        // Two files that become one are two versions of it, one after another.
        if ('target' in one && preparing.words.as !== 'series' && targets.has(one.target)) {
          left.push(file);
          continue;
        }
        if ('target' in one) targets.add(one.target);
        few.push(one);
        bytes += file.size;
      }
      prepared.push(
        ...(engine === null
          ? few.filter(isPrepared)
          : await run(convertFew({ preparing, engine, columns }, few))),
      );
    }
    return { prepared, left };
  });

const isPrepared = (one: PreparedFile | SpooledFile): one is PreparedFile => one._tag !== 'Spooled';

/** An engine, and what is known of the series that it converts for. */
interface Converting {
  readonly preparing: Preparing;
  readonly engine: SessionsEngine;
  readonly columns: ColumnsSoFar;
}

const convertFew = (
  converting: Converting,
  few: readonly (PreparedFile | SpooledFile)[],
): TE.TaskEither<PondError, readonly PreparedFile[]> =>
  steps(async ({ run }) => {
    const tables = few.flatMap((one) => (isPrepared(one) ? [] : (tableOfRows(one.rows) ?? [])));
    await converting.engine.lookThrough(tables)();
    const converted: PreparedFile[] = [];
    for (const one of few) converted.push(isPrepared(one) ? one : await run(convertOne(converting, one)));
    return converted;
  });

/** A file without values in a column becomes what the series has there, or the files before it. */
const convertOne = (
  { preparing, engine, columns }: Converting,
  file: SpooledFile,
): TE.TaskEither<PondError, PreparedFile> =>
  steps(async ({ run }) => {
    const isVersion = preparing.words.as === 'series';
    const withoutValues = isVersion ? await columns.of(file.target)() : null;
    const made = await run(
      convertArrival(preparing, engine, { ...file, rows: { ...file.rows, withoutValues } }),
    );
    if (isVersion && made._tag === 'Ready' && made.spooled !== null)
      columns.add(file.target, await columnsOfFile(preparing.pond.ports.files, made.spooled)());
    return made;
  });
