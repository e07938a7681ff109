import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { type BuiltPonds, buildPonds, removeFolder, run } from './machinery/built-ponds.js';
import { ask, askJson } from './scenarios/asking.js';
import { plainPond, prepare } from './scenarios/base-ponds.js';

describe('a task that uses the pond that it was started for', () => {
  let folder = '';
  let ponds: BuiltPonds;
  let pond = '';
  let count = 0;
  beforeEach(async () => {
    if (folder === '') {
      folder = await mkdtemp(join(tmpdir(), 'pond-crash-inside-'));
      ponds = await buildPonds();
    }
    count += 1;
    pond = await plainPond(join(folder, String(count)));
  });
  afterAll(() => removeFolder(folder));

  /** A task that runs a script, in which `pond` is the executable and `$OUT` a folder beside the pond. */
  const scriptTask = (name: string, script: string) => {
    const prelude = `pond() { "${process.execPath}" "${ponds.pond}" --log-level silent "$@"; }; OUT="$POND/.."; `;
    const config = JSON.stringify({ run: [prelude + script], shell: true });
    return prepare(pond, ['mknod', 'command', `/etc/system.d/${name}`, '--config', config]);
  };
  const commit = (path: string, content: string, code: number) =>
    run(ponds.pond, pond, ['copy', '-', path, '--json'], { input: content }).then((ended) => {
      expect([ended.code, ended.stderr]).toEqual([code, expect.anything()]);
      return JSON.parse(ended.stdout);
    });
  const beside = (name: string): string => {
    const path = join(pond, '..', name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '(missing)';
  };

  it('writes without setting off itself or anything else that does not wish it, and the write says inside what it was', async () => {
    await scriptTask(
      '10-writes',
      'date +%N | pond copy - /out/derived --json > "$OUT/answer" 2> "$OUT/said"',
    );
    const { tasks } = await commit('/in/a', 'a', 0);
    expect(tasks).toMatchObject([{ state: 'completed', attempts: 1 }]);
    expect(JSON.parse(beside('answer'))).toMatchObject({
      txn_seq: 4,
      status: 'committed',
      caused_by: [{ task: '3.1', config_path: '/etc/system.d/10-writes' }],
      tasks: [],
    });
    expect(beside('said')).toBe('');
    const { transactions } = (await askJson(pond, 'control')) as {
      transactions: { txn_seq: number; status: string; tasks: unknown[] }[];
    };
    expect(transactions.map(({ txn_seq, status, tasks }) => [txn_seq, status, tasks.length])).toEqual([
      [4, 'committed', 0],
      [3, 'committed', 1],
      [2, 'committed', 0],
      [1, 'committed', 0],
    ]);
  });

  it('can neither recover nor retry nor rebuild', async () => {
    const attempts = ['recover', 'control retry 3', 'rebuild-control'];
    const script = attempts.map((words) => `pond ${words} --json; echo "exit $?"`).join('; ');
    await scriptTask('10-repairs', `{ ${script}; } > "$OUT/answers" 2> "$OUT/said"`);
    await commit('/in/a', 'a', 0);
    const answers = beside('answers').split(/^exit (?=\d)/m);
    expect(answers.slice(1).map((text) => text.split('\n')[0])).toEqual(['1', '1', '1']);
    expect(beside('answers').match(/"tag": "RefusedInsideTask"/g)).toHaveLength(3);
  });

  it('reads the pond at its commit, also when it is retried after others', async () => {
    await scriptTask(
      '10-reads',
      'pond cat /in/a >> "$OUT/read"; pond cat /in/a --at latest >> "$OUT/latest"; pond plan --json > "$OUT/plan"; test -e "$OUT/go"',
    );
    await commit('/in/a', 'first;', 3);
    await writeFile(join(pond, '../go'), '');
    await commit('/in/a', 'second;', 0);
    expect((await run(ponds.pond, pond, ['control', 'retry', '3'])).code).toBe(0);
    expect(beside('read')).toBe('first;second;first;');
    expect(beside('latest')).toBe('first;second;second;');
    expect(JSON.parse(beside('plan'))).toMatchObject({ txn_seq: 3 });
    expect((await ask(pond, 'cat', '/in/a')).out.toString()).toBe('second;');
  });
});
