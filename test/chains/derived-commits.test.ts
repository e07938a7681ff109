import { afterEach, describe, expect, it } from 'vitest';
import { entryText, inShort, type WritingPonds, writingPonds } from './writing-ponds.js';

let ponds: WritingPonds;
const setUp = async (...names: readonly string[]) => {
  ponds = await writingPonds(names);
  return ponds;
};
afterEach(() => ponds.close());

const DERIVED = { derived: true };

describe('a commit inside a task', () => {
  it('sets off the entries that say derived: true, after the plan that caused it has ended, and the write includes them', async () => {
    const { entry, write, journal } = await setUp('a');
    await entry('a', '10-agg', [{ write: '/out/rollup', to: 'a' }]);
    await entry('a', '20-publish', [], { ...DERIVED, condition: { path_pattern: '/out/**' } });
    await entry('a', '30-other', []);
    const { txnSeq, tasks, derived } = await write('a', '/in/x');
    expect(tasks.map(({ configPath, state }) => [configPath, state])).toEqual([
      ['/etc/system.d/10-agg', 'completed'],
      ['/etc/system.d/30-other', 'completed'],
    ]);
    expect(inShort(derived)).toEqual([`${txnSeq + 1} by ${txnSeq}.1: 20-publish completed`]);
    expect(journal).toEqual([
      `${txnSeq} 10-agg begins`,
      `${txnSeq} 10-agg ends`,
      `${txnSeq} 30-other begins`,
      `${txnSeq} 30-other ends`,
      `${txnSeq + 1} 20-publish begins`,
      `${txnSeq + 1} 20-publish ends`,
    ]);
  });

  it('is told at once that its tasks are pending, and to which task they are deferred', async () => {
    const { pond, entry, write } = await setUp('a', 'b');
    await entry('a', '10-agg', []);
    await entry('a', '20-publish', [], DERIVED);
    const inner: unknown[] = [];
    // Whoever writes in the task of 10-agg is asked what it was told.
    const { steward } = pond('a');
    const original = steward.write;
    Object.assign(steward, {
      write:
        (...args: Parameters<typeof original>) =>
        async () => {
          const outcome = await original(...args)();
          inner.push(outcome);
          return outcome;
        },
    });
    await entry('a', '10-agg', [{ write: '/out/x', to: 'a' }]);
    const { txnSeq } = await write('a', '/in/x');
    // The task's own write is the one that ended first.
    expect(inner.slice(-2)).toMatchObject([
      { right: { deferredTo: `${txnSeq}.1`, tasks: [{ state: 'pending' }], derived: [] } },
      { right: { deferredTo: null, derived: [{ tasks: [{ state: 'completed' }] }] } },
    ]);
  });

  it('runs each entry once in a chain, so that entries that set each other off come to an end', async () => {
    const { entry, write, commits } = await setUp('a');
    for (const name of ['10-x', '20-y', '30-z']) {
      await entry('a', name, [{ write: `/${name}`, to: 'a' }], DERIVED);
    }
    const before = await commits();
    await write('a', '/in/x');
    // One commit of the user's, three inside its tasks, two inside those of each, one inside each of those.
    expect((await commits()) - before).toBe(1 + 3 + 3 * 2 + 3 * 2);
  });

  it('runs no entry that a commit of its chain has added or changed', async () => {
    const { entry, write, commits } = await setUp('a');
    const evil = { add: '/etc/system.d/60-evil', to: 'a', entry: {} };
    const added = JSON.parse(Buffer.from(entryText([{ write: '/evil', to: 'a' }], DERIVED)).toString());
    await entry('a', '10-adds', [
      { ...evil, entry: added },
      { write: '/out/x', to: 'a' },
    ]);
    await entry('a', '50-known', [], DERIVED);
    const before = await commits();
    const { derived } = await write('a', '/in/x');
    expect(inShort(derived).at(-1)).toMatch(/: 50-known completed$/);
    expect((await commits()) - before).toBe(3);
    // From the next commit of the user's on it is an entry like any other.
    const { tasks } = await write('a', '/in/y');
    expect(tasks.map(({ configPath }) => configPath)).toContain('/etc/system.d/60-evil');
  });

  it('has the whole chain in the control table, and in the log, from which its plan is computed again', async () => {
    const { pond, entry, write } = await setUp('a');
    await entry('a', '10-x', [{ write: '/x', to: 'a' }]);
    await entry('a', '20-y', [{ write: '/y', to: 'a' }], DERIVED);
    const { txnSeq: seq } = await write('a', '/in/x');
    const { pondId, records, transactions } = pond('a').promises;
    const link = (task: string, name: string) => ({
      pond_id: pondId,
      task,
      config_path: `/etc/system.d/${name}`,
    });
    // Commit seq+1 by 10-x, seq+2 by 20-y after the user's commit, seq+3 by 20-y after seq+1.
    const chain = [link(`${seq}.1`, '10-x'), link(`${seq + 1}.1`, '20-y')];
    const begun = (await records({ txnSeq: seq + 3 })).find(({ recordType }) => recordType === 'begin');
    expect(begun?.causedBy).toEqual(chain);
    const [summary] = await transactions({ limit: 1, txnSeq: seq + 3, transactionTypes: ['write'] });
    expect(summary?.causedBy).toEqual(chain);
    const plan = await pond('a').promises.plan(seq + 3);
    expect(plan.plan.checksum).toBe(plan.recordedChecksum);
    expect(plan.plan.skipped.map(({ reason }) => reason._tag)).toEqual(['NotDerived', 'InChain']);
  });

  it('into another pond is an ordinary one there, which carries the chain on; back again it is derived', async () => {
    const { pond, entry, write } = await setUp('a', 'b');
    await entry('a', '10-x', [{ write: '/x', to: 'b' }]);
    await entry('a', '20-back', [], DERIVED);
    await entry('b', '10-y', [{ write: '/y', to: 'a' }]);
    const { txnSeq, derived } = await write('a', '/in/x');
    const { pondId } = pond('b').promises;
    const { lastTxnSeq } = await pond('b').promises.status();
    expect(await pond('b').promises.tasks(lastTxnSeq)).toMatchObject([{ state: 'completed' }]);
    expect(inShort(derived)).toEqual([`${txnSeq + 1} by ${lastTxnSeq}.1: 20-back completed`]);
    expect(derived[0]?.causedBy.map(({ pond_id, task }) => [pond_id === pondId, task])).toEqual([
      [false, `${txnSeq}.1`],
      [true, `${lastTxnSeq}.1`],
    ]);
  });

  it('sets off nothing any more when sixteen tasks are behind it, of however many ponds', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `p${index}`);
    const { pond, entry, write } = await setUp(...names);
    for (const [index, name] of names.entries()) {
      await entry(name, '10-on', [{ write: '/x', to: names[index + 1] ?? 'p0' }]);
    }
    await write('p0', '/in/x');
    const last = await Promise.all(
      names.map(async (name) => (await pond(name).promises.status()).lastTxnSeq),
    );
    // Of p0 to p15 the tasks have run; the commit into p16 has sixteen tasks behind it.
    expect(last.map((seq) => seq - 2)).toEqual(names.map((_, index) => (index <= 16 ? 1 : 0)));
    const { plan } = await pond('p16').promises.plan(3);
    expect(plan.skipped).toMatchObject([{ reason: { _tag: 'ChainTooDeep', depth: 16 } }]);
  });

  it('whose command is interrupted leaves what it sets off to recover', async () => {
    const { pond, entry, write } = await setUp('a');
    await entry('a', '10-x', [{ write: '/x', to: 'a' }, { interrupts: true }]);
    await entry('a', '20-y', [], { ...DERIVED, condition: { path_pattern: '/x' } });
    const { derived } = await write('a', '/in/x');
    expect(derived.map(({ tasks }) => tasks.map(({ state }) => state))).toEqual([['pending']]);
    const { tasks, remaining } = await pond('a').promises.recover();
    expect(tasks.map(({ configPath, state }) => [configPath, state])).toContainEqual([
      '/etc/system.d/20-y',
      'completed',
    ]);
    expect(remaining.tasks).toEqual([]);
  });

  it('approves nothing, and what it does to the configuration runs for nobody before it is approved', async () => {
    const { pond, entry, write } = await setUp('a');
    const added = JSON.parse(Buffer.from(entryText([])).toString());
    await entry('a', '10-adds', [{ add: '/etc/system.d/60-new', to: 'a', entry: added }]);
    await write('a', '/in/x');
    const careful = await pond('a').reopen({ trust: 'approved' });
    const refused = await careful.steward.write(({ fs }) => fs.write('/in/y', Buffer.from('y')))();
    expect(refused).toMatchObject({ _tag: 'Left', left: { _tag: 'NotTrusted' } });
    await careful.promises.close();
  });
});

