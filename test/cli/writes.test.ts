import * as TE from 'fp-ts/lib/TaskEither.js';
import { describe, expect, it } from 'vitest';
import type { PondError } from '../../src/steward/errors.js';
import type { OpenOptions } from '../../src/steward/shapes/open-options.js';
import type { WriteOutcome } from '../../src/steward/shapes/transactions.js';
import type { Steward } from '../../src/steward/steward.js';
import { committed, failedTask, fakeSteward, runMain, runOn, task, WHEN } from './fakes.js';

/** A steward whose writes end so, without looking at what was to be written. */
const writing = (outcome: WriteOutcome<void>): Partial<Steward> => ({
  write: () => TE.right({ ...outcome, value: undefined as never }),
});

const { txnSeq, txnId, dataFsVersion } = committed();
const unchanged: WriteOutcome<void> = { _tag: 'Unchanged', value: undefined, txnSeq, txnId, dataFsVersion };

const failing = (error: PondError): Partial<Steward> => ({ write: () => TE.left(error) });

const json = (text: string): unknown => JSON.parse(text);

describe('a write', () => {
  it('that went well prints nothing', async () => {
    expect(await runOn(writing(committed({ tasks: [task()] })), ['mkdir', '/in'])).toEqual({
      code: 0,
      stdout: '',
      stderr: '',
    });
  });

  it('ends on a terminal with one line that says what became of it, and elsewhere or with --json without', async () => {
    const tasks = [task(), task({ executionSeq: 2, startedAt: WHEN + 200_000, completedAt: WHEN + 302_000 })];
    const errIsTerminal = true;
    const line = async (outcome: WriteOutcome<void>, ...more: readonly string[]) =>
      (await runOn(writing(outcome), ['mkdir', '/in', ...more], { errIsTerminal })).stderr;
    expect(await line(committed({ tasks }))).toBe('committed 42: 2 tasks completed in 0.3 s\n');
    expect(await line(committed())).toBe('committed 42\n');
    expect(await line(committed({ tasks: [...tasks, failedTask] }))).toMatch(
      /\ncommitted 42: 2 tasks completed, 1 failed in 0\.3 s\n$/,
    );
    expect(await line(unchanged)).toBe('unchanged: there was nothing to commit\n');
    expect(await line(committed({ tasks }), '--json')).toBe('');
  });

  it.each(['InTransactionWriter', 'PostCommitReader'] as const)(
    'by a factory that is run by hand as %s shows its report on a terminal, and elsewhere nothing',
    async (mode) => {
      const report = { rows: 3, note: '\u001b[2J' };
      const run: Steward['run'] = () =>
        TE.right(
          mode === 'PostCommitReader'
            ? { mode, txnSeq, report }
            : { mode, report, undone: [], outcome: committed() },
        );
      const said = async (errIsTerminal: boolean, ...more: readonly string[]) =>
        (await runOn({ run }, ['run', '/jobs/x', ...more], { errIsTerminal })).stderr;
      expect(await said(true)).toContain('report {"rows":3,"note":"\\u001b[2J"}\n');
      expect(await said(false)).toBe('');
      expect(await said(true, '--json')).toBe('');
    },
  );

  it('is one JSON document with what was committed and every task', async () => {
    const { stdout } = await runOn(writing(committed({ tasks: [task()] })), ['mkdir', '/in', '--json']);
    expect(json(stdout)).toEqual({
      txn_seq: 42,
      txn_id: '01890000-0000-7000-8000-000000000042',
      data_fs_version: 41,
      status: 'committed',
      tasks: [
        {
          task: '42.1',
          execution_seq: 1,
          factory_name: 'test-executor',
          config_path: '/etc/system.d/10-first',
          state: 'completed',
          attempts: 1,
          started_at: '2026-01-02T03:04:05.678Z',
          completed_at: '2026-01-02T03:04:05.780Z',
          duration_ms: 102,
          error_message: null,
          config_txn_seq: 42,
          trace_id: '0af7651916cd43dd8448eb211c80319c',
          skip_cause: null,
          not_before: null,
          report: null,
        },
      ],
    });
  });

  it('that changed nothing is completed, not committed', async () => {
    const { code, stdout } = await runOn(writing(unchanged), ['mkdir', '/in', '--json']);
    expect(code).toBe(0);
    expect(json(stdout)).toMatchObject({ status: 'completed', tasks: [] });
  });

  it('warns of each failed task with its path, factory, error and the command that retries it', async () => {
    const outcome = committed({ tasks: [task(), failedTask] });
    expect(await runOn(writing(outcome), ['mkdir', '/in'])).toEqual({
      code: 3,
      stdout: '',
      stderr:
        'pond: warning: /etc/system.d/30-fail (test-executor) failed after commit 42: told to fail\n' +
        '  pond control retry 42.2\n',
    });
  });

  it('that retries a commit of which nothing has failed says that nothing was run, and how a dismissed task is', async () => {
    const { code, stdout, stderr } = await runOn({ retry: () => TE.right([]) }, ['control', 'retry', '42']);
    expect([code, stdout]).toEqual([0, '']);
    expect(stderr).toMatch(/nothing was run: .* dismissed.*42\.1/);
  });

  it('says of a rejected entry that it never ran', async () => {
    const rejected = task({ state: 'failed', attempts: 0, factoryName: null, errorMessage: 'bad\nkeys' });
    const { code, stderr } = await runOn(writing(committed({ tasks: [rejected] })), ['mkdir', '/in']);
    expect(code).toBe(3);
    expect(stderr).toContain('/etc/system.d/10-first was rejected after commit 42: bad; keys\n');
  });

  it('whose task is left to another process exits with 6', async () => {
    const { code, stderr } = await runOn(writing(committed({ tasks: [task({ state: 'pending' })] })), [
      'mkdir',
      '/in',
    ]);
    expect(code).toBe(6);
    expect(stderr).toContain('  pond recover --post-commit --txn 42\n');
  });

  it('says what to type with the directory that was given', async () => {
    const suppressed = writing(committed({ suppressed: 'not-trusted' }));
    const { stderr } = await runOn(suppressed, ['--pond', '/srv/my pond', 'mkdir', '/in']);
    expect(stderr).toContain("\n  pond --pond '/srv/my pond' trust\n");
    expect((await runOn(suppressed, ['mkdir', '/in'])).stderr).toContain('\n  pond trust\n');
  });

  it('that may not be durable, or is not recorded, has landed all the same and says so', async () => {
    const uncertain = await runOn(writing(committed({ durability: 'unknown' })), ['mkdir', '/in', '--json']);
    expect(uncertain.code).toBe(3);
    expect(uncertain.stderr).toContain('transaction 42 is committed, durability unknown');
    expect(json(uncertain.stdout)).toMatchObject({ status: 'committed', durability: 'unknown' });
    const unrecorded = await runOn(writing(committed({ recorded: false })), ['mkdir', '/in', '--json']);
    expect(unrecorded.code).toBe(3);
    expect(unrecorded.stderr).toContain('transaction 42 is committed, not recorded');
    expect(json(unrecorded.stdout)).toMatchObject({ status: 'committed', recorded: false });
  });

  it('inside a task says to which task what it sets off is deferred, and has not failed itself', async () => {
    const link = { pond_id: 'this', task: '41.1', config_path: '/etc/system.d/10-agg' };
    const pending = task({ state: 'pending', configPath: '/etc/system.d/20-publish' });
    const outcome = committed({ causedBy: [link], deferredTo: '41.1', tasks: [pending] });
    const { code, stderr, stdout } = await runOn(writing(outcome), ['mkdir', '/in', '--json']);
    expect(code).toBe(0);
    expect(stderr).toBe(
      "pond: transaction 42 was written inside task 41.1 of this pond: what it sets off runs after that task's commit\n",
    );
    expect(JSON.parse(stdout)).toMatchObject({
      caused_by: [link],
      deferred_to: '41.1',
      tasks: [{ state: 'pending' }],
    });
  });

  it('includes what was committed inside its tasks in its document, its warnings and its exit code', async () => {
    const link = { pond_id: 'this', task: '42.1', config_path: '/etc/system.d/10-agg' };
    const derived = [{ txnSeq: 43, causedBy: [link], tasks: [{ ...failedTask, parentTxnSeq: 43 }] }];
    const { code, stderr, stdout } = await runOn(writing(committed({ derived })), ['mkdir', '/in', '--json']);
    expect(code).toBe(3);
    expect(stderr).toContain('failed after commit 43');
    expect(JSON.parse(stdout).derived).toMatchObject([
      { txn_seq: 43, caused_by: [link], tasks: [{ task: '43.2', state: 'failed' }] },
    ]);
  });

  it('that was interrupted says whether it landed', async () => {
    const interrupt = AbortSignal.abort();
    const landed = await runOn(
      writing(committed({ tasks: [task({ state: 'pending' })] })),
      ['mkdir', '/in'],
      { interrupt },
    );
    expect(landed.code).toBe(130);
    expect(landed.stderr).toContain('transaction 42 is committed');
    const lost = await runOn(failing({ _tag: 'Interrupted', call: 'write' }), ['mkdir', '/in'], {
      interrupt,
    });
    expect(lost.code).toBe(130);
    expect(lost.stderr).toContain('nothing was committed');
  });

  it('is opened with the arguments as they were typed, secrets replaced', async () => {
    let opened: { directory: string; options: OpenOptions } | undefined;
    await runMain(['--pond', 'p', 'mkdir', '/in', '--no-post-commit', '--lock-timeout', '1s'], {
      open: (directory, options) => {
        opened = { directory, options };
        return TE.right(fakeSteward(writing(committed())));
      },
    });
    expect(opened).toEqual({
      directory: '/here/p',
      options: {
        postCommit: 'suppress',
        gates: 'ask',
        trust: 'approved',
        lockTimeoutMs: 1000,
        factoryModules: [],
        cliArgs: ['--pond', 'p', 'mkdir', '/in', '--no-post-commit', '--lock-timeout', '1s'],
      },
    });
  });
});

