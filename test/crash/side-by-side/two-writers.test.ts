import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/condition.js';
import { type BuiltPonds, buildPonds, removeFolder, run, start } from '../machinery/built-ponds.js';
import { faultsOfLog, readDeltaLog } from '../machinery/delta-log.js';
import { ask, askJson } from '../scenarios/asking.js';
import { plainPond, prepare } from '../scenarios/base-ponds.js';

describe('several processes that write', () => {
  let folder = '';
  let ponds: BuiltPonds;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pond-crash-writers-'));
    ponds = await buildPonds();
  });
  afterAll(() => removeFolder(folder));

  it('lose no commit that was acknowledged, and leave no gap', async () => {
    const WRITERS = 4;
    const COMMITS = 6;
    const pond = await plainPond(join(folder, 'many'));
    await prepare(pond, ['mknod', 'test-executor', '/etc/system.d/10-ok', '--config', 'message: ok']);

    const acknowledged: { readonly path: string; readonly txnSeq: number }[] = [];
    const write = async (writer: number) => {
      for (let commit = 1; commit <= COMMITS; commit += 1) {
        const path = `/in/${writer}-${commit}`;
        const args = ['copy', '-', path, '--lock-timeout', '10m', '--json'];
        const { code, stdout, stderr } = await run(ponds.pond, pond, args, { input: path });
        expect([code, stderr.split('\n').filter((line) => line.startsWith('pond:'))]).toEqual([0, []]);
        acknowledged.push({ path, txnSeq: JSON.parse(stdout).txn_seq });
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, index) => write(index + 1)));

    expect(new Set(acknowledged.map(({ txnSeq }) => txnSeq)).size).toBe(WRITERS * COMMITS);
    for (const { path, txnSeq } of acknowledged) {
      expect((await ask(pond, 'cat', path, '--at', String(txnSeq))).out.toString()).toBe(path);
      expect((await ask(pond, 'cat', path)).out.toString()).toBe(path);
    }
    expect(faultsOfLog(pond)).toEqual([]);
    expect(readDeltaLog(pond).filter(({ txnSeq }) => txnSeq !== null)).toHaveLength(2 + WRITERS * COMMITS);
    expect(await askJson(pond, 'status')).toMatchObject({
      last_txn_seq: 2 + WRITERS * COMMITS,
      incomplete: { transactions: 0, tasks: 0 },
      failed_tasks: 0,
    });
  });

  it('are told who has the lock; when that one is killed, the next gets it at once', async () => {
    const pond = await plainPond(join(folder, 'held'));
    await prepare(pond, ['mknod', 'test-executor', '/hold', '--config', 'message: held\ndelay_ms: 600000']);
    const holder = start(ponds.pond, pond, ['run', '/hold', '--mode', 'writer']);
    const begun = async () => {
      const { transactions } = (await askJson(pond, 'control')) as { transactions: { status: string }[] };
      return transactions.some(({ status }) => status === 'incomplete');
    };
    await eventually('the holder has begun', begun);

    await writeFile(join(folder, 'next.txt'), 'next');
    const next = ['copy', `host://${folder}/next.txt`, '/next', '--json'];
    const refused = await run(ponds.pond, pond, [...next, '--lock-timeout', '200ms']);
    expect(refused.code).toBe(5);
    const { error } = JSON.parse(refused.stdout);
    expect(error).toMatchObject({
      tag: 'PondLocked',
      holder: { pid: holder.pid, command: 'run /hold --mode writer' },
    });
    expect(refused.stderr).toContain(`${holder.pid}`);
    expect(refused.stderr).toContain('run /hold --mode writer');

    const patient = run(ponds.pond, pond, [...next, '--lock-timeout', '10m']);
    holder.child.kill('SIGKILL');
    expect((await holder.ended).signal).toBe('SIGKILL');
    const { code, stdout } = await patient;
    expect([code, JSON.parse(stdout).txn_seq]).toEqual([0, 3]);
    // The writer that came next has recorded what became of the one that was killed.
    expect(await askJson(pond, 'status')).toMatchObject({ incomplete: { transactions: 0, tasks: 0 } });
  });
});
