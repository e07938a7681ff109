import { createHash } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
const NEW_ENTRY = 'factory: test-executor\ncondition: { path_pattern: /b/** }\nconfig: { message: new }\n';

beforeAll(async () => {
  pond = await tempPond(callPond);
  await writeFile(join(pond.host, '20-new.yaml'), NEW_ENTRY);
  await pond.run(['mknod', 'test-executor', '/etc/system.d/10-first', '--config', 'message: first']);
  await pond.run(['mknod', 'file', '/a/1', '--config', '1']);
  await pond.run(['mknod', 'file', '/b/1', '--config', '1']);
  await pond.run(['mknod', 'test-executor', '/etc/system.d/15-more', '--config', 'message: more']);
  await pond.run(['mknod', 'file', '/b/2', '--config', '2']);
});
afterAll(() => pond.remove());

/** Every file of the pond with its content. */
const contents = async (): Promise<readonly string[]> => {
  const names = await readdir(pond.pond, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && !/-(wal|shm)$/.test(entry.name));
  const lines = files.map(async ({ parentPath, name }) => {
    const bytes = await readFile(join(parentPath, name));
    return `${join(parentPath, name)} ${createHash('sha256').update(bytes).digest('hex')}`;
  });
  return (await Promise.all(lines)).toSorted();
};

describe('no form of plan', () => {
  it('leaves a trace in the pond', async () => {
    const before = await contents();
    const records = (await pond.run(['control', '--mode', 'detailed'])).stdout;
    for (const args of [
      ['plan'],
      ['plan', '3', '--json'],
      ['plan', '--format', 'mermaid'],
      ['plan', '--format', 'dot'],
      ['plan', '6', '--diff', '3'],
      ['plan', '--with', join(pond.host, '20-new.yaml'), '--last', '3'],
      ['fsck', '--plans'],
    ]) {
      await pond.run(args);
    }
    expect(await contents()).toEqual(before);
    expect((await pond.run(['control', '--mode', 'detailed'])).stdout).toBe(records);
  });
});

describe('plan --diff', () => {
  it('says what changed from one commit to another, and why', async () => {
    const { stdout } = await pond.run(['plan', '6', '--diff', '4', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      from: { txn_seq: 4 },
      to: { txn_seq: 6 },
      schedule: null,
      differences: [{ path: '/etc/system.d/15-more', before: 'not there', because: ['configuration'] }],
    });
    expect((await pond.run(['plan', '4', '--diff', '3'])).stdout).toContain('the same');
  });
});

describe('plan --with', () => {
  it('says for each of the last commits whether a new entry would have run, and why not', async () => {
    const { stdout } = await pond.run([
      'plan',
      '--with',
      join(pond.host, '20-new.yaml'),
      '--last',
      '4',
      '--json',
    ]);
    const { commits } = JSON.parse(stdout);
    expect(
      commits.map(
        ({ txn_seq, entries }: { txn_seq: number; entries: { would_run: boolean; words: string }[] }) => [
          txn_seq,
          entries[0]?.would_run,
          entries[0]?.words,
        ],
      ),
    ).toEqual([
      [6, true, 'runs in batch 3'],
      [5, false, 'skipped: the commit changed nothing outside /etc'],
      [4, true, 'runs in batch 2'],
      [3, false, 'skipped: no changed path matches /b/**'],
    ]);
    const text = await pond.run(['plan', '--with', join(pond.host, '20-new.yaml'), '--last', '4']);
    expect(text.stdout).toContain('20-new.yaml would have run after 2 of 4 commits');
  });

  it('says what a new config.yaml would do to the other entries', async () => {
    await writeFile(join(pond.host, 'config.yaml'), 'shedule: graph\n');
    const { stdout } = await pond.run(
      ['plan', '--with', join(pond.host, 'config.yaml'), '--last', '1', '--json'],
      { expect: 4 },
    );
    expect(JSON.parse(stdout).commits[0].others).toMatchObject([
      { path: '/etc/system.d/10-first', after: expect.stringContaining('shedule') },
      { path: '/etc/system.d/15-more' },
    ]);
  });

  it('blames no file for what was there before: a config.yaml that is none, a factory that is gone', async () => {
    const other = await tempPond(callPond);
    const module = join(other.host, 'mine.mjs');
    await writeFile(
      module,
      "export default { name: 'mine', kind: 'executable', modes: ['PostCommitReader'], async execute() {} };",
    );
    await writeFile(join(other.host, '20-new.yaml'), 'factory: test-executor\nconfig: { message: new }\n');
    await other.run(['config', 'set', 'factories', `[${module}]`]);
    await other.run(['mknod', 'file', '/etc/system.d/10-mine.yaml', '--config', 'factory: mine\n']);
    await other.run(['mknod', 'file', '/a/1', '--config', '1']);
    await other.run(['mkdir', '/etc/system.d/config.yaml']);
    await other.run(['mknod', 'file', '/a/2', '--config', '2'], { expect: 3 });
    await rm(module);
    const { stdout } = await other.run(['plan', '--with', join(other.host, '20-new.yaml'), '--json']);
    const of = (seq: number) =>
      JSON.parse(stdout).commits.find(({ txn_seq }: { txn_seq: number }) => txn_seq === seq);
    const [before, after] = [of(4), of(6)];
    expect([before.others, after.others]).toEqual([[], []]);
    expect(before.entries[0].would_run).toBe(true);
    expect(after.entries[0].words).toContain('config.yaml is not a file');
    await other.remove();
  });

  it('is refused beside what it does not go with', async () => {
    await pond.run(['plan', '3', '--with', 'x.yaml'], { expect: 2 });
    await pond.run(['plan', '--last', '3'], { expect: 2 });
    await pond.run(['plan', '--diff', '3', '--format', 'dot'], { expect: 2 });
    await pond.run(['plan', '--with', join(pond.host, 'nothing.yaml')], { expect: 1 });
  });
});

describe('fsck --plans', () => {
  it('finds every recorded plan again', async () => {
    expect(JSON.parse((await pond.run(['fsck', '--plans', '--json'])).stdout)).toMatchObject({
      ok: true,
      findings: [],
      plans: { commits: 6, differing: [] },
    });
  });
});
