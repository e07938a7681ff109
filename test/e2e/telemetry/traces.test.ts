import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeRecord, type JournalRecord } from '../../../src/host-plans/journal/checkpoint-record.js';
import { builtExecutable, runOn, runPond, type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond, callTracedPond } from '../../support/pond-in-process.js';
import {
  type OtlpReceiver,
  otlpReceiver,
  type ReceivedSpan,
  treeOf,
} from '../../support/receivers/otlp-receiver.js';

// What a command sends to a collector: one trace tells one commit's whole story. The program is that of the executable, which itself
// is started where its own end, its environment or its standard error matters.

/** A factory that, at its first attempt, ends or interrupts its own process, waits until it is told to stop, or does nothing. */
const MODULE = `
export default {
  name: 'trying',
  kind: 'executable',
  modes: ['PostCommitReader', 'InTransactionWriter'],
  config: (input) => input,
  async execute(context, { does }) {
    context.span.set({ 'seen.attempt': context.attempt });
    context.span.event('tried');
    if (context.attempt > 1) return;
    if (does === 'die') process.kill(process.pid, 'SIGKILL');
    if (does === 'interrupt') process.kill(process.pid, 'SIGINT');
    if (does === 'nothing') return;
    const busy = setInterval(() => undefined, 1000);
    await new Promise((resolve) => context.signal.addEventListener('abort', resolve));
    clearInterval(busy);
    throw new Error('stopped');
  },
};
`;

let collector: OtlpReceiver;
/** Commands that are not traced. */
let pond: TempPond;
/** Commands that are, and those of the executable. */
let tracedPond: TempPond['run'];
let executable: TempPond['run'];

const traced = () => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
});

/** `pond ...`, traced. */
const run = (args: readonly string[], expected = 0, env: Readonly<Record<string, string>> = {}) =>
  tracedPond([...args, '--log-level', 'error'], { expect: expected, env: { ...traced(), ...env } });

/** A task under `/etc/system.d`, made untraced; a commit of its own that sets off nothing. */
const configure = (name: string, factory: string, config: string) =>
  pond.run(['mknod', factory, `/etc/system.d/${name}`, '--config', config]);

const commit = (
  expected = 0,
  { by = tracedPond, env = {} }: { by?: TempPond['run']; env?: Readonly<Record<string, string>> } = {},
) =>
  by(['copy', '-', '/data.txt', '--always', '--log-level', 'error', '--json'], {
    expect: expected,
    input: 'x',
    env: { ...traced(), ...env },
  });

const brief = ({ name, attributes, error }: ReceivedSpan): string =>
  [
    name,
    attributes['task.id'] ?? attributes['op.id'],
    attributes['task.attempt'],
    error === null ? '' : 'ERROR',
  ]
    .filter((word) => word !== undefined && word !== '')
    .join(' ');

const spansNamed = (name: string) => collector.spans().filter((span) => span.name === name);
const only = (name: string): ReceivedSpan => {
  const [span, ...others] = spansNamed(name);
  if (span === undefined || others.length > 0) throw new Error(`${1 + others.length} spans ${name}`);
  return span;
};
const tree = () => treeOf(collector.spans(), brief);
const traceIds = () => new Set(collector.spans().map(({ traceId }) => traceId));

beforeEach(async () => {
  collector = await otlpReceiver();
  pond = await tempPond(callPond);
  tracedPond = runOn(pond.pond, callTracedPond);
  executable = runOn(pond.pond, runPond);
  writeFileSync(join(pond.host, 'trying.mjs'), MODULE);
  await pond.run(['config', 'set', 'factories', `[${join(pond.host, 'trying.mjs')}]`]);
});
afterEach(async () => {
  await pond.remove();
  await collector.close();
});

