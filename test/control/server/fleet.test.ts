import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { nodeClock } from '../../../src/adapters/node/node-clock.js';
import { postgresServers } from '../../../src/adapters/postgres/postgres-server.js';
import { type Beginning, NOTHING_BEGINS, type ReadyClaim } from '../../../src/control/fleet-table.js';
import { openServerControl, type ServerControl } from '../../../src/control/open-server-control.js';
import type { Claim } from '../../../src/control/records/claim.js';
import type { KeptPlace } from '../../../src/control/records/commit-record.js';
import { schemaOf } from '../../../src/control/server/install-schema.js';
import { printTaskId } from '../../../src/domain/plans/task-id.js';
import { begin, commit, failure, must, run, start, task, txnIdOf } from '../steps.js';
import { temporaryDirectory } from '../table.js';
import { pondOf, SERVER } from './on-server.js';

const end = { attempt: 1, timestamp: 60, durationMs: 1 };

const opened = async (pondId = pondOf(temporaryDirectory())) => {
  const control = await must(
    openServerControl({ servers: postgresServers, clock: nodeClock, onLost: () => undefined })(
      String(SERVER),
      pondId,
      { create: true },
    ),
  );
  onTestFinished(control.table.close);
  return control;
};

type Place = Partial<Omit<KeptPlace, 'executionSeq'>> & { readonly path?: string };

/** A commit whose tasks nobody has claimed, with their places, the first is task 1. */
const commitOf = async (
  { table }: ServerControl,
  txnSeq: number,
  places: readonly Place[],
  {
    setup = null,
    traceParent = null,
  }: { readonly setup?: string | null; readonly traceParent?: string | null } = {},
) => {
  await begin(table, txnSeq);
  await must(
    table.recordDataCommitted({
      txnSeq,
      txnId: txnIdOf(txnSeq),
      basedOnSeq: txnSeq - 1,
      timestamp: 5,
      dataFsVersion: txnSeq,
      durationMs: 1,
      traceParent,
      setup,
      claimedBy: null,
      plan: { checksum: `plan of ${txnSeq}`, plan: { tasks: places.length } },
      tasks: places.map(({ path }, place) => task(place + 1, path ?? `/etc/${place + 1}`)),
      places: places.map((place, index) => ({
        needs: [],
        stage: 0,
        sideBySide: 100,
        queue: 'any',
        host: null,
        ...place,
        executionSeq: index + 1,
      })),
    }),
  );
};

const workerAt = (runnerId: string, queues = ['any'], host = 'here') => ({ runnerId, queues, host });

const take = async ({ fleet }: ServerControl, runnerId: string, limit = 100, now = 1_000) =>
  must(fleet.claimReady(workerAt(runnerId), { limit, now, beginning: NOTHING_BEGINS, held: [] }));

const named = (claims: readonly Claim[]): readonly string[] => claims.map(printTaskId).toSorted();

const finish = async ({ table }: ServerControl, claim: Claim) => {
  await start(table, claim);
  await must(table.recordPostCommitCompleted(claim, { ...end, attempt: claim.attempts + 1 }));
};

const only = (claims: readonly Claim[], name: string): Claim => {
  const found = claims.find((claim) => printTaskId(claim) === name);
  if (found === undefined) throw new Error(`${name} was not claimed`);
  return found;
};

test.skipIf(SERVER === undefined)(
  'a task is taken when all that it needs, and every earlier stage, has ended, and by one worker',
  async () => {
    const control = await opened();
    await run(control.table, 'a');
    await run(control.table, 'b');
    await commitOf(control, 1, [{}, { needs: [1] }, { needs: [1, 2] }, { stage: 1 }]);
    const first = await take(control, 'a');
    expect(named(first)).toEqual(['1.1']);
    expect(await take(control, 'b')).toEqual([]);
    await finish(control, only(first, '1.1'));
    const second = await take(control, 'b');
    expect(named(second)).toEqual(['1.2']);
    const claim = only(second, '1.2');
    await start(control.table, claim);
    await must(
      control.table.recordPostCommitFailed(claim, { ...end, errorMessage: 'broken', next: 'release' }),
    );
    const third = await take(control, 'a');
    expect(named(third)).toEqual(['1.3']);
    await finish(control, only(third, '1.3'));
    expect(named(await take(control, 'a'))).toEqual(['1.4']);
  },
);

