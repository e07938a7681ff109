import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { callPond } from '../../support/pond-in-process.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const folder = temporaryFolder('watching');
const pond = join(folder, 'pond');
const env = { XDG_STATE_HOME: join(folder, 'state'), INCOMING: join(folder, 'incoming') };
const call = (...args: readonly string[]) => callPond(args, { pond, env });
const json = async (...args: readonly string[]) => JSON.parse((await call(...args, '--json')).stdout);
const WATCH = '/etc/watch.d/10-incoming';

/** An entry as people write it, with its keys at the top. */
const ENTRY = `description: what the mill sends
folder: \${env:INCOMING}
pattern: "*.csv"
into: /in/
settle: 100ms
after: { move: ${join(folder, 'done')} }
refused: ${join(folder, 'refused')}
`;

beforeAll(async () => {
  await call('init');
  mkdirSync(env.INCOMING);
  writeFileSync(join(folder, 'entry'), ENTRY);
  expect(await call('copy', `host://${join(folder, 'entry')}`, WATCH)).toMatchObject({ code: 0 });
});

test('an entry that says what it must not is refused before it is there, with its key', async () => {
  const wrong = (config: object) =>
    call('mknod', 'watch', '/etc/watch.d/20-x', '--config', JSON.stringify(config));
  const relative = await wrong({ folder: 'incoming', into: '/in/' });
  expect(relative.code).toBe(4);
  expect(relative.stderr).toContain('folder');
  expect((await wrong({ folder: '/srv', into: '/etc/system.d/' })).stderr).toContain('into');
  expect((await wrong({ folder: '/srv', into: '/in', unique: ['a'] })).stderr).toContain('unique');
  expect((await wrong({ folder: '/srv', into: '/in', after: { move: '/srv' } })).stderr).toContain('after');
  expect((await wrong({ folder: '/srv', into: '/in', setle: '5s' })).stderr).toContain('setle');
});

test('what arrives is shown before, taken in, and shown afterwards', async () => {
  writeFileSync(join(env.INCOMING, 'a.csv'), 'n\n1\n');
  writeFileSync(join(env.INCOMING, 'b.csv.part'), 'n\n');
  expect((await json('watch')).watches).toMatchObject([
    {
      path: WATCH,
      folder: env.INCOMING,
      problem: null,
      known: 0,
      unfinished: [],
      waiting: [{ file: join(env.INCOMING, 'a.csv'), size: 4, target: '/in/a.csv' }],
    },
  ]);
  expect((await call('watch')).stdout).toContain('/in/a.csv');
  expect(await json('work', '--once')).toMatchObject({ done: 1, failed: 0 });
  expect((await call('cat', '/in/a.csv')).stdout).toBe('n\n1\n');
  expect(readdirSync(join(folder, 'done'))).toEqual(['a.csv']);
  expect(readdirSync(env.INCOMING)).toEqual(['b.csv.part']);
  const status = await json('status');
  expect(status.watches).toMatchObject([
    {
      path: WATCH,
      description: 'what the mill sends',
      enabled: true,
      into: '/in/',
      as: 'file',
      settle_ms: 100,
      after: 'move',
      move_to: join(folder, 'done'),
      problem: null,
      last_batch: { txn_seq: status.last_txn_seq, taken: 1, unchanged: 0, refused: 0 },
    },
  ]);
  const { transactions } = await json('control');
  const commit = transactions.find((one: { txn_seq: number; status: string }) => one.status === 'committed');
  expect(commit.caused_by).toMatchObject([{ task: null, config_path: WATCH }]);
});

test('what a gate refuses is put aside with its reason, and the exit code says it', async () => {
  const rules = { columns: [{ name: 'n', type: 'integer' }] };
  const gate = { factory: 'validate', condition: { path_pattern: '/in/*' }, config: rules };
  expect(await call('mknod', 'validate', '/etc/gate.d/10-n', '--config', JSON.stringify(gate))).toMatchObject(
    { code: 0 },
  );
  writeFileSync(join(env.INCOMING, 'bad.csv'), 'n\nmany\n');
  writeFileSync(join(env.INCOMING, 'good.csv'), 'n\n2\n');
  expect((await call('work', '--once')).code).toBe(3);
  expect((await call('cat', '/in/good.csv')).stdout).toBe('n\n2\n');
  expect(readFileSync(join(folder, 'refused/bad.csv.reason.txt'), 'utf8')).toContain('/etc/gate.d/10-n');
  expect((await json('status')).watches[0].refused).toMatchObject([
    { file: join(env.INCOMING, 'bad.csv'), moved_to: join(folder, 'refused/bad.csv') },
  ]);
  expect((await call('control')).stdout).toContain('Watched folders');
});

test('a copied pond watches nothing, and one that is not approved is not looked at', async () => {
  const copied = join(folder, 'copied');
  cpSync(pond, copied, { recursive: true });
  writeFileSync(join(env.INCOMING, 'later.csv'), 'n\n3\n');
  const there = (args: readonly string[], others: object = {}) =>
    callPond(args, { pond: copied, env: { ...env, ...others } });
  expect((await there(['work', '--once'])).code).toBe(0);
  expect(existsSync(join(env.INCOMING, 'later.csv'))).toBe(true);
  expect(JSON.parse((await there(['watch', '--json'])).stdout).watches[0].problem).toContain('copy');
  expect((await there(['watch'], { XDG_STATE_HOME: join(folder, 'stranger') })).code).toBe(7);
});

test('files of a series are read in the form that the entry says, and have its types where they have no values', async () => {
  const meter = join(folder, 'meter');
  mkdirSync(meter);
  const config = {
    folder: meter,
    into: '/series/meter',
    as: 'series',
    settle: '0s',
    csv: {
      timestamp_format: '%d.%m.%Y %H:%M',
      decimal_separator: ',',
      nulls: ['NA', '-999'],
    },
  };
  expect(
    await call('mknod', 'watch', '/etc/watch.d/30-meter', '--config', JSON.stringify(config)),
  ).toMatchObject({ code: 0 });
  const arrive = async (name: string, content: string) => {
    writeFileSync(join(meter, name), content);
    return json('work', '--once');
  };
  expect(await arrive('1.csv', 'time;v\n31.12.2026 10:00;1,5\n31.12.2026 11:00;NA\n')).toMatchObject({
    failed: 0,
  });
  await arrive('2.csv', 'time;v\n01.01.2027 10:00;-999\n');
  await arrive('3.csv', 'time;v\n');
  expect((await call('cat', '/series/meter', '--format', 'csv')).stdout).toBe(
    'time,v\n2026-12-31 10:00:00,1.5\n2026-12-31 11:00:00,\n2027-01-01 10:00:00,\n',
  );
  expect(await json('versions', '/series/meter')).toHaveLength(3);
  writeFileSync(join(meter, '4.csv'), 'time;v;depth\n02.01.2027 10:00;1;0,5\n02.01.2027 11:00;2;n/a\n');
  const logged = (await call('work', '--once')).stderr.split('\n').filter((line) => line.startsWith('{'));
  expect(logged.map((line) => JSON.parse(line) as unknown)).toEqual([
    expect.objectContaining({
      event: 'column_is_text',
      file: join(meter, '4.csv'),
      column: 'depth',
      type_of_others: 'DOUBLE',
      words: ['n/a'],
    }),
  ]);
  const number = { ...config, csv: { nulls: [-999] } };
  const refused = await call('mknod', 'watch', '/etc/watch.d/40-x', '--config', JSON.stringify(number));
  expect(refused).toMatchObject({ code: 4 });
  expect(refused.stderr).toContain('a word in quotes');
});
