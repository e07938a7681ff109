import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeS3, startFakeS3 } from '../../support/fake-s3.js';
import { memoryStore } from '../../support/memory-store.js';
import type { PondResult } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';
import { httpReceiver } from '../../support/receivers/http-receiver.js';
import { temporaryFolder } from '../../support/temporary-folder.js';

const root = temporaryFolder('remotes');
const folder = () => root;

const credentials = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' };

const call = (pond: string, ...args: readonly string[]): Promise<PondResult> =>
  callPond(args, { pond, env: credentials });

const done = async (pond: string, ...args: readonly string[]): Promise<string> => {
  const result = await call(pond, ...args);
  expect([args, result.code, result.stderr]).toEqual([args, 0, expect.any(String)]);
  return result.stdout;
};

const json = async (pond: string, ...args: readonly string[]) =>
  JSON.parse(await done(pond, ...args, '--json'));

const rootOf = async (pond: string): Promise<string> => (await json(pond, 'fsck')).content_root;

const input = (name: string, size: number): string => {
  const path = join(folder(), name);
  writeFileSync(path, Buffer.alloc(size, name));
  return `host://${path}`;
};

/** A pond with two commits, one of them with a content that lies outside of the rows. */
const pondWithData = async (name: string): Promise<string> => {
  const pond = join(folder(), name);
  await done(pond, 'init');
  await done(pond, 'copy', input('small.txt', 10), '/in/');
  await done(pond, 'copy', input('large.bin', 100_000), '/in/');
  return pond;
};