test.skipIf(SERVER === undefined)(
  'of one path one task is taken at a time, the earliest commit first; of one commit no more than may run side by side',
  async () => {
    const control = await opened();
    await run(control.table, 'a');
    await commitOf(control, 1, [{ path: '/x' }, { path: '/y' }]);
    await commitOf(control, 2, [{ path: '/x' }, { path: '/z' }]);
    await commitOf(
      control,
      3,
      ['/1', '/2', '/3'].map((path) => ({ path, sideBySide: 2 })),
    );
    const taken = await take(control, 'a');
    expect(named(taken)).toEqual(['1.1', '1.2', '2.2', '3.1', '3.2']);
    await finish(control, only(taken, '1.1'));
    await finish(control, only(taken, '3.2'));
    expect(named(await take(control, 'a'))).toEqual(['2.1', '3.3']);
  },
);

test.skipIf(SERVER === undefined)(
  'tasks of queues and machines that a worker is not of, whose time has not come, or that it has refused, are left to others',
  async () => {
    const control = await opened();
    await run(control.table, 'a');
    await run(control.table, 'b');
    await commitOf(control, 1, [{ queue: 'gpu' }, { host: 'THERE' }, {}, {}]);
    const taken = await take(control, 'a');
    expect(named(taken)).toEqual(['1.3', '1.4']);
    const later = only(taken, '1.3');
    await start(control.table, later);
    await must(
      control.table.recordPostCommitFailed(later, {
        ...end,
        errorMessage: 'later',
        next: { notBefore: 5_000 },
      }),
    );
    await must(control.fleet.refuse(only(taken, '1.4'), { reason: 'not known here', all: false }));
    expect(await take(control, 'a')).toEqual([]);
    expect(await must(control.fleet.nextBeginning(1_000))).toBe(5_000);
    await must(control.fleet.announceWorker({ ...workerAt('a'), concurrency: 1 }));
    expect(await must(control.fleet.untaken(1_000))).toEqual([
      expect.objectContaining({ executionSeq: 1, reasons: ['it waits in the queue "gpu" (queue: gpu)'] }),
      expect.objectContaining({ executionSeq: 2, reasons: ['it runs on the machine "THERE" (host: THERE)'] }),
      expect.objectContaining({ executionSeq: 4, configPath: '/etc/4', reasons: ['not known here'] }),
    ]);
    const other = workerAt('b', ['any', 'gpu'], 'there.example.org');
    expect(
      named(
        await must(
          control.fleet.claimReady(other, { limit: 9, now: 6_000, beginning: NOTHING_BEGINS, held: [] }),
        ),
      ),
    ).toEqual(['1.1', '1.2', '1.3', '1.4']);
  },
);

test.skipIf(SERVER === undefined)(
  'what a dead worker held is swept by anybody, and run again under a newer token; its own late end is refused and counted',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const [mine, others] = [await opened(pondId), await opened(pondId)];
    await run(mine.table, 'a');
    await run(others.table, 'b');
    await commitOf(mine, 1, [{}]);
    const old = only(await take(mine, 'a'), '1.1');
    await start(mine.table, old);
    expect(await must(others.fleet.sweep())).toBe(0);
    mine.table.abandonRunner('a');
    for (let swept = 0; swept === 0; ) swept = await must(others.fleet.sweep());
    const again = only(await take(others, 'b'), '1.1');
    expect(again).toMatchObject({ attempts: 1 });
    expect(again.token).toBeGreaterThan(old.token);
    expect(await start(others.table, again)).toMatchObject({ _tag: 'Started', attempt: 2 });
    expect(await failure(mine.table.recordPostCommitCompleted(old, end))).toMatchObject({
      _tag: 'StaleToken',
    });
    await must(others.table.recordPostCommitCompleted(again, { ...end, attempt: 2 }));
    expect(await must(others.fleet.staleRefused())).toBe(1);
  },
);

test.skipIf(SERVER === undefined)(
  'nothing else of a path is taken before an attempt of it whose worker has died is closed, by a worker either that had refused the task',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const [mine, others] = [await opened(pondId), await opened(pondId)];
    await run(mine.table, 'a');
    for (const runnerId of ['b', 'c']) await run(others.table, runnerId);
    await commitOf(mine, 1, [{ path: '/x' }]);
    await commitOf(mine, 2, [{ path: '/x' }, { path: '/y' }]);
    const [given] = await take(others, 'b', 1);
    if (given === undefined) throw new Error('not claimed');
    await must(others.fleet.refuse(given, { reason: 'the store could not be reached', all: true }));
    const old = only(await take(mine, 'a', 1), '1.1');
    await start(mine.table, old);
    mine.table.abandonRunner('a');
    for (let swept = 0; swept === 0; ) swept = await must(others.fleet.sweep());
    expect(named(await take(others, 'b'))).toEqual(['2.2']);
    const again = only(await take(others, 'c'), '1.1');
    await finish(others, again);
    expect(named(await take(others, 'b'))).toEqual(['2.1']);
  },
);

