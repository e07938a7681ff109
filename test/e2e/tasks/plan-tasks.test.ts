import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Steward } from '../../../src/promises.js';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeEach(async () => {
  pond = await tempPond(callPond);
  await writeFile(join(pond.host, 'timeline'), '');
});
afterEach(() => pond.remove());

/** All files of /etc/system.d in one commit, which sets nothing off. */
const configure = async (files: Readonly<Record<string, string>>): Promise<void> => {
  const names = Object.keys(files);
  for (const name of names) await writeFile(join(pond.host, name), files[name] ?? '');
  await pond.run(['copy', ...names.map((name) => `host://${join(pond.host, name)}`), '/etc/system.d/']);
};

/** The same past the check of what is copied there: a broken entry may come by other ways. */
const smuggle = async (files: Readonly<Record<string, string>>): Promise<void> => {
  const opened = await Steward.open(pond.pond);
  const broken = Object.entries(files);
  await opened.write(
    async ({ fs }) => {
      for (const [name, text] of broken) await fs.write(`/etc/system.d/${name}`, Buffer.from(text));
    },
    { postCommit: false },
  );
  await opened.close();
};

const timeline = () => join(pond.host, 'timeline');

/** A command that notes its start and its end, and how many milliseconds it takes between. */
const noting = (name: string, envelope = '', milliseconds = 150): string =>
  `factory: command
${envelope}
config:
  run: [sh, -c, 'echo start ${name} >> ${timeline()}; sleep ${milliseconds / 1000}; echo end ${name} >> ${timeline()}']
`;

/** A task that leaves no trace. */
const quiet = (envelope: string): string =>
  `factory: test-executor\n${envelope}\nconfig: { message: quiet }\n`;

const events = async (): Promise<readonly string[]> =>
  (await readFile(timeline(), 'utf8')).split('\n').filter((line) => line !== '');

/** The most that were running at once. */
const mostAtOnce = (lines: readonly string[]): number => {
  let running = 0;
  return Math.max(...lines.map((line) => (line.startsWith('start') ? ++running : running--)));
};

const commit = async (path: string, expectedCode = 0) =>
  JSON.parse(
    (
      await pond.run(['mknod', 'file', path, '--overwrite', '--config', `${path}\n`, '--json'], {
        expect: expectedCode,
      })
    ).stdout,
  );

const statesOf = (tasks: readonly { config_path: string; state: string }[]) =>
  Object.fromEntries(tasks.map(({ config_path, state }) => [config_path.split('/').at(-1), state]));

const plan = async (...args: readonly string[]) =>
  JSON.parse((await pond.run(['plan', ...args, '--json'])).stdout);