describe('the trace of a commit', () => {
  test('nests discovery, planning, and the execution with its preparation and its attempts', async () => {
    await configure('10-first', 'test-executor', 'message: hello');
    await configure('20-second', 'command', 'run: [cat]');
    const { txn_seq, data_fs_version } = JSON.parse((await commit()).stdout);
    expect(tree()).toBe(
      [
        'steward.Commit',
        '  steward.Discover',
        '  planner.Plan',
        '  executor.Execute',
        '    executor.Prepare',
        `    operation.Execute ${txn_seq}.1 1`,
        `    operation.Execute ${txn_seq}.2 1`,
      ].join('\n'),
    );
    const { plan_checksum } = (await transactions())[0];
    expect(only('steward.Commit').attributes).toEqual({
      'pond.id': await pondId(),
      'pond.txn_seq': txn_seq,
      'pond.data_fs_version': data_fs_version,
    });
    expect(only('planner.Plan').attributes).toEqual({ plan_checksum, tasks: 2, skipped: 0, rejected: 0 });
    expect(only('executor.Execute').attributes).toEqual({
      operation_count: 2,
      plan_checksum,
      executed: 2,
      failed: 0,
      operations_executed: 2,
    });
    expect(only('executor.Prepare').attributes).toEqual({ operations: 2 });
    expect(spansNamed('operation.Execute')[0]?.attributes).toEqual({
      'op.id': `${txn_seq}.1`,
      'op.kind': 'RunTask',
      'task.id': `${txn_seq}.1`,
      'task.factory': 'test-executor',
      'task.config_path': '/etc/system.d/10-first',
      'task.attempt': 1,
    });
    for (const { endNanos, startNanos } of collector.spans()) expect(endNanos >= startNanos).toBe(true);
  });

  test('has the identity that the control table shows', async () => {
    await commit();
    expect([...traceIds()]).toEqual([(await transactions())[0].trace_id]);
  });

  test('shows a failed task where it failed, and the commit as done', async () => {
    await configure('10-bad', 'test-executor', '{ message: hello, fail: true }');
    await configure('20-good', 'test-executor', 'message: hello');
    await commit(3);
    const failed = spansNamed('operation.Execute').find(({ error }) => error !== null);
    expect(failed?.error).toContain('told to fail');
    expect(failed?.events).toEqual([failed?.error]);
    expect(only('steward.Commit').error).toBeNull();
    expect(only('executor.Execute')).toMatchObject({
      error: failed?.error,
      attributes: { executed: 1, failed: 1, rolled_back: 0, failure_phase: 'commit' },
    });
  });

  test('shows what could not be prepared in phase one', async () => {
    await configure('10-bad', 'command', 'run: [cat, "$' + '{env:NOT_SET_ANYWHERE}"]');
    await commit(3);
    expect(only('executor.Prepare').error).toContain('NOT_SET_ANYWHERE');
    expect(only('executor.Execute').attributes).toMatchObject({ failed: 1, failure_phase: 'prepare' });
    expect(only('operation.Execute').error).toContain('NOT_SET_ANYWHERE');
  });

  test('shows each attempt of a task that is retried, linked to the attempt before', async () => {
    const config =
      'factory: test-executor\nretry: { max_attempts: 3, initial_interval: 1ms }\nconfig: { message: x, fail_times: 2 }';
    await configure('10-again', 'test-executor', config);
    await commit();
    const [first, second, third] = spansNamed('operation.Execute').toSorted(
      (a, b) => Number(a.attributes['task.attempt']) - Number(b.attributes['task.attempt']),
    );
    expect(first?.links).toEqual([]);
    expect(second?.links).toEqual([first?.spanId]);
    expect(third?.links).toEqual([second?.spanId]);
    expect([first, second, third].map((span) => span?.error === null)).toEqual([false, false, true]);
  });

  test('shows a timeout and an interruption as errors of the attempt, and ends every span', async () => {
    await configure('10-slow', 'trying', '{ factory: trying, timeout: 50ms, config: { does: wait } }');
    await commit(3);
    expect(only('operation.Execute').error).toContain('timed out');
    await pond.run(['rm', '/etc/system.d/10-slow']);
    await configure('10-stops', 'trying', 'does: interrupt');
    await commit(130, { by: executable });
    expect(spansNamed('operation.Execute').at(-1)?.error).toBe('interrupted');
    expect(spansNamed('executor.Execute').at(-1)).toMatchObject({ error: 'interrupted' });
    expect(spansNamed('steward.Commit')).toHaveLength(2);
  });

  test('takes what a factory says into its attempt', async () => {
    await configure('10-says', 'trying', 'does: nothing');
    await commit();
    expect(only('operation.Execute')).toMatchObject({
      attributes: { 'seen.attempt': 1 },
      events: ['tried'],
    });
  });

  test("is inside the span of whoever called, and a task's child is inside the attempt", async () => {
    const caller = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    await configure('10-child', 'command', 'run: [/bin/sh, -c, "echo $TRACEPARENT"]');
    const said = await executable(['copy', '-', '/data.txt', '--log-level', 'info'], {
      input: 'x',
      env: { ...traced(), TRACEPARENT: `00-${caller.traceId}-${caller.spanId}-01` },
    });
    expect(only('steward.Commit')).toMatchObject({ traceId: caller.traceId, parentId: caller.spanId });
    const { spanId } = only('operation.Execute');
    expect(said.stderr).toContain(`00-${caller.traceId}-${spanId}-01`);
  });

  test('that a caller does not record is not sent', async () => {
    await commit(0, { env: { TRACEPARENT: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00' } });
    expect(collector.spans()).toEqual([]);
  });
});

describe('an attempt of another process', () => {
  test('that somebody asks for joins the trace of the commit, linked to the attempt before and to who asked', async () => {
    await configure('10-later', 'test-executor', '{ message: x, fail_times: 1 }');
    const { txn_seq } = JSON.parse((await commit(3)).stdout);
    const first = only('operation.Execute');
    const commitSpan = only('steward.Commit');
    const caller = '00-11111111111111111111111111111111-2222222222222222-01';
    await run(['control', 'retry', String(txn_seq)], 0, { TRACEPARENT: caller });
    expect(traceIds()).toEqual(new Set([commitSpan.traceId]));
    const [, again] = spansNamed('operation.Execute');
    expect(again).toMatchObject({ links: [first.spanId], error: null, attributes: { 'task.attempt': 2 } });
    const execution = spansNamed('executor.Execute').find(({ spanId }) => spanId === again?.parentId);
    expect(execution).toMatchObject({ parentId: commitSpan.spanId, links: ['2222222222222222'] });
  });

  test('after a crash joins it, too, although the crash took its own spans along', async () => {
    await configure('10-dies', 'trying', 'does: die');
    await expect(commit(0, { by: executable })).rejects.toThrow('exit code null');
    expect(collector.spans()).toEqual([]);
    await run(['recover']);
    const [transaction] = await transactions();
    expect([...traceIds()]).toEqual([transaction.trace_id]);
    const [begun] = transaction.records.filter(
      ({ record_type }: { record_type: string }) => record_type === 'post_commit_started',
    );
    const [, , , spanId] = /^(..)-(.{32})-(.{16})-/.exec(begun.trace_parent) ?? [];
    expect(only('operation.Execute')).toMatchObject({ links: [spanId], attributes: { 'task.attempt': 2 } });
  });

  test('of a commit that was not traced is traced under the identity that the commit was given', async () => {
    await configure('10-later', 'test-executor', '{ message: x, fail_times: 1 }');
    const made = await pond.run(['copy', '-', '/data.txt', '--json'], { expect: 3, input: 'x' });
    await run(['control', 'retry', String(JSON.parse(made.stdout).txn_seq)]);
    expect([...traceIds()]).toEqual([(await transactions())[0].trace_id]);
    expect(only('executor.Execute').error).toBeNull();
  });

  test('is not traced where the sampler takes nothing', async () => {
    await configure('10-later', 'test-executor', '{ message: x, fail_times: 1 }');
    const made = await pond.run(['copy', '-', '/data.txt', '--json'], { expect: 3, input: 'x' });
    await run(['control', 'retry', String(JSON.parse(made.stdout).txn_seq)], 0, {
      OTEL_TRACES_SAMPLER: 'parentbased_always_off',
    });
    expect(collector.spans()).toEqual([]);
  });
});

describe('the trace of a host plan', () => {
  const plan = (operations: readonly object[]): string => {
    const path = join(pond.host, 'plan.json');
    writeFileSync(path, JSON.stringify({ operations }));
    return path;
  };
  const write = (id: string) => ({
    id,
    kind: 'FileWrite',
    path: join(pond.host, id),
    content: 'x',
    mode: '0644',
  });

  test('nests its phases and its operations', async () => {
    await run(['host', 'apply', plan([write('a'), write('b')])]);
    expect(tree().split('\n')).toEqual([
      'executor.Execute',
      '  executor.Prepare',
      '  operation.Execute a',
      '  operation.Execute b',
    ]);
    expect(only('executor.Execute').attributes).toMatchObject({ operation_count: 2, operations_executed: 2 });
    expect(spansNamed('operation.Execute')[0]?.attributes).toEqual({ 'op.id': 'a', 'op.kind': 'FileWrite' });
  });

  test('shows everything that stands in its way, and no operation', async () => {
    mkdirSync(join(pond.host, 'a'));
    await run(['host', 'apply', plan([write('a'), { id: 'gone', kind: 'FileDelete', path: '/no/such' }])], 1);
    expect(tree().split('\n')).toEqual(['executor.Execute ERROR', '  executor.Prepare ERROR']);
    expect(only('executor.Prepare').events).toHaveLength(2);
    expect(only('executor.Execute').attributes).toMatchObject({
      executed: 0,
      failed: 2,
      rolled_back: 0,
      failure_phase: 'prepare',
    });
  });

  /** Applies a plan of which the second operation writes more than the process may. */
  const applyBeyondLimit = () => {
    const operations = [write('a'), { ...write('big'), content: 'x'.repeat(200_000) }, write('c')];
    const script = 'ulimit -f 64; exec "$0" "$@"';
    const args = ['host', 'apply', plan(operations), '--concurrency', '1', '--log-level', 'error', '--json'];
    return new Promise<number | null>((done) => {
      spawn('/bin/sh', ['-c', script, process.execPath, builtExecutable(), ...args], {
        env: { ...process.env, ...traced(), POND: pond.pond },
        stdio: 'ignore',
      }).on('exit', done);
    });
  };

  test('shows what failed and what was undone', async () => {
    expect(await applyBeyondLimit()).toBe(1);
    expect(tree().split('\n')).toEqual([
      'executor.Execute ERROR',
      '  executor.Prepare',
      '  operation.Execute a',
      '  operation.Execute big ERROR',
      '  executor.Rollback',
    ]);
    expect(only('executor.Execute').attributes).toMatchObject({
      operation_count: 3,
      executed: 1,
      failed: 1,
      rolled_back: 1,
      failure_phase: 'commit',
    });
    expect(only('executor.Rollback').attributes).toMatchObject({
      operations_to_rollback: 2,
      failed_rollback: 0,
    });
  });

  test('that a crash ended goes on in the trace of its execution when it is recovered', async () => {
    const made = join(pond.host, 'made');
    mkdirSync(made);
    const journals = join(pond.pond, 'control/host-plans');
    mkdirSync(journals, { recursive: true });
    const execution = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
    const records: readonly JournalRecord[] = [
      {
        record: 'plan',
        format: 1,
        checksum: 'c0ffee',
        operations: 1,
        started_at: 1,
        pid: 1,
        trace_parent: `00-${execution.traceId}-${execution.spanId}-01`,
      },
      {
        record: 'intents',
        operations: [
          { id: 'made', kind: 'DirCreate', steps: [{ step: 'MakeDirectory', path: made, mode: 0o755 }] },
        ],
      },
    ];
    writeFileSync(
      join(journals, 'crashed.journal'),
      Buffer.concat(records.map((record) => encodeRecord(record))),
    );
    await run(['host', 'recover', '--adopt', 'crashed']);
    expect(only('executor.Rollback')).toMatchObject({
      traceId: execution.traceId,
      parentId: execution.spanId,
      error: null,
      attributes: { operations_to_rollback: 1, rolled_back: 1, failed_rollback: 0 },
    });
  });

  test('warns of a checkpoint that has undone what was never intended', async () => {
    const journals = join(pond.pond, 'control/host-plans');
    mkdirSync(journals, { recursive: true });
    const plan = {
      record: 'plan',
      format: 1,
      checksum: 'c0ffee',
      operations: 1,
      started_at: 1,
      pid: 1,
    } as const;
    const records: readonly JournalRecord[] = [plan, { record: 'undone', operation: 'stranger' }];
    writeFileSync(
      join(journals, 'odd.journal'),
      Buffer.concat(records.map((record) => encodeRecord(record))),
    );
    const { stderr } = await pond.run(['host', 'recover']);
    expect(stderr).toMatch(/"event":"operation_not_in_checkpoint","op_id":"stranger"/);
  });
});

const transactions = async () =>
  JSON.parse((await pond.run(['control', '--mode', 'detailed', '--json'])).stdout).transactions;

const pondId = async () => JSON.parse((await pond.run(['status', '--json'])).stdout).pond_id;
