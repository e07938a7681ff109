import { isRight, type Right, right } from 'fp-ts/lib/Either.js';
import { expect, test, vi } from 'vitest';
import { nodeClock } from '../../src/adapters/node/node-clock.js';
import type { ControlTable } from '../../src/control/control-table.js';
import { recordTogether } from '../../src/control/record-together.js';
import type { AttemptOutcome, AttemptRecord } from '../../src/control/records/attempt-record.js';
import type { Claim, StartAttempt } from '../../src/control/records/claim.js';
import { capabilities, commit, first, must, openIn, run, start, task } from './steps.js';
import { newTable, openTable, temporaryDirectory } from './table.js';

const asked: StartAttempt = { timestamp: 50, configTxnSeq: 1, traceParent: null };
const end = { attempt: 1, timestamp: 60, durationMs: 10 };

const started = (claim: Claim): AttemptRecord => ({ _tag: 'Started', claim, attempt: asked });
const completed = (claim: Claim): AttemptRecord => ({ _tag: 'Completed', claim, end });

/** A commit of tasks `/a`, `/b`, `/c`, claimed by the runner r. */
const claimed = async (table: ControlTable): Promise<readonly Claim[]> => {
  await run(table, 'r');
  return commit(table, 1, [task(1, '/a'), task(2, '/b'), task(3, '/c')], 'r');
};

const states = async (table: ControlTable): Promise<readonly string[]> =>
  (await must(table.getPostCommitTasks(1))).map(({ state }) => state);

const tags = (outcomes: readonly { readonly _tag: string }[]): readonly string[] =>
  outcomes.map((outcome) => (isRight(outcome as Right<AttemptOutcome>) ? 'recorded' : 'refused'));

test('ends and beginnings that are recorded together are what they would be one after another', async () => {
  const table = await newTable();
  const claims = await claimed(table);
  const [a, b] = claims;
  if (a === undefined || b === undefined) throw new Error('not claimed');
  await start(table, a);
  const outcomes = await table.recordAttempts([completed(a), started(b)])();
  expect(outcomes).toMatchObject([
    { right: { _tag: 'Recorded' } },
    { right: { _tag: 'Started', attempt: 1 } },
  ]);
  expect(await states(table)).toEqual(['completed', 'started', 'pending']);
  const records = await must(table.records({ txnId: 'txn-1' }));
  expect(records.slice(-2).map(({ recordType, executionSeq }) => [recordType, executionSeq])).toEqual([
    ['post_commit_completed', 1],
    ['post_commit_started', 2],
  ]);
});

const failed = (claim: Claim): AttemptRecord => ({
  _tag: 'Failed',
  claim,
  end: { ...end, errorMessage: 'no room', next: 'release' },
});

test('what tasks of a commit have come to is what its records say, whoever ended them, and whatever somebody else has recorded since', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  const other = await openTable(directory);
  const [a, b, c] = await claimed(table);
  if (a === undefined || b === undefined || c === undefined) throw new Error('not claimed');
  for (const claim of [a, b, c]) await start(table, claim);
  const agreeing = async () => {
    const tasks = await must(table.getPostCommitTasks(1));
    expect(tasks).toEqual(await must(other.getPostCommitTasks(1)));
    return tasks.map(({ state }) => state);
  };
  await table.recordAttempts([completed(a), failed(c)])();
  expect(await agreeing()).toEqual(['completed', 'started', 'failed']);
  await table.recordAttempts([failed(b)])();
  expect(await agreeing()).toEqual(['completed', 'failed', 'failed']);
});

test('what somebody else has recorded of tasks that ended here is seen', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  const claims = await claimed(table);
  for (const claim of claims) await start(table, claim);
  await table.recordAttempts(claims.map(failed))();
  const other = await openTable(directory);
  await must(
    other.recordPostCommitDismissed([{ parentTxnSeq: 1, executionSeq: 2 }], { timestamp: 70, reason: null }),
  );
  expect(await states(table)).toEqual(['failed', 'dismissed', 'failed']);
});

test('tasks that all ended in one process are not read again for their commit, once', async () => {
  let read = 0;
  const databases: typeof capabilities.databases = {
    open: (path, options) => () => {
      const opened = capabilities.databases.open(path, options)();
      if (opened._tag === 'Left') return opened;
      const { query } = opened.right;
      const counted: typeof query = (sql, parameters) => {
        if (sql.includes('SELECT control_table.*')) read += 1;
        return query(sql, parameters);
      };
      return { ...opened, right: { ...opened.right, query: counted } };
    },
  };
  const directory = temporaryDirectory();
  const table = await openTable(directory, { ...capabilities, databases });
  const claims = await claimed(table);
  for (const claim of claims) await start(table, claim);
  await table.recordAttempts(
    claims.map((claim) => (claim.executionSeq === 2 ? failed(claim) : completed(claim))),
  )();
  const ended = await must(table.getPostCommitTasks(1));
  expect(read).toBe(0);
  expect(ended).toEqual(await must(table.getPostCommitTasks(1)));
  expect(read).toBe(1);
});

test('a record that is refused takes none of the others with it, and leaves nothing of itself', async () => {
  const table = await newTable();
  const claims = await claimed(table);
  const [a, b, c] = claims;
  if (a === undefined || b === undefined || c === undefined) throw new Error('not claimed');
  await start(table, a);
  const stale = { ...b, token: b.token + 100 };
  const outcomes = await table.recordAttempts([completed(a), started(stale), started(c)])();
  expect(tags(outcomes)).toEqual(['recorded', 'refused', 'recorded']);
  expect(outcomes[1]).toMatchObject({ left: { _tag: 'StaleToken', task: '1.2' } });
  expect(await states(table)).toEqual(['completed', 'pending', 'started']);
});

