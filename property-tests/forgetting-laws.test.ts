import * as fc from 'fast-check';
import { isLeft } from 'fp-ts/lib/Either.js';
import { expect, it } from 'vitest';
import { createMemoryFileSystem } from '../src/adapters/memory/file-system/memory-file-system.js';
import type { NodeRow } from '../src/domain/tree/node-row.js';
import type { FileSystem } from '../src/ports/file-system.js';
import { collect } from '../src/tinyfs/reading/content-stream.js';
import type { PondReader } from '../src/tinyfs/tinyfs.js';
import { changesOf } from '../src/tinyfs/tree/changes.js';
import { checkTable } from '../src/tlogfs/check/check-table.js';
import { rootOfTree } from '../src/tlogfs/check/live-content.js';
import { nodeTree } from '../src/tlogfs/check/node-tree.js';
import { initTLog } from '../src/tlogfs/init-tlog.js';
import { openTLog } from '../src/tlogfs/open-tlog.js';
import type { TLog } from '../src/tlogfs/tlog.js';
import { times } from '../test/support/times.js';
import { countedIds } from '../test/tinyfs/counted-ids.js';
import { ok } from '../test/tinyfs/expectations.js';
import type { MakePersistence } from '../test/tinyfs/persistence-harness.js';
import type { TestPond } from '../test/tinyfs/test-pond.js';
import { type Transaction, transactions } from './tinyfs/commands.js';
import { type Committed, play, type State, stateOf, stateOfModel, withPond } from './tinyfs/histories.js';

const DATA = '/pond/data';
const INFO = {
  operation: 'test',
  cliArgs: [],
  planChecksum: '0'.repeat(64),
  plannerVersion: 1,
  suppressed: null,
};
const NOW = 1_800_000_000_000_000;

interface Disk {
  readonly files: FileSystem;
  readonly log: () => Promise<TLog>;
}

/** TLogFS on a disk in memory. */
const onDisk = (): Disk & { readonly makePersistence: MakePersistence } => {
  const { files } = createMemoryFileSystem();
  const log = () => ok(openTLog({ files })(DATA));
  const ids = countedIds();
  let last = 0;
  return {
    files,
    log,
    makePersistence: async () => ({
      beginWrite: async () => {
        const txn = { txnSeq: last + 1, timestamp: (last + 1) * 1_000_000 };
        const identity = { ...txn, txnId: ids.uuidV7() };
        const begun =
          last === 0
            ? initTLog({ files })(DATA, { pondId: ids.uuidV7(), birthplace: 'test', identity })
            : (await log()).beginWrite(identity);
        const writer = await ok(begun);
        return {
          writer,
          txn,
          commit: async () => {
            await ok(writer.commit(INFO));
            last = txn.txnSeq;
          },
          abort: () => ok(writer.abort()),
        };
      },
      snapshot: async (at) => ok((await log()).snapshot(at)),
      dispose: async () => undefined,
    }),
  };
};

/** Some of the contents are so large that they are files of their own. */
const withLargeContents = (history: readonly Transaction[]): readonly Transaction[] =>
  history.map(({ commands, end }) => ({
    end,
    commands: commands.map((command) =>
      'text' in command && command.text.length > 3
        ? { ...command, text: command.text.repeat(17_000) }
        : command,
    ),
  }));

const allRows = async ({ log }: Disk): Promise<readonly NodeRow[]> =>
  ok((await ok((await log()).snapshot())).rowsAfter(0));

const rootAt = (rows: readonly NodeRow[], txnSeq: number): string =>
  rootOfTree(nodeTree(rows.filter((row) => row.txnSeq <= txnSeq)));

const scenario = fc.record({
  history: transactions.map(withLargeContents),
  before: fc.nat(),
  also: fc.option(fc.nat()),
  mergesFirst: fc.boolean(),
});