describe('the order of tasks, as it is seen from outside', () => {
  it('of a diamond: what is not ordered runs side by side, nobody before its dependencies have ended', async () => {
    await configure({
      'a.yaml': noting('a'),
      'b.yaml': noting('b', 'depends_on: a', 400),
      'c.yaml': noting('c', 'depends_on: [a.yaml]', 400),
      'd.yaml': noting('d', 'depends_on: [b, c]'),
      'config.yaml': 'schedule: graph',
    });
    await commit('/in/x');
    const seen = await events();
    const at = (event: string) => seen.indexOf(event);
    expect(seen).toHaveLength(8);
    expect(Math.max(at('start b'), at('start c'))).toBeLessThan(Math.min(at('end b'), at('end c')));
    expect(at('start b')).toBeGreaterThan(at('end a'));
    expect(at('start d')).toBeGreaterThan(Math.max(at('end b'), at('end c')));
  });

  it('of a graph: never more than max_concurrency run at once', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await configure({
      ...Object.fromEntries(names.map((name) => [`${name}.yaml`, noting(name)])),
      'config.yaml': 'schedule: graph\nmax_concurrency: 2',
    });
    await commit('/in/x');
    const seen = await events();
    expect(seen).toHaveLength(12);
    expect(mostAtOnce(seen)).toBe(2);
  });

  it('of groups: members side by side, groups one after another, the others at the place of their names', async () => {
    await configure({
      '10-a.yaml': noting('a', '', 300),
      '11-b.yaml': noting('b', '', 300),
      '15-m.yaml': noting('m'),
      '20-x.yaml': noting('x', '', 300),
      '21-y.yaml': noting('y', '', 300),
      'config.yaml': 'parallel_groups: [[10-a, 11-b], [20-x, 21-y]]',
    });
    await commit('/in/x');
    const seen = await events();
    expect(seen.slice(0, 2).toSorted()).toEqual(['start a', 'start b']);
    expect(seen.slice(2, 4).toSorted()).toEqual(['end a', 'end b']);
    expect(seen.slice(4, 6)).toEqual(['start m', 'end m']);
    expect(seen.slice(6, 8).toSorted()).toEqual(['start x', 'start y']);
  });

  it('of the sequential schedule: one at a time, by name as far as dependencies allow', async () => {
    await configure({
      '10-a.yaml': noting('a', 'depends_on: 30-c', 50),
      '20-b.yaml': noting('b', '', 50),
      '30-c.yaml': noting('c', '', 50),
      'config.yaml': 'max_concurrency: 8',
    });
    await commit('/in/x');
    expect(await events()).toEqual(['start b', 'end b', 'start c', 'end c', 'start a', 'end a']);
  });
});

describe('conditions', () => {
  it('run a task for the changes that they name, renames at both ends, and say in words why not', async () => {
    await configure({
      '10-hydro.yaml': noting(
        'hydro',
        'condition: { path_pattern: "/hydrovu/**", exclude: "/hydrovu/tmp/**" }',
        0,
      ),
      '20-gone.yaml': noting('gone', 'condition: { on: [deleted] }', 0),
    });
    expect(statesOf((await commit('/other/x')).tasks)).toEqual({});
    expect((await plan()).skipped).toEqual([
      {
        path: '/etc/system.d/10-hydro.yaml',
        reason: 'no changed path matches /hydrovu/** without matching /hydrovu/tmp/**',
        reason_tag: 'ConditionNotMet',
      },
      { path: '/etc/system.d/20-gone.yaml', reason: 'nothing was deleted', reason_tag: 'ConditionNotMet' },
    ]);
    expect(statesOf((await commit('/hydrovu/tmp/x')).tasks)).toEqual({});
    expect(statesOf((await commit('/hydrovu/a')).tasks)).toEqual({ '10-hydro.yaml': 'completed' });
    const moved = await pond.run(['mv', '/hydrovu/a', '/other/a', '--json']);
    expect(statesOf(JSON.parse(moved.stdout).tasks)).toEqual({ '10-hydro.yaml': 'completed' });
    const removed = await pond.run(['rm', '/other/a', '--json']);
    expect(statesOf(JSON.parse(removed.stdout).tasks)).toEqual({ '20-gone.yaml': 'completed' });
  });

  it('that name a path under /etc run for a change of the configuration; others do not', async () => {
    await configure({
      '10-etc.yaml': noting('etc', 'condition: { path_pattern: "/etc/motd" }', 0),
      '20-all.yaml': noting('all', 'condition: { path_pattern: "/**" }', 0),
    });
    expect(statesOf((await commit('/etc/motd')).tasks)).toEqual({ '10-etc.yaml': 'completed' });
    expect((await plan()).skipped).toMatchObject([{ reason_tag: 'OnlyConfigurationChanged' }]);
  });
});

