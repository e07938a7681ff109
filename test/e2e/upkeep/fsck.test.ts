import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type TempPond, tempPond } from '../../support/pond-cli.js';
import { callPond } from '../../support/pond-in-process.js';

let pond: TempPond;
beforeAll(async () => {
  pond = await tempPond(callPond);
  await pond.run(['mknod', 'test-executor', '/etc/system.d/10-x', '--config', 'message: hi']);
  await pond.run(['copy', '-', '/in/blob'], { input: Buffer.alloc(100_000, 'blob') });
  await pond.run(['mknod', 'file', '/in/small', '--config', 'small']);
});
afterAll(() => pond.remove());

const fsck = async (...args: readonly string[]) => {
  const result = await callPond(['fsck', '--json', ...args], { pond: pond.pond });
  return { code: result.code, report: JSON.parse(result.stdout), stderr: result.stderr };
};

const fileDigests = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(pond.pond, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/-(wal|shm)$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [path, createHash('sha256').update(readFileSync(path)).digest('hex')]),
  );

describe('fsck', () => {
  it('exits with 0 and one document when nothing is wrong, and changes nothing', async () => {
    const records = (await pond.run(['control', '--mode', 'detailed', '--json'])).stdout;
    const before = fileDigests();
    const { code, report, stderr } = await fsck();
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(report).toEqual({
      ok: true,
      content_root: expect.stringMatching(/^[0-9a-f]{64}$/),
      findings: [],
      checked: expect.objectContaining({ blobs: 1, transactions: 4, unjudged_files: 0 }),
    });
    expect(fileDigests()).toEqual(before);
    expect((await pond.run(['control', '--mode', 'detailed', '--json'])).stdout).toBe(records);
  });

  it('says in words that nothing is wrong, and the content root', async () => {
    const { stdout } = await pond.run(['fsck', '--quick']);
    expect(stdout).toContain('nothing is wrong\n');
    expect(stdout).toContain(`content root ${(await fsck('--quick')).report.content_root}\n`);
  });

  it('is an error where there is no pond', async () => {
    const result = await callPond(['fsck', '--json'], { pond: pond.host });
    expect(result.code).toBe(1);
    expect(JSON.parse(result.stdout)).toMatchObject({ error: { tag: 'NotAPond' } });
  });
});

describe('fsck of a damaged pond', () => {
  let restore: () => void = () => undefined;
  const damage = (path: string, plant: (path: string) => void) => {
    const whole = join(pond.pond, path);
    const content = readFileSync(whole);
    plant(whole);
    restore = () => writeFileSync(whole, content);
  };
  beforeEach(() => () => restore());

  const firstLogEntry = 'data/_delta_log/00000000000000000000.json';

  it('reports it with its path and what can be done, and exits with 1', async () => {
    const blobs = join(pond.pond, 'data/_blobs/sha256');
    const name = readdirSync(blobs, { recursive: true })
      .map(String)
      .find((each) => statSync(join(blobs, each)).isFile());
    damage(`data/_blobs/sha256/${name}`, (path) => writeFileSync(path, Buffer.alloc(100_000, 'blab')));
    const { code, report } = await fsck();
    expect(code).toBe(1);
    expect(report).toMatchObject({
      ok: false,
      content_root: null,
      findings: [
        {
          tag: 'BlobDamaged',
          severity: 'error',
          path: '/in/blob',
          version: 1,
          file: `data/_blobs/sha256/${name}`,
          message: expect.stringContaining('/in/blob'),
          remedy: expect.any(String),
        },
      ],
    });
    const { stdout } = await pond.run(['fsck'], { expect: 1 });
    expect(stdout).toMatch(/^error: \/in\/blob, version 1: .*\n {2}try: .*\n/);
    // Structure only: the content was not read.
    expect((await fsck('--quick')).code).toBe(0);
  });

  it.each<[string, string, (path: string) => void, string]>([
    ['a log that cannot be read', firstLogEntry, (path) => truncateSync(path, 30), 'LogEntryUnreadable'],
    ['a log without its beginning', firstLogEntry, (path) => rmSync(path), 'LogEntryMissing'],
    ['no control table', 'control/control.db', (path) => rmSync(path), 'ControlMissing'],
    [
      'a control table that is none',
      'control/control.db',
      (path) => writeFileSync(path, 'none'),
      'ControlUnusable',
    ],
  ])('reports what no other command can open: %s', async (_, path, plant, tag) => {
    damage(path, plant);
    await pond.run(['list'], { expect: 1 });
    const { code, report } = await fsck();
    expect(code).toBe(1);
    expect(report.findings.map((finding: { tag: string }) => finding.tag)).toEqual([tag]);
    expect((await fsck('--plans')).code).toBe(1);
  });
});

describe('maintain', () => {
  it('says what it would do and what it did', async () => {
    writeFileSync(join(pond.pond, 'data/part-01890a5d-ac96-774b-bcce-b302099a8057.parquet'), 'left');
    const would = await pond.run(['maintain', '--dry-run']);
    expect(would.stdout).toBe('1 orphaned data file would be removed\n4 B would be free\n');
    expect((await fsck()).report.findings).toMatchObject([
      {
        tag: 'OrphanedDataFile',
        severity: 'repairable',
        bytes: 4,
        remedy: expect.stringContaining('pond maintain'),
      },
    ]);
    expect(JSON.parse((await pond.run(['maintain', '--retention', '0s', '--json'])).stdout)).toMatchObject({
      dry_run: false,
      removed: { orphaned_files: 1 },
      bytes: 4,
    });
    expect((await pond.run(['maintain'])).stdout).toBe('nothing to do\n');
    expect((await fsck()).code).toBe(0);
  });

  it('refuses a retention that is none', async () => {
    await pond.run(['maintain', '--retention', 'long'], { expect: 2 });
  });
});