test.skipIf(SERVER === undefined)(
  'of several attempts of a path that the dead have left open the earliest is taken over first, each after the other',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const [mine, others] = [await opened(pondId), await opened(pondId)];
    await run(others.table, 'b');
    // Commits that run their tasks themselves, one after another, and are interrupted.
    for (const txnSeq of [1, 2, 3]) {
      const runnerId = `writer ${txnSeq}`;
      await run(mine.table, runnerId);
      const [claim] = await commit(mine.table, txnSeq, [task(1, '/x')], runnerId);
      if (claim === undefined) throw new Error('not claimed');
      expect(await start(mine.table, claim)).toMatchObject({ _tag: 'Started' });
      mine.table.abandonRunner(runnerId);
      for (let swept = 0; swept === 0; ) swept = await must(others.fleet.sweep());
    }
    await commitOf(mine, 4, [{ path: '/x' }]);
    for (const name of ['1.1', '2.1', '3.1', '4.1']) {
      const taken = await take(others, 'b');
      expect(named(taken)).toEqual([name]);
      await finish(others, only(taken, name));
    }
  },
);

test.skipIf(SERVER === undefined)(
  'the tasks of a firing have an order of their own, and change nothing about those of the commit that it came after',
  async () => {
    const control = await opened();
    await run(control.table, 'a');
    await run(control.table, 'b');
    await commitOf(control, 1, [{}, { needs: [1] }, { needs: [2] }]);
    await finish(control, only(await take(control, 'a'), '1.1'));
    const order = { needs: [], stage: 0, sideBySide: 9, queue: 'any', host: null };
    const recorded = await must(
      control.table.recordFiring({
        name: '/etc/schedule.d/x@2026-01-01T00:00Z',
        configPath: '/etc/schedule.d/x',
        dueAt: 1,
        timestamp: 1,
        txnSeq: 1,
        configTxnSeq: 1,
        traceParent: null,
        missed: null,
        standsFor: null,
        claimedBy: 'b',
        tasks: [
          { place: 0, factoryName: 'f', configPath: '/etc/schedule.d/x', rejected: null, order },
          {
            place: 1,
            factoryName: 'f',
            configPath: '/etc/after',
            rejected: null,
            order: { ...order, needs: [0] },
          },
        ],
      }),
    );
    if (recorded._tag !== 'Recorded') throw new Error(recorded._tag);
    for (const claim of recorded.claims) await must(control.table.release(claim));
    const paths = (claims: readonly Claim[]) => claims.map(({ configPath }) => configPath).toSorted();
    const taken = await take(control, 'a');
    expect(paths(taken)).toEqual(['/etc/2', '/etc/schedule.d/x']);
    await must(control.fleet.refuse(only(taken, '1.2'), { reason: 'not trusted', all: true }));
    const [fired] = taken.filter(({ firing }) => firing !== undefined);
    if (fired === undefined) throw new Error('the firing was not taken');
    await must(control.table.release(fired));
    // What was refused of the commit is not refused of the firing after it.
    const again = await take(control, 'a');
    expect(paths(again)).toEqual(['/etc/schedule.d/x']);
    for (const claim of again) await finish(control, claim);
    expect(paths(await take(control, 'b'))).toEqual(['/etc/2', '/etc/after']);
  },
);

test.skipIf(SERVER === undefined)(
  'a plain start tells of what it waited for what any other start would tell',
  async () => {
    const control = await opened();
    const { table } = control;
    await run(table, 'a');
    const conditions = {
      ...({ runWhen: 'success', ifSuperseded: 'run', watchedBy: [] } as const),
      place: { pondId: 'p', incarnation: null },
    };
    const outcomes: unknown[] = [];
    for (const txnSeq of [1, 2]) {
      await commitOf(control, txnSeq, [{}, { needs: [1] }]);
      const needed = only(await take(control, 'a'), `${txnSeq}.1`);
      await start(table, needed);
      await must(table.recordPostCommitCompleted(needed, { ...end, report: { rows: txnSeq } }));
      const claim = only(await take(control, 'a'), `${txnSeq}.2`);
      const started = await must(
        table.recordPostCommitStarted(claim, {
          timestamp: 70,
          configTxnSeq: txnSeq,
          traceParent: null,
          conditions: { ...conditions, waitsFor: [1] },
        }),
      );
      outcomes.push(started._tag === 'Started' ? started.outcomes : started);
      await must(table.recordPostCommitCompleted(claim, end));
    }
    const about = {
      configPath: '/etc/1',
      state: 'completed',
      countsAs: 'completed',
      error: null,
      failingSince: null,
      notice: null,
    };
    expect(outcomes).toEqual([
      [{ ...about, task: '1.1', previousState: null, report: { rows: 1 } }],
      [{ ...about, task: '2.1', previousState: 'completed', report: { rows: 2 } }],
    ]);
  },
);

