import { right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { expect, it } from 'vitest';
import type { Suppression } from '../../../src/domain/plans/suppression.js';
import { newestOwnCommit } from '../../../src/steward/planning/newest-own-commit.js';
import type { Pond } from '../../../src/steward/pond/pond.js';
import type { LoggedCommit } from '../../../src/tlogfs/tlog.js';

/** A pond whose log has these commits, each by what was suppressed after it; undefined: its entry is gone. */
const pondOf = (commits: readonly (Suppression | null | 'derived' | undefined)[]): Pond =>
  ({
    tlog: {
      pondId: 'this',
      head: () => TE.right({ version: commits.length - 1, txnSeq: commits.length }),
      commitOf: (txnSeq: number) => {
        const commit = commits[txnSeq - 1];
        if (commit === undefined) return TE.left({ _tag: 'CommitForgotten', path: '/pond', txnSeq });
        const link = { pond_id: commit === 'derived' ? 'this' : 'another', task: '1.1', config_path: '/x' };
        return TE.right({
          txnSeq,
          causedBy: [link],
          suppressed: commit === 'derived' ? null : commit,
        } as unknown as LoggedCommit);
      },
    },
  }) as unknown as Pond;

it('who asks without a number means the newest commit that no task made', async () => {
  expect(await newestOwnCommit(pondOf([null, 'no-post-commit', 'inside-task', 'derived']))()).toEqual(
    right(2),
  );
  expect(await newestOwnCommit(pondOf([null]))()).toEqual(right(1));
});

it('where tasks made all that is known, it is the newest of all', async () => {
  expect(await newestOwnCommit(pondOf([undefined, 'inside-task', 'inside-task']))()).toEqual(right(3));
  expect(await newestOwnCommit(pondOf([]))()).toEqual(right(0));
});
