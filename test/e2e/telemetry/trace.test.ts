import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeEach(async () => {
  pond = await tempPond(callPond);
});
afterEach(() => pond.remove());

const flag = () => join(pond.host, 'flag');

/** Two that meet, so that they are seen to run side by side; one that fails until the flag is there; its dependent. */
const configure = async (): Promise<void> => {
  const meeting = (mine: string, other: string) =>
    `factory: command
timeout: 60s
config: { run: [sh, -c, 'touch ${join(pond.host, mine)}; until test -e ${join(pond.host, other)}; do sleep 0.01; done'] }
`;
  const files = {
    '10-left.yaml': meeting('left', 'right'),
    '11-right.yaml': meeting('right', 'left'),
    '20-publish.yaml': `factory: command
config: { run: [sh, -c, 'test -e ${flag()} || { echo the site is gone >&2; exit 1; }'] }
`,
    '30-tell.yaml':
      'factory: test-executor\ndepends_on: [20-publish]\nretry: { max_attempts: 2, initial_interval: 1ms }\nconfig: { message: told, fail_times: 1 }\n',
    'config.yaml': 'schedule: graph\n',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(pond.host, name), content);
  await pond.run([
    'copy',
    ...Object.keys(files).map((name) => `host://${join(pond.host, name)}`),
    '/etc/system.d/',
  ]);
};

interface Attempt {
  readonly attempt: number;
  readonly state: string;
  readonly pending_at: string | null;
  readonly started_at: string;
  readonly ended_at: string;
  readonly duration_ms: number;
  readonly error_message: string | null;
}

const traced = async (...args: readonly string[]) =>
  JSON.parse((await pond.run(['trace', ...args, '--json'])).stdout) as {
    readonly txn_seq: number;
    readonly status: string;
    readonly trace_id: string | null;
    readonly tasks: readonly { readonly config_path: string; readonly attempts: readonly Attempt[] }[];
  };

const recordCount = async (): Promise<number> => {
  const { stdout } = await pond.run(['control', '--mode', 'detailed', '--json']);
  return JSON.parse(stdout).records.length;
};

/** What stands between the label and the length of a task's row. */
const barOf = (text: string, label: string): string => {
  const line = text.split('\n').find((one) => one.includes(label));
  return line?.slice(line.indexOf(label) + label.length) ?? '';
};

describe('pond trace', () => {
  it('shows tasks side by side, a failure, and its retry in another process, and leaves no record', async () => {
    await configure();
    await pond.run(['mknod', 'file', '/in/x', '--config', 'x'], { expect: 3 });

    const failed = (await pond.run(['trace'])).stdout;
    expect(failed).toMatch(/^commit 3 {2}committed {2}pond mknod file \/in\/x/);
    expect(failed).toMatch(/✗ 3\.3 +20-publish\.yaml .*▒.* ms {2}failed\n +.*the site is gone\n/);
    expect(failed).toMatch(/- 3\.4 +30-tell\.yaml .* skipped\n +skipped: it depends on/);
    // Both bars cover a column that is the same.
    const [left, right] = ['10-left.yaml', '11-right.yaml'].map((name) => barOf(failed, name.padEnd(15)));
    expect([...(left ?? '')].some((sign, column) => sign === '█' && right?.[column] === '█')).toBe(true);

    await writeFile(flag(), '');
    await pond.run(['control', 'retry', '3']);
    const before = await recordCount();
    const retried = await traced('3');
    const [, , publish, tell] = retried.tasks;
    expect(publish?.attempts.map(({ attempt, state }) => [attempt, state])).toEqual([
      [1, 'failed'],
      [2, 'completed'],
    ]);
    expect(tell?.attempts.map(({ attempt, state }) => [attempt, state])).toEqual([
      [1, 'failed'],
      [2, 'completed'],
    ]);
    const instants = (publish?.attempts ?? []).flatMap(({ pending_at, started_at, ended_at }) => [
      pending_at,
      started_at,
      ended_at,
    ]);
    expect(instants).toEqual(instants.toSorted());
    expect(publish?.attempts[0]?.error_message).toContain('the site is gone');
    const text = (await pond.run(['trace', '3'])).stdout;
    expect(text).toMatch(/✓ +attempt 2 +.*█/);
    expect(text).not.toContain('\u001b');
    expect(await recordCount()).toBe(before);
  });

  it('of a commit whose task runs shows it running, and who runs it; a task sees its own commit', async () => {
    const seen = join(pond.host, 'seen');
    const executable = resolve(import.meta.dirname, '../../../dist/bin/pond');
    const script = `'${executable}' trace > '${seen}'; '${executable}' trace --json > '${seen}.json'`;
    const configuration = join(pond.host, 'looks.yaml');
    await writeFile(
      configuration,
      `factory: command\nconfig: { run: [sh, -c, ${JSON.stringify(script)}] }\n`,
    );
    await pond.run(['copy', `host://${configuration}`, '/etc/system.d/10-looks.yaml']);
    await pond.run(['mkdir', '/in']);
    const text = await readFile(seen, 'utf8');
    expect(text).toMatch(/^commit 3 {2}incomplete/);
    expect(text).toMatch(/… 3\.1 +10-looks\.yaml .*░.* running\n +held by process \d+ \(mkdir \/in\)\n/);
    expect(JSON.parse(await readFile(`${seen}.json`, 'utf8'))).toMatchObject({
      status: 'incomplete',
      completed_at: null,
      tasks: [
        {
          state: 'started',
          runner: { pid: expect.any(Number), command: 'mkdir /in' },
          attempts: [{ attempt: 1, state: 'started', ended_at: null, duration_ms: null }],
        },
      ],
    });
    expect((await pond.run(['trace'])).stdout).toMatch(/✓ 3\.1 +10-looks\.yaml .*█/);
  });

  it('of a commit that set nothing off says so; of one that does not exist, too, with exit code 1', async () => {
    const { stdout } = await pond.run(['trace', '1']);
    expect(stdout).toContain('commit 1 set off no tasks\n');
    expect(await traced()).toMatchObject({ txn_seq: 1, status: 'committed', tasks: [] });
    const unknown = await pond.run(['trace', '99'], { expect: 1 });
    expect([unknown.stdout, unknown.stderr]).toEqual([
      '',
      'pond: there is no transaction 99; the last one is 1\n  try: pond control lists the transactions\n',
    ]);
    const { stdout: document } = await pond.run(['trace', '99', '--json'], { expect: 1 });
    expect(JSON.parse(document)).toMatchObject({ error: { tag: 'TransactionNotFound' } });
    await pond.run(['trace', 'x'], { expect: 2 });
  });
});
