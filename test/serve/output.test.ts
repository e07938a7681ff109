import { existsSync, readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { ok, writing } from '../steward/memory-steward.js';
import { callPond } from '../support/pond-in-process.js';
import { addEntry, diskPond } from './serving.js';

const shell = (script: string) => ({ run: [script], shell: true });

/** A pond whose newest commit has run a program. */
const pondAfter = async (script: string) => {
  const pond = await diskPond();
  const steward = await pond.open();
  await addEntry(steward, '10-say', 'command', shell(script));
  ok(await writing('/in/a')(steward)());
  return { pond, steward };
};

const saidIn = (folder: string): readonly string[] => {
  const files = join(folder, 'control/output/0');
  return existsSync(files) ? readdirSync(files).map((name) => join(files, name)) : [];
};

describe('what an attempt of a task says', () => {
  test('is kept with it, from both streams and in order, and shown by pond logs', async () => {
    const { pond, steward } = await pondAfter('echo one; echo two >&2; echo three; exit 3');
    const kept = ok(await steward.output({ parentTxnSeq: 3, executionSeq: 1 })());
    expect(kept).toMatchObject({ attempt: 1, attempts: [1], task: { state: 'failed' } });
    const printed = kept.lines.filter(({ event }) => event === 'task_output');
    expect(printed.map(({ fields }) => fields.line).toSorted()).toEqual(['one', 'three', 'two']);
    await steward.close()();

    const shown = await callPond(['logs', '3.1'], { pond: pond.directory });
    expect(shown.code).toBe(0);
    expect(shown.stdout.split('\n').toSorted()).toEqual(expect.arrayContaining(['one', 'three', 'two']));
    const followed = await callPond(['logs', '3.1', '--follow', '--json'], { pond: pond.directory });
    expect(JSON.parse(followed.stdout)).toMatchObject({ task: '3.1', state: 'failed', attempt: 1 });
    const none = await callPond(['logs', '3.1', '--attempt', '2'], { pond: pond.directory });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('has had 1 attempts')]);
  });

  test('is at most 256 KiB: its beginning and its end, and how much is not kept', async () => {
    const { pond, steward } = await pondAfter(
      'i=0; while [ $i -lt 9000 ]; do echo "line $i of many"; i=$((i+1)); done',
    );
    const { lines } = ok(await steward.output({ parentTxnSeq: 3, executionSeq: 1 })());
    await steward.close()();
    const [path = ''] = saidIn(pond.directory);
    expect(readFileSync(path).length).toBeLessThanOrEqual(256 * 1024);
    const said = lines.map(({ event, fields }) => (event === 'task_output' ? fields.line : fields.lines));
    expect([said[0], said.at(-1)]).toEqual(['line 0 of many', 'line 8999 of many']);
    const marks = lines.filter(({ event }) => event === 'output_left_out');
    const [mark] = marks;
    expect([marks.length, Number(mark?.fields.lines) + lines.length - 1]).toEqual([1, 9000]);
  });

  test('holds no secrets, and is removed by maintain when it is older than it is kept for', async () => {
    process.env.SERVE_TEST_TOKEN = 'hunter2-hunter2';
    const { pond, steward } = await pondAfter('echo "the word is $SERVE_TEST_TOKEN"');
    delete process.env.SERVE_TEST_TOKEN;
    const said = async () => ok(await steward.output({ parentTxnSeq: 3, executionSeq: 1 })()).lines;
    expect(JSON.stringify(await said())).toContain('the word is');
    expect(JSON.stringify(await said())).not.toContain('hunter2');
    ok(await steward.setSetting('serve.keep_output', '2d')());
    expect(ok(await steward.maintain()())).toMatchObject({ outputsRemoved: 0 });
    // A program that takes its time has a file; of one that does not it is in the control table.
    const old = new Date(Date.now() - 3 * 86_400_000);
    for (const path of saidIn(pond.directory)) utimesSync(path, old, old);
    const database = new Database(join(pond.directory, 'control/control.db'));
    database.prepare('UPDATE outputs SET kept_at = ?').run(old.getTime() * 1000);
    database.close();
    expect(ok(await steward.maintain({ dryRun: true })())).toMatchObject({ outputsRemoved: 1 });
    expect(ok(await steward.maintain()())).toMatchObject({ outputsRemoved: 1 });
    expect(await said()).toEqual([]);
    expect(saidIn(pond.directory)).toEqual([]);
    await steward.close()();
  });
});
