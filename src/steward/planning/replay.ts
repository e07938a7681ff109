import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { childOf } from '../../domain/paths/pond-path.js';
import {
  type DiscoveredEntry,
  SCHEDULE_NAME,
  SYSTEM_DIRECTORY,
} from '../../planner/entries/discovered-entry.js';
import { type Discovery, discoveryOf } from '../discovery/discover.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { ConfigurationFile, ReplayedCommit } from '../steward.js';
import { planOfLoggedCommit } from './plan-of-commit.js';

/**
 * Plans the newest commits as if configuration files had been in `/etc/system.d`, beside what was there or in its
 * place. What a replaced dynamic node has for a factory stays. Runs and writes nothing.
 */
export const replay = (
  pond: Pond,
  { files, last }: { readonly files: readonly ConfigurationFile[]; readonly last: number },
): TE.TaskEither<PondError, readonly ReplayedCommit[]> =>
  pipe(
    pond.tlog.head(),
    TE.flatMap(({ txnSeq }) => pond.tlog.commitsAfter(Math.max(0, txnSeq - last))),
    TE.flatMap((commits) =>
      pipe(
        commits.toReversed(),
        TE.traverseSeqArray((commit) =>
          pipe(
            TE.Do,
            TE.bind('was', () => planOfLoggedCommit(pond, commit)),
            TE.bind('wouldBe', () => planOfLoggedCommit(pond, commit, withFiles(files))),
            TE.map(({ was, wouldBe }) => ({ txnSeq: commit.txnSeq, was, wouldBe })),
          ),
        ),
      ),
    ),
  );

const withFiles =
  (files: readonly ConfigurationFile[]) =>
  ({ entries, schedule, sources }: Discovery): Discovery => {
    const given = files.find(({ name }) => name === SCHEDULE_NAME)?.bytes;
    const scheduleBytes = given ?? sources.get(childOf(SYSTEM_DIRECTORY, SCHEDULE_NAME));
    const known = new Map(entries.map((entry) => [entry.path, entry]));
    const tried = files
      .filter(({ name }) => name !== SCHEDULE_NAME)
      .map(({ name, bytes }): DiscoveredEntry => {
        const path = childOf(SYSTEM_DIRECTORY, name);
        const before = known.get(path);
        return {
          path,
          entryType: before?.nodeFactory == null ? 'file' : before.entryType,
          nodeId: before?.nodeId ?? null,
          nodeFactory: before?.nodeFactory ?? null,
          content: { _tag: 'Bytes', bytes },
        };
      });
    const replaced = new Set(tried.map(({ path }) => path));
    const triedWith = discoveryOf(
      [...entries.filter(({ path }) => !replaced.has(path)), ...tried],
      scheduleBytes === undefined ? null : { _tag: 'Bytes', bytes: scheduleBytes },
    );
    // A config.yaml that could not be read is not there as bytes, and is none the better for it.
    return given === undefined ? { ...triedWith, schedule } : triedWith;
  };
