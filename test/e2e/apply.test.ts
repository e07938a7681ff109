import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { tempPond } from '../support/pond-cli.js';
import { callPond } from '../support/pond-in-process.js';

const FILE = `
mkdir: [/in, /quarantine/old]
settings:
  recover: { on_open: auto }
  factory_modes: { command: pull }
nodes:
  - path: /etc/system.d/10-first
    factory: test-executor
    condition: { path_pattern: "/in/**" }
    config: { message: hello }
  - path: /views/today
    factory: test-file
    config: { content: "today\\n" }
files:
  - { path: /ref/a.txt, content: "alpha\\n" }
  - { path: /ref/b.csv, from: ./b.csv }
`;

const pondWithFile = async (text = FILE) => {
  const pond = await tempPond(callPond);
  onTestFinished(pond.remove);
  const file = join(pond.host, 'pond.yaml');
  writeFileSync(file, text);
  writeFileSync(join(pond.host, 'b.csv'), 'a,b\n1,2\n');
  const json = async (...args: readonly string[]) => JSON.parse((await pond.run([...args, '--json'])).stdout);
  return { ...pond, file, json, write: (changed: string) => writeFileSync(file, changed) };
};

test('a pond is made as its file says in one commit, and a second time nothing is left to do', async () => {
  const { run, file, json } = await pondWithFile();
  const before = (await json('status')).last_txn_seq;
  const { stdout } = await run(['apply', file]);
  expect(stdout.trim().split('\n').sort()).toEqual([
    'make   /etc/system.d/10-first (test-executor)',
    'make   /in/',
    'make   /quarantine/old/',
    'make   /views/today (test-file)',
    'set    factory_modes.command: (none) -> pull',
    'set    recover.on_open: warn -> auto',
    'write  /ref/a.txt (6 bytes)',
    'write  /ref/b.csv (8 bytes)',
  ]);
  expect((await json('status')).last_txn_seq).toBe(before + 1);
  expect((await run(['cat', '/views/today'])).stdout).toBe('today\n');
  expect((await run(['cat', '/ref/b.csv'])).stdout).toBe('a,b\n1,2\n');
  expect((await run(['config', 'get', 'recover.on_open'])).stdout).toBe('auto\n');

  expect((await run(['apply', file])).stdout).toBe('unchanged\n');
  expect((await json('status')).last_txn_seq).toBe(before + 1);
});

test('a dry run says what would be changed, key by key, and changes nothing', async () => {
  const { run, file, json, write } = await pondWithFile();
  await run(['apply', file]);
  const before = (await json('status')).last_txn_seq;
  write(FILE.replace('message: hello', 'message: bye').replace('alpha', 'beta').replace('auto', 'off'));
  expect((await run(['apply', file, '--dry-run'])).stdout.trim().split('\n')).toEqual([
    'set    recover.on_open: auto -> off',
    'change /ref/a.txt (6 -> 5 bytes)',
    'change /etc/system.d/10-first (test-executor)',
    '         config.message: "hello" -> "bye"',
  ]);
  const document = await json('apply', file, '--dry-run');
  expect(document).toMatchObject({ dry_run: true });
  expect(document.changes).toContainEqual({
    kind: 'node',
    path: '/etc/system.d/10-first',
    factory: 'test-executor',
    is_new: false,
    differences: [{ key: 'config.message', before: 'hello', after: 'bye' }],
  });
  expect((await json('status')).last_txn_seq).toBe(before);
  await run(['apply', file]);
  expect((await run(['cat', '/etc/system.d/10-first'])).stdout).toContain('message: bye');
});

test('what was written by hand and says the same is left as it is, comments included', async () => {
  const { run, file } = await pondWithFile();
  const config =
    "# mine\nfactory: test-executor\nconfig: {message: 'hello'}\ncondition: {path_pattern: ['/in/**']}";
  await run(['apply', file]);
  await run([
    'mknod',
    'test-executor',
    '/etc/system.d/10-first',
    '--overwrite',
    '--config',
    config.replace("['/in/**']", "'/in/**'"),
  ]);
  expect((await run(['apply', file])).stdout).toBe('unchanged\n');
  expect((await run(['cat', '/etc/system.d/10-first'])).stdout).toContain('# mine');
});

test('a file with anything wrong in it changes nothing, and every fault is named with its key', async () => {
  const { run, file, json, write } = await pondWithFile();
  const before = (await json('status')).last_txn_seq;
  const said = async (text: string, expect_: number) => {
    write(text);
    return (await run(['apply', file], { expect: expect_ })).stderr;
  };
  expect(await said('mkdirs: [/a]\nfiles: [{ path: a }]', 4)).toMatch(
    /mkdirs: unknown key.*files\[0\]\.path/s,
  );
  expect(await said('files: [{ path: /a }]', 4)).toContain('/a needs either content or from');
  expect(await said('files: [{ path: /a, content: x }, { path: /a, content: y }]', 4)).toContain(
    'named twice',
  );
  expect(await said('nodes: [{ path: /a, factory: test-file, config: { contents: x } }]', 4)).toContain(
    'contents',
  );
  expect(await said('mkdir: [/b]\nnodes: [{ path: /a, factory: nothing, config: {} }]', 4)).toContain(
    'nothing',
  );
  expect(await said('mkdir: [/b]\nsettings: { recover: { on_open: never } }', 4)).toContain('on_open');
  expect(await said('files: [{ path: /a, from: ./missing }]', 1)).toContain('missing');
  expect((await json('status')).last_txn_seq).toBe(before);
});