/** Plays a history, forgets a part of it, and hands over what is then there. */
const forgetting = (
  check: (given: {
    readonly disk: Disk;
    readonly pond: TestPond;
    readonly states: readonly Committed[];
    readonly rowsBefore: readonly NodeRow[];
    readonly before: number;
    readonly isKept: (txnSeq: number) => boolean;
  }) => Promise<void>,
) =>
  fc.assert(
    fc.asyncProperty(scenario, async ({ history, before: chosen, also, mergesFirst }) => {
      const disk = onDisk();
      await withPond(disk.makePersistence, async (pond) => {
        const states = await play(pond, history);
        if (states.length === 0) return;
        const log = await disk.log();
        if (mergesFirst) await ok(log.maintain(NOW));
        const rowsBefore = await allRows(disk);
        // Directly before a content was replaced or removed is where one too many would be forgotten.
        const lastShown = states.flatMap(({ changes }, index) =>
          index > 0 && changes.some(({ kind }) => kind === 'modified' || kind === 'deleted') ? [index] : [],
        );
        const before = lastShown[chosen % (lastShown.length * 2)] ?? (chosen % states.length) + 1;
        const alsoAt = also === null ? [] : [(also % states.length) + 1];
        await ok(log.forget(NOW, { before, alsoAt, paths: null, dryRun: false }));
        await ok(log.sweep({ mergedAwayBefore: NOW / 1000, dryRun: false }));
        const isKept = (txnSeq: number) => txnSeq >= before || alsoAt.includes(txnSeq);
        await check({ disk, pond, states, rowsBefore, before, isKept });
      });
    }),
    times(15),
  );

it('reads every state that is kept as before, and of the others everything that is not said to be forgotten', () =>
  forgetting(async ({ pond, states, isKept }) => {
    for (const [index, { after }] of states.entries()) {
      const expected = stateOfModel(after);
      const reader = await pond.reader(index + 1);
      if (isKept(index + 1)) expect(await stateOf(reader)).toEqual(expected);
      else expect(await withoutForgotten(reader, expected)).toEqual([]);
    }
  }));

it('knows the content root and the changes of every commit as before', () =>
  forgetting(async ({ disk, pond, states, rowsBefore }) => {
    const rows = await allRows(disk);
    expect(rows).toHaveLength(rowsBefore.length);
    for (const [index, { changes }] of states.entries()) {
      expect(rootAt(rows, index + 1)).toBe(rootAt(rowsBefore, index + 1));
      expect(await ok(changesOf(await pond.view(), index + 1))).toEqual(changes);
    }
  }));

it('keeps on disk nothing but what kept states show, and a sound table', () =>
  forgetting(async ({ disk, pond, states, before, isKept }) => {
    const shown = states.flatMap(({ after }, index) =>
      isKept(index + 1) ? stateOfModel(after).map(([, , text]) => text) : [],
    );
    const view = await pond.view();
    const rows = await allRows(disk);
    for (const row of rows) {
      if (row.fileType === 'symlink' || (row.storageFormat !== 'inline' && row.storageFormat !== 'external'))
        continue;
      const text = Buffer.from(await ok(collect(view.open(row), row.name))).toString();
      expect(shown.some((each) => each.includes(text))).toBe(true);
    }
    const { findings, strays } = await checkTable(disk.files, DATA, {
      quick: false,
      onBytes: () => undefined,
      named: (path: string) => path,
    });
    expect(
      findings.filter(({ _tag }) => _tag !== 'ContentsForgotten' && _tag !== 'LastCheckpointMissing'),
    ).toEqual([]);
    expect(strays).toEqual([]);
    const again = await ok(
      (await disk.log()).forget(NOW, {
        before,
        alsoAt: states.map((_, index) => index + 1).filter(isKept),
        paths: null,
        dryRun: true,
      }),
    );
    expect(again).toEqual({ before, contents: 0, bytes: 0 });
  }));

/** Paths at which something else is read than was expected, though it is not forgotten. */
const withoutForgotten = async (reader: PondReader, expected: State): Promise<readonly string[]> => {
  const wrong: string[] = [];
  for (const [path, entryType, text] of expected) {
    if (entryType === 'directory' || entryType === 'symlink') continue;
    const read = await reader.read(path)();
    if (isLeft(read)) {
      if (read.left._tag !== 'ContentForgotten' || read.left.since !== NOW) wrong.push(path);
      continue;
    }
    if (Buffer.from(await ok(collect(read.right, path))).toString() !== text) wrong.push(path);
  }
  return wrong;
};