test.skipIf(SERVER === undefined)(
  'the place of a task that ends is taken in the same transaction, and nobody is told of a claim that was rolled back',
  async () => {
    const control = await opened();
    const { table, fleet } = control;
    await run(table, 'a');
    await commitOf(control, 1, [{}, { needs: [1] }, { needs: [1] }, { needs: [1, 2] }]);
    const [first] = await take(control, 'a');
    if (first === undefined) throw new Error('nothing was claimed');
    await start(table, first);
    const delivered: string[][] = [];
    const asked: string[][] = [];
    const all: boolean[] = [];
    fleet.claimWithEnds({
      worker: workerAt('a'),
      held: () => [],
      now: () => 1_000,
      beginning: () => NOTHING_BEGINS,
      wanted: (ended) => {
        asked.push(ended.map(printTaskId));
        return asked.length < 3 ? ended.length : 9;
      },
      deliver: (claims, isAll) => {
        delivered.push(claims.map((claim) => `${printTaskId(claim)} ${claim.needsCompleted}`));
        all.push(isAll);
      },
    });
    const completed = { _tag: 'Completed', claim: first, end } as const;
    const stale = { _tag: 'Completed', claim: { ...first, token: 999 }, end } as const;
    const [refused] = await table.recordAttempts([stale])();
    expect(refused).toMatchObject({ left: { _tag: 'StaleToken' } });
    expect(delivered).toEqual([[]]);
    expect(await table.recordAttempts([completed])()).toMatchObject([{ right: { _tag: 'Recorded' } }]);
    expect(delivered).toEqual([[], ['1.2 true']]);
    expect(asked).toEqual([['1.1'], ['1.1']]);
    // One place was wanted, and 1.3 is ready, too: whoever has another place has to look.
    expect(all).toEqual([false, false]);
    const [third] = await take(control, 'a', 1);
    if (third === undefined) throw new Error('nothing was claimed');
    expect(third).toMatchObject({ executionSeq: 3, needsCompleted: true });
    await start(table, third);
    expect(await table.recordAttempts([{ ...completed, claim: third }])()).toMatchObject([
      { right: { _tag: 'Recorded' } },
    ]);
    expect([delivered.at(-1), all.at(-1)]).toEqual([[], true]);
    fleet.claimWithEnds(null);
  },
);

test.skipIf(SERVER === undefined)(
  'a task whose attempt has failed and that is tried again at once keeps its place: nothing is claimed for it',
  async () => {
    const control = await opened();
    const { table, fleet } = control;
    await run(table, 'a');
    await commitOf(control, 1, [{}, {}]);
    const [claim] = await take(control, 'a', 1);
    if (claim === undefined) throw new Error('nothing was claimed');
    await start(table, claim);
    const freed: (readonly string[])[] = [];
    const delivered: number[] = [];
    fleet.claimWithEnds({
      worker: workerAt('a'),
      held: () => [],
      now: () => 1_000,
      beginning: () => NOTHING_BEGINS,
      wanted: (ended) => {
        freed.push(ended.map(printTaskId));
        return ended.length;
      },
      deliver: (claims) => {
        delivered.push(claims.length);
      },
    });
    const failed = { ...end, errorMessage: 'not yet' };
    for (const next of ['retry', 'release'] as const) {
      expect(
        await table.recordAttempts([{ _tag: 'Failed', claim, end: { ...failed, next } }])(),
      ).toMatchObject([{ right: { _tag: 'Recorded' } }]);
      if (next === 'retry') await start(table, claim);
      failed.attempt += 1;
    }
    expect([freed, delivered]).toEqual([
      [[], ['1.1']],
      [0, 1],
    ]);
    fleet.claimWithEnds(null);
  },
);

test.skipIf(SERVER === undefined)(
  'an unfinished task or a claim before the place where they are looked for is found by who checks the table',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const control = await opened(pondId);
    await run(control.table, 'a');
    await commitOf(control, 1, [{}, {}]);
    await take(control, 'a', 1);
    expect(await must(control.fleet.check())).toMatchObject({ states: [] });
    await damage(pondId, ['UPDATE unfinished_from SET parent_txn_seq = 1, execution_seq = 2, token = 9']);
    const { states } = await must(control.fleet.check());
    expect(states.map(({ task, derived }) => [task, derived])).toEqual([
      ['1.1', 'claimed'],
      ['1.1', 'unfinished'],
    ]);
    await damage(pondId, ['DELETE FROM unfinished_from']);
    expect((await must(control.fleet.check())).states).toHaveLength(3);
  },
);