describe('inside a task', () => {
  it('its own pond refuses recover, retry and run, which would run the task within itself or wait for it', async () => {
    const { entry, write, refusals } = await setUp('a', 'b');
    const calls = (of: string) => ['recover', 'retry', 'run'].map((call) => ({ call, of }));
    await entry('a', '10-x', calls('a'));
    const { txnSeq } = await write('a', '/in/x');
    expect(refusals).toEqual(
      ['recover', 'retry', 'run'].map(
        (call) =>
          `${call} is refused inside task ${txnSeq}.1 of the same pond: it would run the task within itself, or wait for it`,
      ),
    );
    await entry('b', '10-x', []);
    await entry('a', '10-x', calls('b').slice(0, 1));
    await write('a', '/in/y');
    expect(refusals.at(-1)).toBe('recover was done');
  });

  it('an entry that waited for one that has written is warned of what it does not see, unless it says derived: true', async () => {
    const { entry, write, lines } = await setUp('a');
    await entry('a', '10-agg', [{ write: '/out/x', to: 'a' }]);
    await entry('a', '20-stale', [], { depends_on: '10-agg' });
    await entry('a', '30-fresh', [], { ...DERIVED, depends_on: '10-agg' });
    const { txnSeq } = await write('a', '/in/x');
    const warnings = lines.filter(({ event }) => event === 'commit_not_seen').map(({ fields }) => fields);
    expect(warnings).toMatchObject([
      {
        task: `${txnSeq}.2`,
        config_path: '/etc/system.d/20-stale',
        sees: txnSeq,
        not_seen: txnSeq + 1,
        written_by: `${txnSeq}.1`,
      },
    ]);
  });
});

