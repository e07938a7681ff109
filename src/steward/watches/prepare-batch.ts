import type * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { MEMORY_LIMIT } from '../../series/convert-rows.js';
import type { PondError } from '../errors.js';
import { type PreparedFile, type Preparing, prepareArrival, type SettledFile } from './prepare-arrival.js';

/** Files of one batch, at most: what is beyond them is the next one. */
const MOST_OF_BATCH = 1_000;
/** Milliseconds after which the files that are read already are the batch: they arrive before the others are read, too. */
const LONGEST_READ = 10_000;

/** Files of a batch that were read, and those that are left for the next one. */
export interface PreparedBatch {
  readonly prepared: readonly PreparedFile[];
  readonly left: readonly SettledFile[];
}

/** Reads the files of a batch. Many are small: those whose rows are asked for are converted in one engine. */
export const prepareBatch = (
  preparing: Omit<Preparing, 'engine'>,
  files: readonly SettledFile[],
): TE.TaskEither<PondError, PreparedBatch> => {
  const { pond, words, workspace, signal } = preparing;
  const { queryEngine } = pond.ports;
  const reading = (engine: Preparing['engine']) => readFiles({ ...preparing, engine }, files);
  return words.as === 'file'
    ? reading(queryEngine)
    : queryEngine.sessions<PondError, PreparedBatch>(
        { signal, workspace, memoryLimit: MEMORY_LIMIT },
        reading,
      );
};

const readFiles = (
  preparing: Preparing,
  files: readonly SettledFile[],
): TE.TaskEither<PondError, PreparedBatch> =>
  steps(async ({ run }) => {
    const { clock } = preparing.pond.ports;
    const until = clock.monotonicMs() + LONGEST_READ;
    const prepared: PreparedFile[] = [];
    const left: SettledFile[] = [];
    const targets = new Set<string>();
    for (const [number, file] of files.entries()) {
      if (prepared.length === MOST_OF_BATCH || (prepared.length > 0 && clock.monotonicMs() > until)) {
        left.push(...files.slice(number));
        break;
      }
      const one = await run(prepareArrival(preparing, file, number));
      // Two files that become one are two versions of it, one after another.
      if (one._tag === 'Ready' && preparing.words.as !== 'series' && targets.has(one.target)) {
        left.push(file);
        continue;
      }
      if (one._tag === 'Ready') targets.add(one.target);
      prepared.push(one);
    }
    return { prepared, left };
  });