const beginningIn = (txnSeqs: readonly number[], wanted: number): Beginning => ({
  commits: txnSeqs.map((txnSeq) => ({
    txnId: txnIdOf(txnSeq),
    traceStart: `00-${'a'.repeat(32)}-`,
    traceEnd: '-00',
  })),
  setups: [],
  spanIds: Array.from({ length: wanted }, (_, place) => String(place + 1).padStart(16, '0')),
});

test.skipIf(SERVER === undefined)(
  'attempts begin with their claims where that is plain, and are told what those that are asked for are told',
  async () => {
    const control = await opened();
    const { table, fleet } = control;
    await run(table, 'a');
    await commitOf(control, 1, [{}, { needs: [1] }, { needs: [1] }, { needs: [2, 3] }]);
    await commitOf(control, 2, [{ path: '/etc/other' }]);
    const began: string[] = [];
    const toEnd: ReadyClaim[] = [];
    const say = (claims: readonly ReadyClaim[]) => {
      toEnd.push(...claims);
      for (const claim of claims) {
        const { begun } = claim;
        const told = begun?.outcomes.map(({ task, report }) => `${task} ${JSON.stringify(report)}`) ?? [];
        began.push(`${printTaskId(claim)} ${begun?.traceParent.slice(36, 52) ?? 'no'} ${told.join(', ')}`);
      }
    };
    fleet.claimWithEnds({
      worker: workerAt('a'),
      held: () => [],
      now: () => 1_000,
      beginning: (wanted) => beginningIn([1], wanted),
      wanted: () => 3,
      deliver: say,
    });
    say(
      await must(
        fleet.claimReady(workerAt('a'), { limit: 9, now: 1_000, beginning: beginningIn([1], 9), held: [] }),
      ),
    );
    for (let claim = toEnd.shift(); claim !== undefined; claim = toEnd.shift()) {
      if (claim.begun === null) await start(table, claim);
      const report = { rows: claim.executionSeq };
      const ended = await table.recordAttempts([{ _tag: 'Completed', claim, end: { ...end, report } }])();
      expect(ended).toMatchObject([{ right: { _tag: 'Recorded' } }]);
    }
    fleet.claimWithEnds(null);
    expect(began).toEqual([
      '1.1 0000000000000001 ',
      '2.1 no ',
      '1.2 0000000000000001 1.1 {"rows":1}',
      '1.3 0000000000000002 1.1 {"rows":1}',
      '1.4 0000000000000001 1.2 {"rows":2}, 1.3 {"rows":3}',
    ]);
    const records = await must(table.records({ txnSeq: 1 }));
    expect(
      records
        .filter(({ recordType }) => recordType === 'post_commit_started')
        .map(({ attempt, configTxnSeq, traceParent }) => ({ attempt, configTxnSeq, traceParent })),
    ).toMatchObject(
      ['1', '1', '2', '1'].map((span) => ({
        attempt: 1,
        configTxnSeq: 1,
        traceParent: `00-${'a'.repeat(32)}-${span.padStart(16, '0')}-00`,
      })),
    );
    expect(await must(fleet.check())).toMatchObject({ states: [], danglingClaims: [], pathsRunTwice: [] });
  },
);

test.skipIf(SERVER === undefined)(
  'attempts of commits that nobody has looked at begin with their claims where another commit that is set up as theirs was looked at, in the trace of their own',
  async () => {
    const control = await opened();
    const { table, fleet } = control;
    await run(table, 'a');
    const traceOf = (digit: string) => `00-${digit.repeat(32)}-${'e'.repeat(16)}-01`;
    await commitOf(control, 1, [{ path: '/etc/1' }], { setup: 'one', traceParent: traceOf('a') });
    await commitOf(control, 2, [{ path: '/etc/2' }], { setup: 'another', traceParent: traceOf('b') });
    await commitOf(control, 3, [{ path: '/etc/3' }, { path: '/etc/4', needs: [1] }], {
      setup: 'one',
      traceParent: traceOf('c'),
    });
    await commitOf(control, 4, [{ path: '/etc/5' }], { setup: 'one', traceParent: 'no trace' });
    for (const [txnSeq, tasks] of [
      [5, 16],
      [6, 17],
    ] as const)
      await commitOf(
        control,
        txnSeq,
        Array.from({ length: tasks }, (_, place) => ({
          path: `/etc/${txnSeq}/${place + 1}`,
          needs: place === 0 ? [] : [1],
        })),
        { setup: 'one', traceParent: traceOf(String(txnSeq)) },
      );
    const beginning = { ...beginningIn([], 9), setups: ['not this one', 'one'] };
    const claims = await must(fleet.claimReady(workerAt('a'), { limit: 9, now: 1_000, beginning, held: [] }));
    const told = claims.map((claim) => [
      printTaskId(claim),
      claim.begun?.traceParent ?? 'no',
      claim.dataFsVersion,
    ]);
    expect(told).toEqual([
      ['1.1', `00-${'a'.repeat(32)}-0000000000000001-01`, 1],
      ['2.1', 'no', 2],
      ['3.1', `00-${'c'.repeat(32)}-0000000000000003-01`, 3],
      ['4.1', 'no', 4],
      ['5.1', `00-${'5'.repeat(32)}-0000000000000005-01`, 5],
      // To look at a commit of many takes a while, for which its first attempt would only be said to have begun.
      ['6.1', 'no', 6],
    ]);
    const began = (await must(table.records({}))).filter(
      ({ recordType }) => recordType === 'post_commit_started',
    );
    expect(began.map(({ txnSeq, attempt, configTxnSeq }) => [txnSeq, attempt, configTxnSeq])).toEqual([
      [1, 1, 1],
      [3, 1, 3],
      [5, 1, 5],
    ]);
    expect(await must(fleet.check())).toMatchObject({ states: [], danglingClaims: [], pathsRunTwice: [] });
  },
);

