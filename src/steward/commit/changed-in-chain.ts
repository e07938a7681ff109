import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type Chain, tasksInChain } from '../../domain/plans/chain.js';
import { printTaskId } from '../../domain/plans/task-id.js';
import { steps } from '../../effects/steps.js';
import type { DiscoveredEntry } from '../../planner/entries/discovered-entry.js';
import type { PersistenceWriter } from '../../tinyfs/persistence.js';
import { closedReader } from '../discovery/closed-reader.js';
import { discover } from '../discovery/discover.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';

/**
 * Entries that a derived commit, or an earlier one of its chain, has added, moved or changed: what a task configures
 * does not run inside that task, or there would be no end to it. Each commit of a chain keeps what was changed so far, so
 * that only the newest with the same chain has to be found.
 */
export const changedInChain = (
  pond: Pond,
  persistence: PersistenceWriter,
  chain: Chain,
): TE.TaskEither<PondError, readonly string[]> =>
  pipe(
    changedEntries(persistence),
    TE.flatMap((own) =>
      TE.fromTask(async () =>
        [...new Set([...own, ...(await changedBefore(pond, persistence.base.txnSeq, chain))])].sort(),
      ),
    ),
  );

const changedBefore = async (pond: Pond, newest: number, chain: Chain): Promise<readonly string[]> => {
  const tasks = new Set(tasksInChain(chain, pond.tlog.pondId).map(printTaskId));
  const [outermost] = tasksInChain(chain, pond.tlog.pondId);
  const same = JSON.stringify(chain);
  const changed: string[] = [];
  for (let txnSeq = newest; txnSeq > (outermost?.parentTxnSeq ?? newest); txnSeq -= 1) {
    const commit = await pond.tlog.commitOf(txnSeq)();
    // What another engine has removed from the log cannot be asked any more, nor can what was before it.
    if (isLeft(commit)) break;
    const { causedBy } = commit.right;
    if (!tasksInChain(causedBy, pond.tlog.pondId).some((task) => tasks.has(printTaskId(task)))) continue;
    changed.push(...commit.right.changedInChain);
    if (JSON.stringify(causedBy) === same) break;
  }
  return changed;
};

const changedEntries = (persistence: PersistenceWriter): TE.TaskEither<PondError, readonly string[]> =>
  steps(async ({ run }) => {
    const before = await run(discover(closedReader(persistence.base)));
    const after = await run(discover(closedReader(persistence)));
    const known = new Map(before.entries.map((entry) => [entry.path, entry]));
    return after.entries
      .filter((entry) => !isSame(entry, known.get(entry.path)))
      .map(({ path }): string => path);
  });

const isSame = (entry: DiscoveredEntry, before: DiscoveredEntry | undefined): boolean =>
  before !== undefined &&
  entry.nodeId === before.nodeId &&
  entry.entryType === before.entryType &&
  entry.nodeFactory === before.nodeFactory &&
  Buffer.from(bytesOf(entry)).equals(bytesOf(before));

const NOTHING = new Uint8Array();

const bytesOf = ({ content }: DiscoveredEntry): Uint8Array =>
  content._tag === 'Bytes' ? content.bytes : NOTHING;
