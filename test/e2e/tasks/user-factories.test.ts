import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { start } from '../../crash/machinery/built-ponds.js';
import { eventually } from '../../support/condition.js';
import { builtExecutable, type TempPond, tempPond } from '../../support/pond-cli.js';

// A module as a user writes it: plain JavaScript, no dependency, promises.
const MODULE = `
export default {
  name: 'tally',
  description: 'counts the lines of a file, and keeps the count when run as a writer',
  kind: 'executable',
  modes: ['InTransactionWriter', 'PostCommitReader'],
  config: (input) => {
    if (typeof input.source !== 'string') throw new Error('source: expected a path');
    return input;
  },
  async execute(context, config) {
    const lines = (await context.files.readText(config.source)).trimEnd().split('\\n').length;
    if (context.isWriter) {
      await context.files.write('/tally.txt', Buffer.from(String(lines)));
      if (config.fail) throw new Error('told to fail after it wrote');
    } else if (context.fs.write !== undefined || context.files.write !== undefined) {
      throw new Error('a reader can write');
    }
  },
};
`;

/** Waits for what nothing will ever bring about, which keeps no process alive. */
const WAITING = `
export default {
  name: 'waiting',
  description: 'waits',
  kind: 'executable',
  modes: ['PostCommitReader'],
  config: (input) => input,
  execute: (context) => {
    context.log.log('info', 'waiting_for_ever');
    return new Promise((resolve) => context.signal.addEventListener('abort', resolve));
  },
};
`;

/** Code as it is written in a hurry: what fails is not awaited, or ends the process. */
const CARELESS = `
const executable = { kind: 'executable', modes: ['PostCommitReader'] };
const later = (work) => new Promise((resolve) => setTimeout(() => resolve(work()), 1));
export default [
  { ...executable, name: 'forgets', async execute() { later(() => { throw new Error('of a promise'); }); await later(() => later(() => later(() => 0))); } },
  { ...executable, name: 'throws-later', execute: () => new Promise(() => setTimeout(() => { throw new Error('of a timer'); }, 1)) },
  { ...executable, name: 'is-over', execute() { Promise.resolve().then(() => later(() => { throw new Error('of nobody'); })); } },
  { ...executable, name: 'lasts', execute: () => later(() => later(() => later(() => later(() => later(() => 0))))) },
  { ...executable, name: 'exits', execute() { process.exit(0); } },
];
`;

describe("a user's own factory", () => {
  let pond: TempPond;
  const json = async (args: readonly string[]) => JSON.parse((await pond.run([...args, '--json'])).stdout);

  beforeAll(async () => {
    pond = await tempPond();
    writeFileSync(join(pond.host, 'tally.mjs'), MODULE);
    await pond.run(['config', 'set', 'factories', `[${join(pond.host, 'tally.mjs')}]`]);
    await pond.run(['mknod', 'tally', '/etc/system.d/10-tally', '--config', 'source: /lines.txt']);
    await pond.run(['mknod', 'tally', '/etc/failing', '--config', '{ source: /lines.txt, fail: true }']);
  });
  afterAll(() => pond.remove());

  test('is known by the settings, and run after a commit with a filesystem that cannot write', async () => {
    const written = await pond.run(['copy', '-', '/lines.txt', '--json'], { input: 'a\nb\n' });
    expect(JSON.parse(written.stdout).tasks).toMatchObject([{ factory_name: 'tally', state: 'completed' }]);
  });

  test('writes when it is run by hand as a writer, and its write is a commit like any other', async () => {
    const before = (await json(['status'])).last_txn_seq;
    const ran = await json(['run', '/etc/system.d/10-tally']);
    expect(ran).toMatchObject({ status: 'committed', txn_seq: before + 1 });
    expect((await pond.run(['cat', '/tally.txt'])).stdout).toBe('2');
  });

  test('that fails as a writer leaves nothing of what it wrote', async () => {
    const before = (await json(['status'])).last_txn_seq;
    await pond.run(['copy', '-', '/lines.txt', '--no-post-commit'], { input: 'a\nb\nc\n' });
    const ran = await pond.run(['run', '/etc/failing'], { expect: 1 });
    expect(ran.stderr).toContain('told to fail after it wrote');
    expect((await pond.run(['cat', '/tally.txt'])).stdout).toBe('2');
    expect((await json(['status'])).last_txn_seq).toBe(before + 1);
  });

  test('can be asked to run as a reader instead', async () => {
    const before = (await json(['status'])).last_txn_seq;
    await pond.run(['run', '/etc/failing', '--mode', 'post-commit']);
    expect((await json(['status'])).last_txn_seq).toBe(before);
  });

  test('that waits for what keeps no process alive is waited for, until somebody interrupts', async () => {
    const waiting = join(pond.host, 'waiting.mjs');
    writeFileSync(waiting, WAITING);
    const args = ['--factories', waiting];
    await pond.run(['mknod', 'waiting', '/etc/system.d/20-waits', '--config', '{}', ...args]);
    const running = start(
      builtExecutable(),
      pond.pond,
      ['copy', '-', '/lines.txt', '--log-level', 'info', ...args],
      { input: 'a' },
    );
    await eventually('the task waits', () => running.said().includes('waiting_for_ever'));
    expect((await pond.run(['status', '--check'])).stdout).toMatch(/running tasks +1\n/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130 });
  });

  test('whose errors nobody awaits fails with them, and neither the process nor another task does', async () => {
    const careless = join(pond.host, 'careless.mjs');
    writeFileSync(careless, CARELESS);
    const args = ['--factories', careless];
    for (const name of ['forgets', 'throws-later', 'is-over', 'lasts']) {
      await pond.run(['mknod', name, `/etc/system.d/30-${name}`, '--config', '{}', ...args]);
    }
    await pond.run(['rm', '/etc/system.d/20-waits']);
    const written = start(builtExecutable(), pond.pond, ['copy', '-', '/more.txt', '--json', ...args], {
      input: 'a',
    });
    const { code, stdout, stderr } = await written.ended;
    expect(JSON.parse(stdout).tasks.slice(1)).toMatchObject([
      { factory_name: 'forgets', error_message: 'it did not await what failed: of a promise' },
      { factory_name: 'is-over', state: 'completed' },
      { factory_name: 'lasts', state: 'completed' },
      { factory_name: 'throws-later', error_message: 'it did not await what failed: of a timer' },
    ]);
    expect(code).toBe(3);
    expect(stderr).toMatch(/"event":"module_error_too_late","factory":"is-over".*of nobody/);
  });

  test('that ends the process has done nothing: the exit code says so, and the task is unfinished', async () => {
    const args = ['--factories', join(pond.host, 'careless.mjs')];
    await pond.run(['mknod', 'exits', '/etc/system.d/20-exits', '--config', '{}', ...args]);
    const written = await start(builtExecutable(), pond.pond, ['copy', '-', '/end.txt', ...args], {
      input: 'b',
    }).ended;
    expect(written.code).toBe(1);
    expect(written.stderr).toContain('code that was run has ended the process (process.exit(0))');
    await pond.run(['status', '--check'], { expect: 6 });
  });
});