test.skipIf(SERVER === undefined)(
  'what is asked for practice takes nothing, and leaves nothing in the tables',
  async () => {
    const control = await opened();
    const { table, fleet } = control;
    await run(table, 'a');
    await commitOf(control, 1, [{}, { needs: [1] }]);
    const before = await must(table.records({ txnSeq: 1 }));
    await must(fleet.rehearse(workerAt('a')));
    expect(await must(table.records({ txnSeq: 1 }))).toEqual(before);
    expect(await must(fleet.check())).toMatchObject({ states: [], danglingClaims: [], pathsRunTwice: [] });
    expect(named(await take(control, 'a'))).toEqual(['1.1']);
  },
);

test.skipIf(SERVER === undefined)(
  'one question tells with what a commit is opened: its first trace, and its plan where it has one',
  async () => {
    const { table, fleet } = await opened();
    await commit(table, 1, [task(1, '/x')]);
    await begin(table, 2);
    expect(await must(fleet.openingOf(txnIdOf(1)))).toEqual({
      traceParent: '00-1',
      plan: { checksum: 'plan of 1', text: '{"tasks":1}' },
    });
    expect(await must(fleet.openingOf(txnIdOf(2)))).toEqual({ traceParent: null, plan: null });
  },
);

test.skipIf(SERVER === undefined)(
  'no attempt begins with its claim where another has been made before, or what it waited for has failed',
  async () => {
    const control = await opened();
    const { table, fleet } = control;
    await run(table, 'a');
    const claimed = async () => {
      const asked = { limit: 9, now: 9_000, beginning: beginningIn([1, 2], 9), held: [] };
      const claims = await must(fleet.claimReady(workerAt('a'), asked));
      return claims.map((claim) => ({ claim, said: `${printTaskId(claim)} ${claim.begun !== null}` }));
    };
    await commitOf(control, 1, [{ path: '/etc/1' }, { path: '/etc/2' }, { path: '/etc/3', needs: [2] }]);
    const first = await claimed();
    expect(first.map(({ said }) => said)).toEqual(['1.1 true', '1.2 true']);
    const [one, two] = first.map(({ claim }) => claim);
    if (one === undefined || two === undefined) throw new Error('nothing was claimed');
    const failed = { ...end, errorMessage: 'on purpose' };
    await must(table.recordPostCommitFailed(one, { ...failed, next: { notBefore: 2_000 } }));
    await must(table.recordPostCommitFailed(two, { ...failed, next: 'release' }));
    // One is its second attempt, the other waited for what has failed.
    expect((await claimed()).map(({ said }) => said)).toEqual(['1.1 false', '1.3 false']);
  },
);

test.skipIf(SERVER === undefined)(
  'a claim says whether what it waits for has completed: after a failure that is to be looked at',
  async () => {
    const control = await opened();
    await run(control.table, 'a');
    await commitOf(control, 1, [{}, { needs: [1] }]);
    const claim = only(await take(control, 'a'), '1.1');
    await start(control.table, claim);
    await must(
      control.table.recordPostCommitFailed(claim, { ...end, errorMessage: 'broken', next: 'release' }),
    );
    expect(await take(control, 'a')).toMatchObject([{ executionSeq: 2, needsCompleted: false }]);
  },
);