describe('an error', () => {
  const locked: PondError = {
    _tag: 'PondLocked',
    path: '/pond/control/writer.lock',
    waitedMs: 10,
    holder: { pid: 7, command: 'pond copy' },
  };

  it('is a sentence and a remedy on standard error', async () => {
    expect(await runOn(failing(locked), ['mkdir', '/in'])).toEqual({
      code: 5,
      stdout: '',
      stderr:
        'pond: /pond/control/writer.lock is locked by process 7 (pond copy); waited 10 ms\n' +
        '  try: wait longer with --lock-timeout 60s\n',
    });
  });

  it('is one JSON document with its tag, message and fields', async () => {
    const { stdout } = await runOn(failing(locked), ['mkdir', '/in', '--json']);
    expect(json(stdout)).toEqual({
      error: {
        tag: 'PondLocked',
        message: '/pond/control/writer.lock is locked by process 7 (pond copy); waited 10 ms',
        path: '/pond/control/writer.lock',
        waited_ms: 10,
        holder: { pid: 7, command: 'pond copy' },
        remedy: 'wait longer with --lock-timeout 60s',
      },
    });
  });

  it.each<[PondError, number]>([
    [{ _tag: 'InvalidPath', path: 'x', problem: 'not-absolute' }, 2],
    [{ _tag: 'InvalidConfig', path: '/x', errors: [{ key: 'url', message: 'required' }] }, 4],
    [{ _tag: 'UnknownFactory', path: '/x', factory: 'y', known: [] }, 4],
    [{ _tag: 'ConfigTooLarge', path: '/x', size: 2, limit: 1 }, 4],
    [{ _tag: 'PathNotFound', path: '/x', missing: 'x' }, 1],
    [{ _tag: 'PondExists', path: '/x' }, 1],
    [{ _tag: 'StorageFailed', path: '/x', code: 'ENOSPC', call: 'write' }, 1],
  ])('%j has exit code %i', async (error, code) => {
    expect((await runOn(failing(error), ['mkdir', '/in'])).code).toBe(code);
  });

  it('that nobody expected is reported as a bug, in JSON too', async () => {
    const { code, stdout, stderr } = await runOn({}, ['mkdir', '/in', '--json']);
    expect(code).toBe(1);
    expect(stderr).toContain('internal error');
    expect(json(stdout)).toMatchObject({ error: { tag: 'InternalError' } });
  });
});