describe('a run by hand', () => {
  it('does not count as a task: a commit inside it is an ordinary one that carries it', async () => {
    const { pond, entry } = await setUp('a', 'b');
    await entry('a', '10-x', [{ write: '/x', to: 'a' }]);
    await entry('a', '20-y', []);
    const { promises } = pond('a');
    await promises.run('/etc/system.d/10-x', { mode: 'PostCommitReader' });
    const tasks = await promises.tasks(4);
    expect(tasks.map(({ state }) => state)).toEqual(['completed', 'completed']);
    const [summary] = await promises.transactions({ limit: 1, txnSeq: 4, transactionTypes: ['write'] });
    expect(summary?.causedBy).toEqual([
      { pond_id: promises.pondId, task: null, config_path: '/etc/system.d/10-x' },
    ]);
    // The task of 10-x has written, too: that commit is derived.
    expect((await promises.derived(4)).map(({ txnSeq }) => txnSeq)).toEqual([5]);
  });

  it('that writes into the pond that it writes to is refused at once instead of waiting for its own lock', async () => {
    const { pond, entry, refusals } = await setUp('a');
    await entry('a', '10-x', [{ write: '/x', to: 'a' }]);
    await pond('a').promises.run('/etc/system.d/10-x', { mode: 'InTransactionWriter' });
    expect(refusals).toEqual([expect.stringContaining('a write inside a write of the same pond is refused')]);
  });
});

describe('a gate', () => {
  it('does not count as a task either: what is committed to another pond inside it carries it', async () => {
    const { pond, entry, write } = await setUp('a', 'b');
    await entry('a', '/etc/gate.d/10-g', [{ write: '/x', to: 'b' }]);
    await entry('b', '10-y', []);
    await write('a', '/in/x');
    const { lastTxnSeq } = await pond('b').promises.status();
    const [summary] = await pond('b').promises.transactions({
      limit: 1,
      txnSeq: lastTxnSeq,
      transactionTypes: ['write'],
    });
    expect(summary?.causedBy).toMatchObject([{ task: null, config_path: '/etc/gate.d/10-g' }]);
    expect(summary?.tasks).toMatchObject([{ state: 'completed' }]);
  });
});