describe('a pond that is pushed to a directory', () => {
  test('has no remote in its own directory, by whatever way it is named, and damages nothing', async () => {
    const pond = await pondWithData('own');
    symlinkSync(join(pond, 'data'), join(folder(), 'own-link'));
    for (const place of [
      join(pond, 'data/remote'),
      join(pond, 'backup'),
      pond,
      join(folder(), 'own-link/r'),
    ]) {
      const { code, stderr } = await call(pond, 'remote', 'add', 'disk', `file://${place}`);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('own directory') });
    }
    // One that is in the settings all the same, such as those of an older version.
    const settings = `remotes:\n  disk:\n    url: file://${pond}/data/remote\n`;
    writeFileSync(join(folder(), 'pond.yaml'), settings);
    await done(pond, 'copy', `host://${join(folder(), 'pond.yaml')}`, '/etc/pond.yaml');
    expect((await call(pond, 'push', 'disk')).stderr).toContain('own directory');
    await rootOf(pond);
  });

  test('is restored whole, as of every commit, after its directory was deleted', async () => {
    const pond = await pondWithData('pushed');
    await done(pond, 'remote', 'add', 'backup', `file://${folder()}/backup`);
    const pushed = await json(pond, 'push', 'backup');
    expect(pushed.remotes).toMatchObject([{ name: 'backup', how: 'continued', txn_seq: 4, blobs: 1 }]);
    expect((await json(pond, 'status')).remotes).toMatchObject([
      { name: 'backup', pushed_txn_seq: 4, behind: 0 },
    ]);
    expect(await done(pond, 'verify')).toContain('up to date');
    const root = await rootOf(pond);
    rmSync(pond, { recursive: true });

    const again = join(folder(), 'again');
    const { stdout, stderr } = await call(again, 'restore', `file://${folder()}/backup`, again, '--json');
    expect(stderr).not.toContain('control_table_completed');
    const restored = JSON.parse(stdout);
    expect(restored).toMatchObject({ txn_seq: 4, content_root: root });
    expect(await rootOf(again)).toBe(root);
    expect((await json(again, 'fsck')).ok).toBe(true);
    for (const at of [1, 2, 3]) {
      const old = join(folder(), `at-${at}`);
      const { content_root } = await json(old, 'restore', `file://${folder()}/backup`, old, '--at', `${at}`);
      expect(content_root).toBe(await rootOf(old));
      expect((await json(old, 'status')).last_txn_seq).toBe(at);
    }
  });

  test('has a replica in which a collector asks no server for what could not be written', async () => {
    const server = await httpReceiver();
    try {
      const pond = await pondWithData('collecting');
      const config = JSON.stringify({ url: server.url, into: '/got', as: 'file' });
      await done(pond, 'mknod', 'http-collect', '/collect', '--config', config);
      const url = `file://${folder()}/collecting-remote`;
      await done(pond, 'remote', 'add', 'r', url);
      await done(pond, 'push');
      const replica = join(folder(), 'collecting-replica');
      await done(replica, 'replicate', url, replica);
      const refused = await call(replica, 'run', '/collect', '--trust');
      expect(refused.stderr).toContain('is a replica of');
      expect([refused.code, server.requests()]).toEqual([1, []]);
    } finally {
      await server.close();
    }
  });

  test('has a replica that follows it, takes no writes, and can be promoted to a pond of a new incarnation', async () => {
    const pond = await pondWithData('followed');
    const url = `file://${folder()}/followed-remote`;
    await done(pond, 'remote', 'add', 'r', url);
    await done(pond, 'push');
    const replica = join(folder(), 'replica');
    await done(replica, 'replicate', url, replica);
    const refused = await call(replica, 'mkdir', '/x');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('is a replica of');
    for (const command of [['push'], ['recover'], ['rm', '/in/small.txt']]) {
      expect([command, (await call(replica, ...command)).code]).toEqual([command, 1]);
    }
    // It takes away what is left over there, and publishes no version.
    await done(replica, 'maintain');
    await done(pond, 'copy', input('more.txt', 20), '/in/');
    await done(pond, 'push');
    expect(await json(replica, 'pull')).toMatchObject({ txn_seq: 5, entries: 1 });
    expect(await rootOf(replica)).toBe(await rootOf(pond));
    expect((await json(replica, 'status')).replica_of).toMatchObject({ url });
    expect(await done(replica, 'verify')).toContain('up to date');

    expect((await json(replica, 'promote')).was).toBe('replica');
    await done(replica, 'mkdir', '/own');
    const entry = readFileSync(join(replica, 'data/_delta_log', `${'5'.padStart(20, '0')}.json`), 'utf8');
    expect(entry).toMatch(/"incarnation":"[0-9a-f-]{36}"/);
    expect(
      readFileSync(join(pond, 'data/_delta_log', `${'4'.padStart(20, '0')}.json`), 'utf8'),
    ).not.toContain('incarnation');
    // Each goes its own way, and nothing of the one is pushed over the other.
    await done(pond, 'mkdir', '/other');
    await done(pond, 'push');
    const diverged = await call(replica, 'push');
    expect([diverged.code, diverged.stderr]).toEqual([1, expect.stringContaining('diverged')]);
  });

  test('has a replica in which entries that an interrupted pull has not published are to be pulled, and nothing is damaged', async () => {
    const pond = await pondWithData('jumping');
    const url = `file://${folder()}/jumping-remote`;
    await done(pond, 'remote', 'add', 'r', url);
    await done(pond, 'push');
    const replica = join(folder(), 'interrupted-replica');
    await done(replica, 'replicate', url, replica);
    for (let count = 0; count < 12; count += 1) await done(pond, 'mkdir', `/made-${count}`);
    await done(pond, 'maintain', '--retention', '0s');
    await done(pond, 'push');
    await done(replica, 'pull');
    const entryOf = (at: string, version: number) =>
      join(at, 'data/_delta_log', `${String(version).padStart(20, '0')}.json`);
    // As where it was killed after the newest entry, which is published first.
    for (const version of [8, 9]) rmSync(entryOf(replica, version));
    const checked = await call(replica, 'fsck', '--json');
    expect([checked.code, JSON.parse(checked.stdout).findings]).toEqual([
      1,
      [expect.objectContaining({ tag: 'HistoryNotPulled', severity: 'repairable', versions: 2 })],
    ]);
    expect(checked.stdout).toContain('pond pull fetches them');
    await done(replica, 'pull');
    expect(await rootOf(replica)).toBe(await rootOf(pond));
    // In a pond of its own they are lost.
    rmSync(entryOf(pond, 9));
    expect(JSON.parse((await call(pond, 'fsck', '--json')).stdout).findings).toEqual([
      expect.objectContaining({ tag: 'LogEntryMissing', severity: 'error', version: 9 }),
    ]);
  });

  test('and copied begins a new incarnation with its first write; moved it stays what it is', async () => {
    const pond = await pondWithData('original');
    const moved = join(folder(), 'moved');
    renameSync(pond, moved);
    const copy = join(folder(), 'copy');
    cpSync(moved, copy, { recursive: true });
    await done(moved, 'mkdir', '/x');
    await done(copy, 'mkdir', '/x');
    const entryOf = (directory: string) =>
      readFileSync(join(directory, 'data/_delta_log', `${'3'.padStart(20, '0')}.json`), 'utf8');
    expect(entryOf(moved)).not.toContain('incarnation');
    expect(entryOf(copy)).toMatch(/"incarnation":"[0-9a-f-]{36}"/);
    await done(copy, 'mkdir', '/y');
    const [, first] = /"incarnation":"([0-9a-f-]{36})"/.exec(entryOf(copy)) ?? [];
    expect(readFileSync(join(copy, 'data/_delta_log', `${'4'.padStart(20, '0')}.json`), 'utf8')).toContain(
      `${first}`,
    );
  });

  test('from somebody else is not pushed, probed or compared before this user has approved where it is sent', async () => {
    const pond = await pondWithData('theirs');
    await done(pond, 'remote', 'add', 'r', `file://${folder()}/theirs-remote`);
    const mine = { ...credentials, POND_STATE_DIR: join(folder(), 'my-state') };
    for (const args of [['push'], ['verify'], ['remote', 'probe', 'r']]) {
      const { code, stderr } = await callPond(args, { pond, env: mine });
      expect([args, code]).toEqual([args, 7]);
      expect(stderr).toContain('theirs-remote');
    }
    expect(existsSync(join(folder(), 'theirs-remote'))).toBe(false);
    expect((await callPond(['trust', '--yes', pond], { pond, env: mine })).code).toBe(0);
    expect((await callPond(['push'], { pond, env: mine })).code).toBe(0);
  });

  test('is not restored over a pond, and an interrupted restore is repeated', async () => {
    const pond = await pondWithData('source');
    const url = `file://${folder()}/source-remote`;
    await done(pond, 'remote', 'add', 'r', url);
    await done(pond, 'push');
    const over = await call(pond, 'restore', url, pond);
    expect(over.stderr).toContain('is a pond already');
    const target = join(folder(), 'interrupted');
    mkdirSync(join(target, 'control'), { recursive: true });
    mkdirSync(join(target, 'data/_delta_log'), { recursive: true });
    writeFileSync(join(target, 'control/replica.json'), JSON.stringify({ url, state: 'restoring' }));
    writeFileSync(
      join(target, 'data/_delta_log/00000000000000000000.json'),
      readFileSync(join(pond, 'data/_delta_log/00000000000000000000.json')),
    );
    await done(target, 'restore', url, target);
    expect(await rootOf(target)).toBe(await rootOf(pond));
  });

  test('and restored from a misspelt address, or as of a commit that is not there, leaves things as they were', async () => {
    const pond = await pondWithData('as-of');
    const url = `file://${folder()}/as-of-remote`;
    await done(pond, 'remote', 'add', 'r', url);
    await done(pond, 'push');
    for (const [name, ...from] of [
      ['nothing-there', `file://${folder()}/misspelt`],
      ['no-address', 'backup'],
      ['no-commit', url, '--at', '99'],
    ] as const) {
      const target = join(folder(), name);
      expect((await call(target, 'restore', ...from, target)).code).not.toBe(0);
      expect(existsSync(target)).toBe(false);
      mkdirSync(join(target, 'notes'), { recursive: true });
      expect((await call(target, 'restore', ...from, target)).code).not.toBe(0);
      expect(readdirSync(target)).toEqual(['notes']);
      await done(target, 'init');
      await done(target, 'mkdir', '/in');
    }
  });

  test('and restored from a remote that lacks something keeps what has come, and the next attempt goes on with it', async () => {
    const pond = await pondWithData('lacking');
    const remote = join(folder(), 'lacking-remote');
    await done(pond, 'remote', 'add', 'r', `file://${remote}`);
    await done(pond, 'push');
    const blob =
      readdirSync(remote, { recursive: true, encoding: 'utf8' }).find((name) =>
        /^_blobs\/.*[0-9a-f]{64}/.test(name),
      ) ?? '';
    renameSync(join(remote, blob), join(folder(), 'taken-away'));
    const target = join(folder(), 'lacking-restored');
    const failed = await call(target, 'restore', `file://${remote}`, target);
    expect([failed.code, failed.stderr]).toEqual([1, expect.stringContaining('it is missing')]);
    expect(readdirSync(join(target, 'data')).filter((name) => name.startsWith('part-'))).not.toEqual([]);
    renameSync(join(folder(), 'taken-away'), join(remote, blob));
    await done(target, 'restore', `file://${remote}`, target);
    expect(await rootOf(target)).toBe(await rootOf(pond));
  });

  test('and named again leads elsewhere only where that is asked for', async () => {
    const pond = await pondWithData('named');
    const [one, other] = [`file://${folder()}/named-one`, `file://${folder()}/named-other`];
    await done(pond, 'remote', 'add', 'r', one);
    const { code, stderr } = await call(pond, 'remote', 'add', 'r', other);
    expect([code, stderr]).toEqual([2, expect.stringContaining(`there is a remote "r" already, ${one}`)]);
    expect(stderr).toContain('--replace');
    await done(pond, 'remote', 'add', 'r', one, '--max-requests', '5');
    expect(await done(pond, 'config', 'list')).toContain('max_requests: 5');
    await done(pond, 'remote', 'add', 'r', other, '--replace');
    expect((await json(pond, 'remote', 'list')).remotes).toMatchObject([{ name: 'r', url: other }]);
  });

  test('and restored by a process that was killed is not made by init, which could not make one that takes writes', async () => {
    const target = join(folder(), 'half');
    mkdirSync(join(target, 'control'), { recursive: true });
    writeFileSync(
      join(target, 'control/replica.json'),
      JSON.stringify({ url: 'file:///elsewhere', state: 'restoring' }),
    );
    const { code, stderr } = await call(target, 'init');
    expect([code, stderr]).toEqual([1, expect.stringContaining('fetching it from file:///elsewhere was')]);
    expect(existsSync(join(target, 'control/control.db'))).toBe(false);
  });
});

