import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { left } from 'fp-ts/lib/IOEither.js';
import { expect, test } from 'vitest';
import { nodeFileSystem as files } from '../../src/adapters/node/files/node-file-system.js';
import { type NodeRow, ROOT_ID } from '../../src/domain/tree/node-row.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import type { Snapshot, TLog } from '../../src/tlogfs/tlog.js';
import {
  actionsOf,
  begin,
  bytesOf,
  commitFile,
  failure,
  filesBelow,
  INFO,
  newTable,
  ok,
  putFile,
  START,
  temporaryDataDir,
  textOf,
} from './table-fixture.js';

const NOW = START + 3_000_000_000;

const byNode = (rows: readonly NodeRow[]) =>
  [...rows].sort((a, b) => (a.nodeId < b.nodeId ? -1 : a.nodeId > b.nodeId ? 1 : a.version - b.version));

/** All rows of `/` at each transaction. */
const history = async (log: TLog): Promise<readonly (readonly NodeRow[])[]> => {
  const { txnSeq } = await ok(log.head());
  const states: (readonly NodeRow[])[] = [];
  for (let at = 1; at <= txnSeq; at += 1) {
    states.push(byNode(await ok((await ok(log.snapshot(at))).rowsOf(ROOT_ID))));
  }
  return states;
};

const commits = async (log: TLog, count: number, maintained: boolean): Promise<void> => {
  for (let n = 0; n < count; n += 1) {
    await commitFile(log, `content ${n}`, { name: `f${n}` });
    if (maintained) await ok(log.maintain(NOW));
  }
};

const removedFiles = (dataDir: string, version: number) =>
  actionsOf(dataDir, version)
    .flatMap((action) => ('remove' in action ? [action.remove] : []))
    .map((remove) => (remove as { readonly path: string }).path);

const contentsOf = async (snapshot: Snapshot) => {
  const rows = byNode(await ok(snapshot.rowsOf(ROOT_ID))).filter(
    ({ storageFormat }) => storageFormat === 'inline',
  );
  return Promise.all(rows.map(async (row) => `${row.name}: ${await textOf(snapshot.open(row))}`));
};

test('reading at every transaction is the same before and after merging', async () => {
  const { dataDir, log } = await newTable();
  await commits(log, 24, false);
  const before = await history(log);
  const contents = await contentsOf(await ok(log.snapshot()));
  await ok(log.maintain(NOW));
  expect(await ok(log.head())).toEqual({ version: 25, txnSeq: 25 });
  expect(removedFiles(dataDir, 25)).toHaveLength(25);
  const reopened = await ok(openTLog({ files })(dataDir));
  for (const reader of [log, reopened]) {
    expect(await history(reader)).toEqual(before);
    expect(await contentsOf(await ok(reader.snapshot()))).toEqual(contents);
  }
});

test('whoever has just written files merges them as another process does that reads them', async () => {
  for (const count of [9, 24, 99]) {
    const { dataDir, log } = await newTable();
    await commits(log, count, false);
    const copy = temporaryDataDir();
    cpSync(dataDir, copy, { recursive: true });
    await ok(log.maintain(NOW));
    await ok((await ok(openTLog({ files })(copy))).maintain(NOW));
    const merged = [`part-merged-${String(count + 1).padStart(20, '0')}.parquet`];
    expect(merged.map((name) => readFileSync(join(copy, name)).toString('hex'))).toEqual(
      merged.map((name) => readFileSync(join(dataDir, name)).toString('hex')),
    );
  }
});

test('files that were just written are merged without reading one of them', async () => {
  const read: string[] = [];
  const told = (path: string): string => {
    if (path.endsWith('.parquet')) read.push(path);
    return path;
  };
  const watching: FileSystem = {
    ...files,
    readFile: (path) => files.readFile(told(path)),
    readRange: (path, ...rest) => files.readRange(told(path), ...rest),
  };
  const { dataDir } = await newTable();
  const log = await ok(openTLog({ files: watching })(dataDir));
  await commits(log, 12, false);
  read.length = 0;
  await ok(log.maintain(NOW));
  // That of the table's first commit, which another has made.
  expect(removedFiles(dataDir, 13)).toHaveLength(13);
  expect(new Set(read).size).toBe(1);
});