describe('retries', () => {
  const recordsOf = async (seq: number) => {
    const { stdout } = await pond.run(['control', '--mode', 'detailed', '--txn', String(seq), '--json']);
    return JSON.parse(stdout).records as readonly {
      record_type: string;
      execution_seq: number | null;
      attempt: number | null;
      timestamp: string;
    }[];
  };

  it('try a task until it succeeds, with growing waits, and show every attempt', async () => {
    await configure({
      '10-x.yaml':
        'factory: test-executor\nretry: { max_attempts: 3, initial_interval: 200ms, backoff: 4 }\nconfig: { message: x, fail_times: 2 }\n',
    });
    const { txn_seq, tasks } = await commit('/in/x');
    expect(tasks).toMatchObject([{ state: 'completed', attempts: 3 }]);
    const records = (await recordsOf(txn_seq)).filter(({ execution_seq }) => execution_seq === 1);
    expect(records.map(({ record_type, attempt }) => `${record_type.slice(12)} ${attempt}`)).toEqual([
      'pending null',
      'started 1',
      'failed 1',
      'pending 2',
      'started 2',
      'failed 2',
      'pending 3',
      'started 3',
      'completed 3',
    ]);
    const [first = 0, second = 0] = [3, 6].map((place) => {
      const times = [place, place + 1].map((at) => Date.parse(records[at]?.timestamp ?? ''));
      return (times[1] ?? 0) - (times[0] ?? 0);
    });
    expect(second).toBeGreaterThan(first);
  });

  it('end each attempt that takes too long, and leave nothing of it running', async () => {
    await configure({
      '10-deaf.yaml': `factory: command
timeout: 300ms
retry: { max_attempts: 2, initial_interval: 10ms }
config:
  run: [sh, -c, 'trap "" TERM; echo $$ >> ${timeline()}; while :; do sleep 1; done']
`,
    });
    const { tasks } = await commit('/in/x', 3);
    expect(tasks).toMatchObject([{ state: 'failed', attempts: 2, error_message: 'timed out after 300 ms' }]);
    const pids = (await events()).map(Number);
    expect(pids).toHaveLength(2);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  }, 60_000);
});

describe('a task that failed', () => {
  const files = {
    '10-a.yaml': '',
    '20-b.yaml': '',
    '30-c.yaml': '',
    '40-d.yaml': '',
  };
  const configured = (flag: string) => ({
    ...files,
    '10-a.yaml': `factory: command\nconfig: { run: [test, -e, ${flag}] }\n`,
    '20-b.yaml': noting('b', 'depends_on: 10-a', 0),
    '30-c.yaml': noting('c', 'depends_on: 20-b', 0),
    '40-d.yaml': noting('d', '', 0),
  });

  it('stops those that depend on it, naming the cause, and nobody else; its retry runs them all', async () => {
    const flag = join(pond.host, 'flag');
    await configure(configured(flag));
    const { txn_seq, tasks } = await commit('/in/x', 3);
    expect(statesOf(tasks)).toEqual({
      '10-a.yaml': 'failed',
      '20-b.yaml': 'skipped',
      '30-c.yaml': 'skipped',
      '40-d.yaml': 'completed',
    });
    expect(tasks[1].error_message).toBe(
      `skipped: it depends on /etc/system.d/10-a.yaml (${txn_seq}.1), which failed`,
    );
    expect(tasks[2].error_message).toContain(`because /etc/system.d/10-a.yaml (${txn_seq}.1) failed`);

    // A dependent does not run before its dependency has completed, however much it is wished.
    await pond.run(['control', 'retry', `${txn_seq}.3`], { expect: 3 });
    expect(await events()).toEqual(['start d', 'end d']);

    await writeFile(flag, '');
    const retried = await pond.run(['control', 'retry', `${txn_seq}.1`, '--json']);
    expect(statesOf(JSON.parse(retried.stdout).tasks)).toEqual({
      '10-a.yaml': 'completed',
      '20-b.yaml': 'completed',
      '30-c.yaml': 'completed',
    });
    expect(await events()).toEqual(['start d', 'end d', 'start b', 'end b', 'start c', 'end c']);
    await pond.run(['status', '--check']);
  });
});

