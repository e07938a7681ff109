import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';

/** The steward's main job, line by line: each step needs the ones before it. */
describe('tasks after a commit', () => {
  let pond: TempPond;
  beforeAll(async () => {
    pond = await tempPond();
  });
  afterAll(() => pond.remove());

  const executor = (name: string, config: string) =>
    pond.run(['mknod', 'test-executor', `/etc/system.d/${name}`, '--config', config]);

  const statesOf = async (...args: string[]): Promise<readonly string[]> => {
    const { tasks } = JSON.parse((await pond.run(['show-post-commit', ...args, '--json'])).stdout);
    return tasks.map(({ state }: { state: string }) => state);
  };

  it('are configured without being run', async () => {
    await pond.run(['mkdir', '/etc/system.d']);
    await executor('10-first', 'message: first\nfail: false\ndelay_ms: 100\n');
    await executor('20-second', 'message: second\nfail: false\ndelay_ms: 100\n');
    expect(await statesOf()).toEqual([]);
  });

  it('run in the order of their names', async () => {
    const { stdout } = await pond.run(['mknod', 'file', '/test/data.txt', '--json']);
    const { status, tasks } = JSON.parse(stdout);
    expect(status).toBe('committed');
    expect(tasks).toMatchObject([
      { config_path: '/etc/system.d/10-first', state: 'completed', attempts: 1 },
      { config_path: '/etc/system.d/20-second', state: 'completed', attempts: 1 },
    ]);
    expect(Date.parse(tasks[1].started_at)).toBeGreaterThanOrEqual(Date.parse(tasks[0].completed_at));
    expect(tasks[0].duration_ms).toBeGreaterThanOrEqual(100);
  });

  it('that fail are a warning with the command that retries them, and exit code 3; the data is there', async () => {
    await executor('30-fail', 'message: third\nfail: true\ndelay_ms: 100\n');
    const { stdout, stderr } = await pond.run(['mknod', 'file', '/test/more-data.txt', '--config', 'more'], {
      expect: 3,
    });
    expect(stdout).toBe('');
    const retry = /^ {2}pond control retry (\d+\.3)$/m.exec(stderr)?.[1];
    expect(retry).toBeDefined();
    expect(stderr).toContain('/etc/system.d/30-fail (test-executor) failed');
    expect((await pond.run(['cat', '/test/more-data.txt'])).stdout).toBe('more');
  });

  it('are listed as completed, completed, failed', async () => {
    expect(await statesOf()).toEqual(['completed', 'completed', 'failed']);
    const { stdout } = await pond.run(['show-post-commit']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.charAt(0))).toEqual(['✓', '✓', '✗']);
  });

  it('that failed make a check fail, until a retry with a corrected configuration succeeds', async () => {
    await pond.run(['status', '--check'], { expect: 6 });
    const { last_txn_seq: failed } = JSON.parse((await pond.run(['status', '--json'])).stdout);
    await pond.run(['control', 'retry', `${failed}.3`], { expect: 3 });
    await pond.run([
      'mknod',
      'test-executor',
      '/etc/system.d/30-fail',
      '--overwrite',
      '--config',
      'message: third\nfail: false\n',
    ]);
    await pond.run(['control', 'retry', String(failed), '--current-config']);
    expect(await statesOf(String(failed))).toEqual(['completed', 'completed', 'completed']);
    await pond.run(['status', '--check']);
    await pond.run(['control', 'retry', `${failed}.3`], { expect: 1 });
  });

  it('are not run with --no-post-commit, and the plan says so', async () => {
    const { stdout } = await pond.run(['mknod', 'file', '/test/quiet.txt', '--no-post-commit', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ tasks: [], suppressed: 'no-post-commit' });
  });

  it('can be seen in the plan and in the control table', async () => {
    const plan = JSON.parse((await pond.run(['plan', '4', '--json'])).stdout);
    expect(plan).toMatchObject({
      txn_seq: 4,
      tasks: [
        { execution_seq: 1, name: '10-first', factory: 'test-executor' },
        { execution_seq: 2, name: '20-second', factory: 'test-executor' },
      ],
    });
    const control = JSON.parse((await pond.run(['control', '--txn', '4', '--json'])).stdout);
    expect(control.transactions).toContainEqual(
      expect.objectContaining({ txn_seq: 4, transaction_type: 'write', status: 'committed' }),
    );
    const detailed = await pond.run(['control', '--mode', 'detailed', '--txn', '4']);
    expect(detailed.stdout).toMatch(/4\.1 {2}post_commit_pending/);
    expect(detailed.stdout).toMatch(/4\.2 {2}post_commit_completed/);
    expect((await pond.run(['log'])).stdout).toBe((await pond.run(['control'])).stdout);
  });
});