test.skipIf(SERVER === undefined)(
  'a check finds what is kept of tasks, plans and claims and is not what the records add up to',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const control = await opened(pondId);
    await run(control.table, 'a');
    await commitOf(control, 1, [{}, { needs: [1] }, {}]);
    await finish(control, only(await take(control, 'a'), '1.1'));
    const sound = await must(control.fleet.check());
    // The plans of these tests have checksums of their own.
    expect(sound).toMatchObject({
      checked: { tasks: 3, plans: 1, runners: 1, claims: 1 },
      states: [],
      missingPlans: [],
      damagedPlans: [{ checksum: 'plan of 1' }],
      danglingClaims: [],
      pathsRunTwice: [],
    });
    await damage(pondId, [
      `UPDATE task_states SET state = 'completed' WHERE execution_seq = 2`,
      'UPDATE task_states SET attempts = 7 WHERE execution_seq = 1',
      'DELETE FROM task_states WHERE execution_seq = 3',
      `UPDATE claims SET running = 1, config_path = '/etc/1'`,
      `INSERT INTO claims (txn_id, parent_txn_seq, execution_seq, config_path, attempts, runner_id, running)
       SELECT txn_id, 1, 1, '/etc/1', 0, 'a', 1 FROM claims`,
    ]);
    expect(await must(control.fleet.check())).toMatchObject({
      states: [
        { task: '1.1', derived: 'completed, attempts 1', recorded: 'completed, attempts 7' },
        { task: '1.2', derived: 'pending, attempts 0', recorded: 'completed, attempts 0' },
        { task: '1.3', derived: 'pending, attempts 0', recorded: null },
      ],
      danglingClaims: [{ task: '1.3', runnerId: 'a' }],
      pathsRunTwice: [{ path: '/etc/1', tasks: ['1.3', '1.1'] }],
    });
  },
);

const damage = async (pondId: string, statements: readonly string[]) => {
  const client = new pg.Client(String(SERVER));
  await client.connect();
  await client.query(`SET search_path = ${schemaOf(pondId)}`);
  for (const statement of statements) await client.query(statement);
  await client.end();
};

test.skipIf(SERVER === undefined)(
  'who listens looks for work after what others end, and after tasks that come to be, not at ends of its own; that an attempt begins is heard by nobody',
  async () => {
    const pondId = pondOf(temporaryDirectory());
    const [ours, theirs] = [await opened(pondId), await opened(pondId)];
    await run(ours.table, 'a');
    await run(theirs.table, 'b');
    const heard: boolean[] = [];
    const { stop } = ours.listen((mayBringWork) => heard.push(mayBringWork));
    onTestFinished(stop);
    /** What is heard of it, in its order; what was heard before is of the beginning. */
    const heardOf = async (work: () => Promise<unknown>, notices: number) => {
      const before = heard.length;
      await work();
      await vi.waitFor(() => expect(heard.length).toBe(before + notices), 10_000);
      return heard.slice(before);
    };
    await vi.waitFor(() => expect(heard).toEqual([true]), 10_000);
    expect(await heardOf(() => commitOf(ours, 1, [{}, {}, { needs: [1] }, { needs: [2] }]), 1)).toEqual([
      true,
    ]);
    const claims = await take(ours, 'a', 1);
    const others = await take(theirs, 'b', 1);
    expect([named(claims), named(others)]).toEqual([['1.1'], ['1.2']]);
    expect(await heardOf(() => finish(ours, only(claims, '1.1')), 1)).toEqual([false]);
    expect(await heardOf(() => finish(theirs, only(others, '1.2')), 1)).toEqual([true]);
  },
);

/** A commit, what of it is claimed at first, and whether another task may begin because the first has completed. */
const COMPLETIONS: readonly {
  readonly because: string;
  readonly places: readonly Place[];
  readonly before?: readonly Place[];
  readonly after?: readonly Place[];
  readonly isHeard: boolean;
}[] = [
  { because: 'another of its commit is ready in any case', places: [{}, {}], isHeard: false },
  { because: 'it is the last', places: [{}], isHeard: false },
  { because: 'another needs it', places: [{}, { needs: [1] }], isHeard: true },
  { because: 'a stage comes after its own', places: [{}, { stage: 1 }], isHeard: true },
  { because: 'a stage comes before its own', places: [{ stage: 1 }, { stage: 1 }], isHeard: false },
  { because: 'no more may run side by side', places: [{ sideBySide: 1 }, { sideBySide: 1 }], isHeard: true },
  {
    because: 'two more may run side by side',
    places: [{ sideBySide: 3 }, { sideBySide: 3 }],
    isHeard: false,
  },
  {
    because: 'a later commit has one of its path',
    places: [{ path: '/x' }],
    after: [{ path: '/x' }],
    isHeard: true,
  },
  {
    because: 'an earlier commit has tasks that wait',
    before: [{ queue: 'gpu' }],
    places: [{}],
    isHeard: true,
  },
];

