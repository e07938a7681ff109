import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ControlTable } from '../src/control/control-table.js';
import type { Claim } from '../src/control/records/claim.js';
import { commit, must, openIn, run, start, task, txnIdOf } from '../test/control/steps.js';
import { times } from '../test/support/times.js';

/**
 * Planted faults that this law caught when it was written: no question for running claims of the path; every
 * runner taken for a live one; groups stored with the claim and lost when a dead runner's claim was replaced.
 */

const PATHS = ['/x', '/y'] as const;

/** A runner in a connection of its own, what it has claimed and what it runs now. */
interface Runner {
  readonly id: string;
  readonly table: ControlTable;
  readonly waiting: Claim[];
  running: { readonly claim: Claim; readonly attempt: number } | null;
}

const who = fc.nat({ max: 11 });
const which = fc.nat({ max: 5 });

const step = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      tasks: fc.subarray([...PATHS], { minLength: 1 }),
      who,
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom('claim', 'start', 'start'), who, which }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom('complete', 'fail', 'retry', 'release'), who }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('crash', 'leave', 'leave', 'end'), who }) },
);

test('whoever starts, ends and crashes when: no path runs twice at once, no old group is left, no task is lost', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60, size: 'max' }), async (steps) => {
      const directory = mkdtempSync(join(tmpdir(), 'runners-'));
      const world = await newWorld(directory);
      try {
        for (const one of steps) await world.take(one);
        await world.settle();
      } finally {
        world.close();
        rmSync(directory, { recursive: true, force: true });
      }
    }),
    times(60),
  );
});

type Step = typeof step extends fc.Arbitrary<infer A> ? A : never;

const newWorld = async (directory: string) => {
  let txnSeq = 0;
  let names = 0;
  let clock = 0;
  let planned = 0;
  /** Process groups that are alive, by the path that they work for. */
  const groups = new Map<number, string>();
  const runners: Runner[] = [];

  const newRunner = async (): Promise<Runner> => {
    names += 1;
    const runner: Runner = { id: `r${names}`, table: await openIn(directory), waiting: [], running: null };
    await run(runner.table, runner.id);
    runners.push(runner);
    return runner;
  };
  const pick = async (who: number): Promise<Runner> =>
    runners.length < 3 ? newRunner() : (runners[who % runners.length] ?? newRunner());
  const crash = (runner: Runner) => {
    runner.table.close();
    runners.splice(runners.indexOf(runner), 1);
  };

  const attempt = async (runner: Runner, which: number) => {
    const claim = runner.waiting[which % runner.waiting.length];
    if (claim === undefined || runner.running !== null) return;
    clock += 1;
    const outcome = await start(runner.table, claim, clock);
    const others = runners.filter(({ running }) => running?.claim.configPath === claim.configPath);
    if (outcome._tag === 'GroupLeftBehind') {
      expect(others).toEqual([]);
      groups.delete(outcome.group.pgid);
      await must(runner.table.forgetGroup(outcome.token));
    }
    if (outcome._tag === 'AlreadyEnded' || outcome._tag === 'GivenUp') remove(runner, claim);
    if (outcome._tag !== 'Started') return outcome;
    expect(others).toEqual([]);
    expect([...groups.values()]).not.toContain(claim.configPath);
    runner.running = { claim, attempt: outcome.attempt };
    // Every other attempt has a child; the others run in the runner's own process.
    if (clock % 2 === 0) return outcome;
    groups.set(clock, claim.configPath);
    await must(runner.table.recordGroup(claim, { pgid: clock, marker: `m${clock}` }, null));
    return outcome;
  };

  /** The running attempt ends, its children before it. */
  const finish = async (runner: Runner, how: 'complete' | 'fail' | 'retry') => {
    if (runner.running === null) return;
    const { claim, attempt: number } = runner.running;
    for (const [pgid, path] of groups) if (path === claim.configPath) groups.delete(pgid);
    clock += 1;
    const end = { attempt: number, timestamp: clock, durationMs: 1 };
    await must(
      how === 'complete'
        ? runner.table.recordPostCommitCompleted(claim, end)
        : runner.table.recordPostCommitFailed(claim, {
            ...end,
            errorMessage: 'no',
            next: how === 'retry' ? 'retry' : 'release',
          }),
    );
    runner.running = null;
    if (how !== 'retry') remove(runner, claim);
  };

  const take = async (one: Step): Promise<void> => {
    const runner = await pick(one.who);
    switch (one.do) {
      case 'commit': {
        txnSeq += 1;
        planned += one.tasks.length;
        const tasks = one.tasks.map((path, index) => task(index + 1, path));
        runner.waiting.push(
          ...(await commit(runner.table, txnSeq, tasks, one.who % 4 === 0 ? null : runner.id)),
        );
        return;
      }
      case 'claim': {
        const open = await must(runner.table.findIncompletePostCommitTasks());
        const { claimed } = await must(runner.table.claim(runner.id, open));
        for (const claim of claimed) {
          if (!runner.waiting.some(({ token }) => token === claim.token)) runner.waiting.push(claim);
        }
        return;
      }
      case 'start':
        await attempt(runner, one.which);
        return;
      case 'complete':
      case 'fail':
      case 'retry':
        return finish(runner, one.do);
      case 'release': {
        const claim = runner.waiting.find(({ token }) => token !== runner.running?.claim.token);
        if (claim === undefined) return;
        await must(runner.table.release(claim));
        return remove(runner, claim);
      }
      case 'leave': {
        const claim = runner.waiting.find(({ token }) => token !== runner.running?.claim.token);
        const other = runners.find(({ id }) => id !== runner.id);
        if (claim === undefined || other === undefined) return;
        expect(await must(runner.table.leaveTo(claim, other.id))).toBe(true);
        return remove(runner, claim);
      }
      case 'end': {
        if (runner.running !== null) return;
        const left = await must(runner.table.endRunner(runner.id));
        runner.waiting.push(...left);
        if (left.length === 0) crash(runner);
        return;
      }
      case 'crash':
        return crash(runner);
    }
  };

  /** Everybody dies; one comes, and ends what is unfinished. */
  const settle = async () => {
    for (const runner of [...runners]) crash(runner);
    const last = await newRunner();
    const open = await must(last.table.findIncompletePostCommitTasks());
    const { claimed, busy } = await must(last.table.claim(last.id, open));
    expect(busy).toEqual([]);
    expect(claimed).toHaveLength(open.length);
    last.waiting.push(...claimed);
    while (last.waiting.length > 0) {
      const outcome = await attempt(last, 0);
      expect(outcome?._tag).not.toBe('Blocked');
      await finish(last, 'complete');
    }
    expect(await must(last.table.findIncompletePostCommitTasks())).toEqual([]);
    let ended = 0;
    for (let seq = 1; seq <= txnSeq; seq += 1) {
      ended += (await must(last.table.getPostCommitTasks(seq))).length;
      expect(await must(last.table.completeIfEnded(txnIdOf(seq), clock))).toBe(true);
    }
    expect(ended).toBe(planned);
    expect(await must(last.table.findIncompleteTransactions())).toEqual([]);
    expect([...groups]).toEqual([]);
  };

  return {
    take,
    settle,
    close: () => {
      for (const runner of [...runners]) crash(runner);
    },
  };
};

const remove = ({ waiting }: Runner, claim: Claim): void => {
  waiting.splice(
    waiting.findIndex(({ token }) => token === claim.token),
    1,
  );
};