test('a merge changes no data and needs no transaction', async () => {
  const { dataDir, log } = await newTable();
  await commits(log, 9, false);
  await ok(log.maintain(NOW));
  const actions = actionsOf(dataDir, 10);
  expect(actions.map((action) => Object.keys(action)[0])).toEqual([
    'commitInfo',
    ...Array.from({ length: 10 }, () => 'remove'),
    'add',
  ]);
  expect(actions[0]).toMatchObject({ commitInfo: { operation: 'OPTIMIZE' } });
  expect(actions[1]).toMatchObject({ remove: { dataChange: false, deletionTimestamp: NOW / 1000 } });
  expect(actions.at(-1)).toMatchObject({ add: { dataChange: false } });
  const txns = await ok(log.commitsAfter(0));
  expect(txns.map(({ txnSeq }) => txnSeq)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test('hundreds of commits leave a few files, and every commit can still be found', async () => {
  const { dataDir, log } = await newTable();
  await commits(log, 320, true);
  const active = (await activeFiles(dataDir)).length;
  expect(active).toBeLessThanOrEqual(27);
  const reopened = await ok(openTLog({ files })(dataDir));
  const snapshot = await ok(reopened.snapshot());
  expect(await ok(snapshot.rowsOf(ROOT_ID))).toHaveLength(321);
  for (const txnSeq of [1, 2, 100, 159, 320, 321]) {
    expect(await ok(reopened.commitOf(txnSeq))).toMatchObject({ txnSeq });
    expect(await ok(snapshot.rowsOfTransaction(txnSeq))).toHaveLength(1);
  }
  const [row] = await ok(snapshot.rowsOfTransaction(150));
  expect(await ok(snapshot.rowsOfNode(row?.nodeId ?? ''))).toEqual([row]);
});

test('a reader whose files were merged away and removed keeps its snapshot', async () => {
  const { dataDir, log } = await newTable();
  await commits(log, 9, false);
  const reader = await ok(openTLog({ files })(dataDir));
  const cold = await ok(reader.snapshot(7));
  const warm = await ok(reader.snapshot(7));
  const rows = await ok(warm.rowsOf(ROOT_ID));
  await ok(log.maintain(NOW));
  await commits(log, 1, false);
  for (const path of removedFiles(dataDir, 10)) rmSync(join(dataDir, path));
  expect(byNode(await ok(cold.rowsOf(ROOT_ID)))).toEqual(byNode(rows));
  for (const row of rows.filter(({ storageFormat }) => storageFormat === 'inline')) {
    expect(await textOf(warm.open(row))).toBe(`content ${Number(row.name.slice(1))}`);
  }
});

test('a large file is read group by group and page by page', async () => {
  const { dataDir, log } = await newTable();
  const writer = await begin(log);
  const rows: NodeRow[] = [];
  const large = Array.from({ length: 300 }, () => randomBytes(20_000));
  const contentOf = (n: number) => (n % 30 === 0 ? large[n / 30] : undefined) ?? Buffer.from(`${n}`);
  const directories = Array.from({ length: 9 }, (_, n) => `00000000-0000-7000-8000-00000000100${n}`);
  for (let n = 0; n < 9_000; n += 1) {
    const content = contentOf(n);
    rows.push(await putFile(writer, content, { partId: directories[n % 9] ?? '', name: `f${n}` }));
  }
  await ok(writer.commit(INFO));
  let read = 0;
  const counting: FileSystem = {
    ...files,
    readRange: (path, offset, length) => {
      read += length;
      return files.readRange(path, offset, length);
    },
  };
  const [add] = actionsOf(dataDir, 1).flatMap((action) => ('add' in action ? [action.add] : []));
  const { size } = add as { readonly size: number };
  const reopened = await ok((await ok(openTLog({ files: counting })(dataDir))).snapshot());
  const found = await ok(reopened.rowsOf(directories[3] ?? ''));
  expect(found).toHaveLength(1000);
  expect(read).toBeLessThan(size / 6);
  for (const n of [3, 30, 300, 3003, 8970, 8967]) {
    const row = rows[n];
    if (row === undefined) throw new Error(`no row ${n}`);
    read = 0;
    expect(await bytesOf(reopened.open(row))).toEqual(contentOf(n));
    expect(read).toBeLessThan(size / 6);
  }
});

test('every ten versions a checkpoint stands in for the log before it', async () => {
  const { dataDir, log } = await newTable();
  await commits(log, 35, true);
  const pointer = join(dataDir, '_delta_log/_last_checkpoint');
  const { version, size } = JSON.parse(readFileSync(pointer, 'utf8')) as { version: number; size: number };
  expect(version).toBeGreaterThanOrEqual(30);
  expect(size).toBeGreaterThan(10);
  const before = await history(log);
  const withoutLog = countingReads();
  const reopened = await ok(openTLog({ files: withoutLog.files })(dataDir));
  expect(withoutLog.entries()).toBeLessThanOrEqual(10);
  expect(await history(reopened)).toEqual(before);
  expect(reopened.birthplace).toBe('here');
});

test('a missing or damaged checkpoint is done without', async () => {
  const { dataDir, log } = await newTable();
  await commits(log, 35, true);
  const before = await history(log);
  const pointer = join(dataDir, '_delta_log/_last_checkpoint');
  const checkpoints = filesBelow(join(dataDir, '_delta_log')).filter((name) =>
    name.endsWith('.checkpoint.parquet'),
  );
  expect(checkpoints.length).toBeGreaterThan(1);
  const damage = [
    () => rmSync(pointer),
    () => writeFileSync(pointer, '{"vers'),
    () => writeFileSync(pointer, '{"version":77777,"size":1}'),
    () => writeFileSync(join(dataDir, '_delta_log', checkpoints.at(-1) ?? ''), 'PAR1 no PAR1'),
    () => {
      for (const name of checkpoints) writeFileSync(join(dataDir, '_delta_log', name), '');
    },
  ];
  for (const damaged of damage) {
    damaged();
    expect(await history(await ok(openTLog({ files })(dataDir)))).toEqual(before);
  }
});

test('maintenance that fails at any step loses nothing, and the next one does the work', async () => {
  const mutating = ['writeNewFile', 'writeNewFiles', 'rename', 'link', 'fsyncDirectory'] as const;
  let failures = 0;
  for (let step = 1; ; step += 1) {
    const { dataDir, log: setup } = await newTable(temporaryDataDir());
    await commits(setup, 12, false);
    const before = await history(setup);
    let remaining = step;
    const failing = Object.fromEntries(
      mutating.map((call) => [
        call,
        (first: never, second: never) => {
          remaining -= 1;
          const error = { _tag: 'FileSystemError', call, path: dataDir, code: 'EIO' } as const;
          return remaining === 0 ? left(error) : files[call](first, second);
        },
      ]),
    );
    const log = await ok(openTLog({ files: { ...files, ...failing } })(dataDir));
    const outcome = await log.maintain(NOW)();
    const { version } = await ok((await ok(openTLog({ files })(dataDir))).head());
    expect(await history(await ok(openTLog({ files })(dataDir)))).toEqual(before);
    if (outcome._tag === 'Right' && remaining > 0) break;
    failures += 1;
    const next = await ok(openTLog({ files })(dataDir));
    await ok(next.maintain(NOW));
    expect((await ok(next.head())).version).toBe(13);
    expect(version).toBeLessThanOrEqual(13);
    expect(await activeFiles(dataDir)).toHaveLength(1);
    expect(existsSync(join(dataDir, '_delta_log/_last_checkpoint'))).toBe(true);
    expect(filesBelow(join(dataDir, '_staging'))).toEqual([]);
    expect(await history(next)).toEqual(before);
  }
  expect(failures).toBeGreaterThanOrEqual(7);
});

test('a failed fsync after the publication is a commit of unknown durability, never a failure', async () => {
  const { dataDir } = await newTable();
  let failing = false;
  const flaky: FileSystem = {
    ...files,
    fsyncDirectory: (path) =>
      failing && path.endsWith('_delta_log')
        ? left({ _tag: 'FileSystemError', call: 'fsync', path, code: 'EIO' })
        : files.fsyncDirectory(path),
  };
  const log = await ok(openTLog({ files: flaky })(dataDir));
  const writer = await begin(log);
  await putFile(writer, 'x');
  failing = true;
  expect(await ok(writer.commit(INFO))).toEqual({ version: 1, durability: 'unknown' });
  expect(await ok(log.head())).toEqual({ version: 1, txnSeq: 2 });
  expect(await failure(log.secureHead())).toMatchObject({ _tag: 'StorageFailed', code: 'EIO' });
  failing = false;
  await ok(log.secureHead());
});

test('a commit that fails at any step before the publication leaves the pond as it was', async () => {
  const { dataDir, log } = await newTable();
  await commitFile(log, Buffer.alloc(100_000, 1));
  const before = filesBelow(dataDir);
  const mutating = [
    'writeNewFiles',
    'rename',
    'link',
    'fsyncDirectory',
    'fsyncFile',
    'makeDirectories',
  ] as const;
  let failures = 0;
  for (let step = 1; ; step += 1) {
    let countdown = Number.POSITIVE_INFINITY;
    const failing = Object.fromEntries(
      mutating.map((call) => [
        call,
        (first: never, second: never) => {
          countdown -= 1;
          const error = { _tag: 'FileSystemError', call, path: dataDir, code: 'ENOSPC' } as const;
          return countdown === 0 ? left(error) : files[call](first, second);
        },
      ]),
    );
    const victim = await ok(openTLog({ files: { ...files, ...failing } })(dataDir));
    const writer = await begin(victim);
    await putFile(writer, Buffer.alloc(100_000, 1), { name: 'again' });
    await putFile(writer, Buffer.alloc(100_000, 2), { name: 'new' });
    countdown = step;
    const outcome = await writer.commit(INFO)();
    if (outcome._tag === 'Right') break;
    failures += 1;
    expect(outcome.left).toMatchObject({ _tag: 'StorageFailed', code: 'ENOSPC' });
    expect(filesBelow(dataDir)).toEqual(before);
    expect(await ok(log.head())).toEqual({ version: 1, txnSeq: 2 });
  }
  expect(failures).toBeGreaterThanOrEqual(8);
});

const activeFiles = async (dataDir: string): Promise<readonly string[]> => {
  const active = new Set<string>();
  const { version } = await ok((await ok(openTLog({ files })(dataDir))).head());
  for (let at = 0; at <= version; at += 1) {
    for (const action of actionsOf(dataDir, at)) {
      if ('add' in action) active.add((action.add as { path: string }).path);
      if ('remove' in action) active.delete((action.remove as { path: string }).path);
    }
  }
  return [...active];
};

const countingReads = () => {
  let entries = 0;
  return {
    entries: () => entries,
    files: {
      ...files,
      readFile: (path: string) => {
        if (path.endsWith('.json')) entries += 1;
        return files.readFile(path);
      },
    },
  };
};
