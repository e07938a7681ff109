import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { ROOT_ID } from '../../src/domain/tree/node-row.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { openTLog } from '../../src/tlogfs/open-tlog.js';
import type { Snapshot } from '../../src/tlogfs/tlog.js';
import { damage, hostileJson } from '../../test/support/hostile-bytes.js';
import { prop } from '../../test/support/prop.js';
import { times } from '../../test/support/times.js';
import {
  begin,
  commitFile,
  filesBelow,
  INFO,
  newTable,
  ok,
  putFile,
} from '../../test/tlogfs/table-fixture.js';

let folder = '';
/** Every file of a table with a checkpoint, merged files and entries after it; by its path below the data directory. */
const table = new Map<string, Buffer>();

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-steward-hostile-'));
  const { dataDir, log } = await newTable(join(folder, 'data'));
  for (let commit = 0; commit < 10; commit += 1)
    await commitFile(log, `content ${commit}`, { name: `f${commit}` });
  await ok(log.maintain(1));
  const writer = await begin(log);
  for (let file = 0; file < 40; file += 1) await putFile(writer, `one of many ${file}`, { name: `g${file}` });
  await ok(writer.commit(INFO));
  for (const name of filesBelow(dataDir)) table.set(name, readFileSync(join(dataDir, name)));
  // A reader's arbitrary picks among these.
  for (const kind of Object.values(KINDS)) expect(namesOf(kind).length, String(kind)).toBeGreaterThan(0);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KINDS = {
  entry: /_delta_log\/\d{20}\.json$/,
  checkpoint: /\.checkpoint\.parquet$/,
  pointer: /_last_checkpoint$/,
  data: /^part-.*\.parquet$/,
};

const namesOf = (kind: RegExp): readonly string[] =>
  [...table.keys()].filter((name) => kind.test(name)).sort();

/** The table's files, one of them with other bytes. */
const withBytes = (victim: string, bytes: Buffer): FileSystem => {
  const path = join(folder, 'data', victim);
  const instead = <A>(asked: string, answer: () => A, otherwise: () => A): A =>
    asked === path ? answer() : otherwise();
  return {
    ...nodeFileSystem,
    readFile: (asked) => () =>
      instead(asked, () => right(new Uint8Array(bytes)), nodeFileSystem.readFile(asked)),
    readRange: (asked, offset, length) => () =>
      instead(
        asked,
        () => right(new Uint8Array(bytes.subarray(offset, offset + length))),
        nodeFileSystem.readRange(asked, offset, length),
      ),
    stat: (asked) => () => {
      const stat = nodeFileSystem.stat(asked)();
      return asked === path && !isLeft(stat) ? right({ ...stat.right, size: bytes.length }) : stat;
    },
  };
};

const TAGS = ['CorruptData', 'StorageFailed', 'UnsupportedTable', 'NotAPond', 'TransactionNotFound'];

/** Null where it is an error, which must be one of ours. */
const settled = async <A>(work: TaskEither<{ readonly _tag: string }, A>): Promise<A | null> => {
  const outcome = await work();
  if (!isLeft(outcome)) return outcome.right;
  expect(TAGS).toContain(outcome.left._tag);
  return null;
};

const readContents = async (snapshot: Snapshot): Promise<void> => {
  for (const row of (await settled(snapshot.rowsOf(ROOT_ID))) ?? []) {
    try {
      for await (const _ of snapshot.open(row));
    } catch (error) {
      expect(error).toMatchObject({ _tag: 'CorruptData' });
    }
  }
};

/** Everything that a reader asks of a table. */
const readAll = async (files: FileSystem): Promise<void> => {
  const log = await settled(openTLog({ files })(join(folder, 'data')));
  if (log === null) return;
  await settled(log.head());
  await settled(log.commitsAfter(0));
  await settled(log.commitOf(3));
  const snapshot = await settled(log.snapshot());
  if (snapshot !== null) await readContents(snapshot);
};

const victim = (kind: RegExp) =>
  fc
    .nat(20)
    .map((place) => (names: readonly string[]) => names[place % names.length] ?? '')
    .map((pick) => () => pick(namesOf(kind)));

describe('a table of which one file is damaged is read, or refused by a tagged error', () => {
  prop([victim(KINDS.entry), damage], times(150))('a log entry', async (name, damaged) => {
    await readAll(withBytes(name(), damaged(table.get(name()) ?? Buffer.of())));
  });

  prop([victim(KINDS.checkpoint), damage], times(250))('a checkpoint', async (name, damaged) => {
    await readAll(withBytes(name(), damaged(table.get(name()) ?? Buffer.of())));
  });

  prop([victim(KINDS.pointer), damage], times(100))('_last_checkpoint', async (name, damaged) => {
    await readAll(withBytes(name(), damaged(table.get(name()) ?? Buffer.of())));
  });

  prop([victim(KINDS.data), damage], times(250))('a data file', async (name, damaged) => {
    await readAll(withBytes(name(), damaged(table.get(name()) ?? Buffer.of())));
  });
});

describe('hostile values in the place of any other are read, or refused by a tagged error', () => {
  prop([fc.gen()], times(250))('in a log entry', async (gen) => {
    const names = namesOf(KINDS.entry);
    const name = names[gen(fc.nat, names.length - 1)] ?? '';
    const lines = String(table.get(name)).trimEnd().split('\n');
    const place = gen(fc.nat, lines.length - 1);
    lines[place] = gen(hostileJson, lines[place] ?? '{}');
    await readAll(withBytes(name, Buffer.from(`${lines.join('\n')}\n`)));
  });

  prop([fc.gen()], times(60))('in the statistics of a log entry', async (gen) => {
    const name = namesOf(KINDS.entry).at(-1) ?? '';
    const text = String(table.get(name)).replace(/"stats":("(?:[^"\\]|\\.)*")/, (_, stats: string) => {
      return `"stats":${JSON.stringify(gen(hostileJson, JSON.parse(stats)))}`;
    });
    await readAll(withBytes(name, Buffer.from(text)));
  });

  prop([fc.gen()], times(60))('in _last_checkpoint', async (gen) => {
    const [name = ''] = namesOf(KINDS.pointer);
    await readAll(withBytes(name, Buffer.from(gen(hostileJson, String(table.get(name)).trim()))));
  });
});