describe('a pond that is pushed to a bucket', () => {
  let server: FakeS3;
  beforeAll(async () => {
    server = await startFakeS3();
  });
  afterAll(() => server.stop());

  test('is read back as it was, and its keys are the paths of its data directory', async () => {
    const pond = await pondWithData('in-a-bucket');
    await done(pond, 'remote', 'add', 's3', 's3://bucket/ponds/one', '--endpoint', server.endpoint);
    await done(pond, 'remote', 'probe', 's3');
    await done(pond, 'push');
    for (const key of server.store.objects.keys()) {
      expect([key, existsSync(join(pond, 'data', key.replace('bucket/ponds/one/', '')))]).toEqual([
        key,
        true,
      ]);
    }
    const again = join(folder(), 'from-a-bucket');
    await done(again, 'restore', 's3://bucket/ponds/one', again, '--endpoint', server.endpoint);
    expect(await rootOf(again)).toBe(await rootOf(pond));
  });

  test('keeps to the budget of the day, and says so', async () => {
    const pond = await pondWithData('budgeted');
    await done(
      pond,
      'remote',
      'add',
      's3',
      's3://bucket/budgeted',
      '--endpoint',
      server.endpoint,
      '--max-requests',
      '20',
    );
    const { code, stderr } = await call(pond, 'push');
    expect([code, stderr]).toEqual([1, expect.stringContaining("today's budget of 20 requests is used up")]);
    await done(pond, 'push', '--max-requests', '200');
  });

  test('that ignores conditions is refused by the probe and by the first push', async () => {
    const careless = await startFakeS3(memoryStore({ ignoresConditions: true }));
    try {
      const pond = await pondWithData('careless');
      await done(pond, 'remote', 'add', 's3', 's3://bucket/x', '--endpoint', careless.endpoint);
      for (const args of [['remote', 'probe', 's3'], ['push']]) {
        const { code, stderr } = await call(pond, ...args);
        expect([args, code, stderr]).toEqual([
          args,
          1,
          expect.stringContaining('ignores the conditions of writes'),
        ]);
      }
      expect([...careless.store.objects.keys()]).toEqual([]);
    } finally {
      await careless.stop();
    }
  });
});