/** Databases that count durable transactions. */
const counting = () => {
  let durable = 0;
  const databases: typeof capabilities.databases = {
    open: (path, options) => () => {
      const opened = capabilities.databases.open(path, options)();
      if (opened._tag === 'Left') return opened;
      const database = opened.right;
      return {
        ...opened,
        right: {
          ...database,
          transaction: (durability, body) => {
            if (durability === 'durable') durable += 1;
            return database.transaction(durability, body);
          },
        },
      };
    },
  };
  return { using: { ...capabilities, databases }, count: () => durable };
};

test('records that are asked for in one turn share one durable transaction, in their order', async () => {
  const { using, count } = counting();
  const table = await openTable(temporaryDirectory(), using);
  const claims = await claimed(table);
  const records = recordTogether(table, nodeClock);
  const before = count();
  const outcomes = await Promise.all(claims.map((claim) => records.started(claim, asked)()));
  expect(outcomes.every(isRight)).toBe(true);
  expect(count() - before).toBe(1);
  await Promise.all(claims.map((claim) => records.ended(claim, { _tag: 'Completed', end })()));
  expect(count() - before).toBe(2);
  expect(await states(table)).toEqual(['completed', 'completed', 'completed']);
});

test('nobody is told of a record before the transaction that holds it has committed', async () => {
  const directory = temporaryDirectory();
  const table = await openTable(directory);
  const claims = await claimed(table);
  const other = await openTable(directory);
  const records = recordTogether(table, nodeClock);
  const seen = await Promise.all(
    claims.map(async (claim) => {
      await records.started(claim, asked)();
      return first((await states(other)).slice(claim.executionSeq - 1));
    }),
  );
  expect(seen).toEqual(['started', 'started', 'started']);
});

test('a defect of the table reaches everybody who waited for that transaction, and nobody after it', async () => {
  const table = await newTable();
  const claims = await claimed(table);
  let broken = true;
  const records = recordTogether(
    {
      recordAttempts: (asked) => async () => {
        if (broken) throw new Error('broken');
        return table.recordAttempts(asked)();
      },
    },
    nodeClock,
  );
  const all = await Promise.allSettled(claims.map((claim) => records.started(claim, asked)()));
  expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  broken = false;
  expect(await records.started(first(claims), asked)()).toMatchObject({ right: { _tag: 'Started' } });
});

test('a process that dies between the effects and their common commit leaves all as started: interrupted, not lost', async () => {
  const directory = temporaryDirectory();
  // Never closed in order: its locks go with `close`, as with the process.
  const dying = await openIn(directory);
  const claims = await claimed(dying);
  await dying.recordAttempts(claims.map(started))();
  // Here all three have had their effects, and none of the ends was recorded.
  dying.close();
  const table = await openTable(directory);
  await run(table, 's');
  const { claimed: again } = await must(table.claim('s', claims));
  const outcomes = await table.recordAttempts(again.map(started))();
  expect(outcomes.map((outcome) => isRight(outcome) && outcome.right)).toMatchObject([
    { _tag: 'Started', attempt: 2 },
    { _tag: 'Started', attempt: 2 },
    { _tag: 'Started', attempt: 2 },
  ]);
});

/** A table that says when it is asked, and whether it claims something each time; each transaction waits to be let go on. */
const slowTable = (claims: readonly boolean[]) => {
  const events: string[] = [];
  const goOn: (() => void)[] = [];
  const records = recordTogether(
    {
      recordAttempts: (asked, onClaimed) => async () => {
        const turn = goOn.length;
        events.push(`asked ${asked.map(({ claim }) => claim.configPath).join(' ')}`);
        await new Promise<void>((resolve) => goOn.push(resolve));
        if (claims[turn] === true) onClaimed?.();
        return asked.map(() => right({ _tag: 'Recorded' }));
      },
    },
    nodeClock,
  );
  const ended = async (configPath: string): Promise<void> => {
    await records.ended({ configPath } as Claim, { _tag: 'Completed', end })();
    events.push(`told ${configPath}`);
  };
  return { events, goOn, ended };
};

test('what comes of ends is gone through once the ends of what was claimed with them are on their way, and not before', async () => {
  const { events, goOn, ended } = slowTable([true, false]);
  const first = ended('/a');
  await vi.waitFor(() => expect(goOn.length).toBe(1));
  goOn[0]?.();
  // What was claimed ends in the turn in which it began.
  const second = ended('/b');
  await first;
  expect(events).toEqual(['asked /a', 'asked /b', 'told /a']);
  goOn[1]?.();
  await second;
  expect(events.at(-1)).toBe('told /b');
});

test('nobody waits for what goes on for longer, nor where nothing was claimed', async () => {
  for (const claims of [[true], [false]]) {
    const { events, goOn, ended } = slowTable(claims);
    const first = ended('/a');
    await vi.waitFor(() => expect(goOn.length).toBe(1));
    goOn[0]?.();
    await first;
    expect(events).toEqual(['asked /a', 'told /a']);
    const second = ended('/b');
    await vi.waitFor(() => expect(goOn.length).toBe(2));
    goOn[1]?.();
    await second;
  }
});