/** The same, where as many others are claimed with the end as are wanted. */
const COMPLETIONS_THAT_CLAIM: readonly ((typeof COMPLETIONS)[number] & {
  readonly wanted: number;
})[] = [
  { because: 'one that needs it is claimed', places: [{}, { needs: [1] }], wanted: 1, isHeard: false },
  {
    because: 'of two that need it one is claimed',
    places: [{}, { needs: [1] }, { needs: [1] }],
    wanted: 1,
    isHeard: true,
  },
  {
    because: 'both that need it are claimed',
    places: [{}, { needs: [1] }, { needs: [1] }],
    wanted: 2,
    isHeard: false,
  },
  {
    because: 'what needs it needs another one, too',
    places: [{}, {}, { needs: [1, 2] }],
    wanted: 1,
    isHeard: false,
  },
  {
    because: 'what needs it is of another queue',
    places: [{}, { needs: [1], queue: 'gpu' }],
    wanted: 1,
    isHeard: true,
  },
  { because: 'all of the next stage are claimed', places: [{}, { stage: 1 }], wanted: 1, isHeard: false },
  {
    because: 'of the next stage one is claimed',
    places: [{}, { stage: 1 }, { stage: 1 }],
    wanted: 1,
    isHeard: true,
  },
  { because: 'its stage is not over', places: [{}, {}, {}, { stage: 1 }], wanted: 1, isHeard: false },
  {
    because: 'the only place side by side is taken again',
    places: [{ sideBySide: 1 }, { sideBySide: 1 }, { sideBySide: 1 }],
    wanted: 1,
    isHeard: false,
  },
  {
    because: 'the only place side by side is left to another queue',
    places: [{ sideBySide: 1 }, { sideBySide: 1, queue: 'gpu' }],
    wanted: 1,
    isHeard: true,
  },
  {
    because: 'a later commit has another one of its path, which is claimed',
    places: [{ path: '/x' }],
    after: [{ path: '/x' }],
    wanted: 1,
    isHeard: true,
  },
  {
    because: 'an earlier commit has tasks that wait',
    before: [{ queue: 'gpu' }],
    places: [{}, {}],
    wanted: 1,
    isHeard: true,
  },
  { because: 'it is the last', places: [{}], wanted: 1, isHeard: false },
];

/** Begins the first task of a commit; returns how to hear what a transaction tells, from then on. */
const firstBegun = async ({ places, before, after }: Omit<(typeof COMPLETIONS)[number], 'isHeard'>) => {
  const pondId = pondOf(temporaryDirectory());
  const control = await opened(pondId);
  const client = new pg.Client(String(SERVER));
  await client.connect();
  onTestFinished(() => client.end());
  await run(control.table, 'a');
  if (before !== undefined) await commitOf(control, 1, before);
  await commitOf(control, 2, places);
  if (after !== undefined) await commitOf(control, 3, after);
  const [claim] = await take(control, 'a', 1);
  if (claim === undefined) throw new Error('nothing was ready');
  await start(control.table, claim);
  const heard: (string | undefined)[] = [];
  client.on('notification', ({ payload }) => heard.push(payload));
  const channel = schemaOf(pondId);
  await client.query(`LISTEN ${channel}`);
  return {
    control,
    claim,
    hear: async (work: () => Promise<unknown>) => {
      await work();
      await client.query(`NOTIFY ${channel}, 'the end'`);
      await vi.waitFor(() => expect(heard.at(-1)).toBe('the end'), 10_000);
      return heard.slice(0, -1);
    },
  };
};

test.skipIf(SERVER === undefined).each(COMPLETIONS)(
  'that a task has completed is heard: $isHeard, where $because',
  async ({ isHeard, ...tasks }) => {
    const { control, claim, hear } = await firstBegun(tasks);
    const heard = await hear(() =>
      must(control.table.recordPostCommitCompleted(claim, { ...end, attempt: claim.attempts + 1 })),
    );
    expect(heard).toEqual(isHeard ? ['completed'] : []);
  },
);

test.skipIf(SERVER === undefined).each(COMPLETIONS_THAT_CLAIM)(
  'that a task has completed whose end claims others is heard: $isHeard, where $because',
  async ({ isHeard, wanted, ...tasks }) => {
    const { control, claim, hear } = await firstBegun(tasks);
    const { table, fleet } = control;
    fleet.claimWithEnds({
      worker: workerAt('a'),
      held: () => [],
      now: () => 1_000,
      beginning: () => NOTHING_BEGINS,
      wanted: () => wanted,
      deliver: () => undefined,
    });
    const heard = await hear(async () => {
      const recorded = await table.recordAttempts([{ _tag: 'Completed', claim, end }])();
      expect(recorded).toMatchObject([{ right: { _tag: 'Recorded' } }]);
    });
    expect(heard).toEqual(isHeard ? ['completed'] : []);
  },
);