describe('an entry that is rejected', () => {
  it('stops its dependents; a retry with a corrected configuration runs it, then them, and the record says so', async () => {
    await configure({
      '10-bad.yaml': noting('bad', 'depends_on: [nothing]', 0),
      '20-after.yaml': noting('after', 'depends_on: [10-bad]', 0),
    });
    const { txn_seq, tasks } = await commit('/in/x', 3);
    expect(tasks).toMatchObject([
      { config_path: '/etc/system.d/20-after.yaml', state: 'skipped' },
      { config_path: '/etc/system.d/10-bad.yaml', state: 'failed', attempts: 0 },
    ]);
    expect(tasks[0].error_message).toContain('/etc/system.d/10-bad.yaml');
    await pond.run(['control', 'retry', `${txn_seq}.2`], { expect: 3 });
    expect(await events()).toEqual([]);

    await configure({ '10-bad.yaml': noting('bad', '', 0) });
    const retried = await pond.run(['control', 'retry', `${txn_seq}.2`, '--current-config', '--json']);
    expect(JSON.parse(retried.stdout).tasks).toMatchObject([
      { state: 'completed', config_txn_seq: txn_seq + 1 },
      { state: 'completed', config_txn_seq: txn_seq + 1 },
    ]);
    expect(await events()).toEqual(['start bad', 'end bad', 'start after', 'end after']);
  });

  it.each<[string, Readonly<Record<string, string>>, Readonly<Record<string, string | RegExp>>]>([
    [
      'a cycle, with its path, but not what depends on it',
      {
        'a.yaml': quiet('depends_on: b'),
        'b.yaml': quiet('depends_on: c'),
        'c.yaml': quiet('depends_on: a'),
        'd.yaml': quiet('depends_on: a'),
      },
      {
        'a.yaml': 'a.yaml -> b.yaml -> c.yaml -> a.yaml',
        'b.yaml': 'a.yaml -> b.yaml -> c.yaml -> a.yaml',
        'c.yaml': 'a.yaml -> b.yaml -> c.yaml -> a.yaml',
      },
    ],
    [
      'groups that contradict depends_on',
      {
        'a.yaml': quiet('depends_on: b'),
        'b.yaml': quiet(''),
        'c.yaml': quiet(''),
        'config.yaml': 'parallel_groups: [[a, c], [b]]',
      },
      { 'a.yaml': 'parallel_groups wants it after', 'b.yaml': 'parallel_groups wants it after' },
    ],
    [
      'a config.yaml that is not YAML: every entry',
      { 'a.yaml': quiet(''), 'b.yaml': quiet(''), 'config.yaml': 'schedule: [' },
      { 'a.yaml': 'config.yaml', 'b.yaml': 'config.yaml' },
    ],
    [
      'duplicate keys, with their line',
      { 'a.yaml': 'factory: test-executor\r\nconfig: {}\r\nconfig: {}\r\n' },
      { 'a.yaml': /a\.yaml:3: not valid YAML: the key "config" is there twice/ },
    ],
    [
      'a misspelt key, with its line',
      { 'a.yaml': 'factory: test-executor\n\nretry:\n  max_attempt: 3\n' },
      { 'a.yaml': /a\.yaml:4: retry\.max_attempt: unknown key/ },
    ],
  ])('because of %s', async (_, configuration, rejected) => {
    await smuggle(configuration);
    await commit('/in/x', 3);
    const found = (await plan()).rejected as readonly {
      path: string;
      details: readonly { message: string }[];
    }[];
    expect(found.map(({ path }) => path.split('/').at(-1))).toEqual(Object.keys(rejected));
    for (const { path, details } of found) {
      const words = rejected[path.split('/').at(-1) ?? ''] ?? '';
      const said = details.map(({ message }) => message).join('\n');
      expect(said).toMatch(typeof words === 'string' ? new RegExp(words.replaceAll('.', '\\.')) : words);
    }
  });
});
