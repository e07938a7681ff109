import type * as TE from 'fp-ts/lib/TaskEither.js';
import { SCHEDULE_NAME, SYSTEM_DIRECTORY } from '../../domain/paths/configuration-paths.js';
import { childOf } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import { type Discovery, discoveryOf } from '../discovery/discover.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { ConfigurationFile, ReplayedCommit } from '../shapes/call-reports.js';
import { planOfLoggedCommit } from './plan-of-commit.js';

/**
 * Plans the newest commits as if configuration files had been in `/etc/system.d`, beside what was there or in its
 * place. What a replaced dynamic node has for a factory stays. Runs and writes nothing.
 */
export const replay = (
  pond: Pond,
  { files, last }: { readonly files: readonly ConfigurationFile[]; readonly last: number },
): TE.TaskEither<PondError, readonly ReplayedCommit[]> =>
  steps(async ({ run }) => {
    const { txnSeq } = await run(pond.tlog.head());
    const commits = await run(pond.tlog.commitsAfter(Math.max(0, txnSeq - last)));
    const replayed: ReplayedCommit[] = [];
    for (const commit of commits.toReversed()) {
      const was = await run(planOfLoggedCommit(pond, commit));
      const wouldBe = await run(planOfLoggedCommit(pond, commit, { instead: withFiles(files) }));
      replayed.push({ txnSeq: commit.txnSeq, was, wouldBe });
    }
    return replayed;
  });

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
