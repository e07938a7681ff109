import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import type { Program } from '../../../src/cli/program.js';
import { assemble } from '../../../src/composition-root.js';
import type { Steward } from '../../../src/index.js';
import { livePorts } from '../../../src/live-ports.js';
import { must, write } from '../../fsck/sample-pond.js';
import { memoryLogger } from '../../support/memory-logger.js';

/*
 * A pond with three commits, the same one with six, and one that went on from three by itself: parts of it are put back
 * into copies of the others.
 */
let folder = '';
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-older-'));
  const { product } = productOf();
  await must(product.init(at('old'), {}));
  const entry = (path: string, config: string) => (fs: Parameters<Parameters<typeof write>[1]>[0]) =>
    fs.createDynamicPath(path, 'file:dynamic', 'test-executor', Buffer.from(config), { overwrite: false });
  await using(product, at('old'), async (pond) => {
    await write(pond, entry('/etc/system.d/10-no', 'message: no\nfail: true'));
    await write(pond, (fs) => fs.write('/three', Buffer.from('3')));
  });
  cpSync(at('old'), at('new'), { recursive: true });
  cpSync(at('old'), at('fork'), { recursive: true });
  await using(product, at('new'), async (pond) => {
    for (const name of ['/four', '/five', '/six'])
      await write(pond, (fs) => fs.write(name, Buffer.from(name)));
  });
  await using(product, at('fork'), async (pond) => {
    for (const name of ['/vier', '/fünf']) await write(pond, (fs) => fs.write(name, Buffer.from(name)));
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const productOf = () => {
  const { logger, lines } = memoryLogger();
  return { product: assemble(livePorts(logger)), lines };
};

const using = async <A>(
  product: Program,
  directory: string,
  use: (pond: Steward) => Promise<A>,
): Promise<A> => {
  const pond = await must(product.open(directory, { trust: 'all' }));
  try {
    return await use(pond);
  } finally {
    await must(pond.close());
  }
};

/** A copy of one of the ponds with parts of another one put into it. */
const mixed = (into: string, from: string, ...parts: readonly string[]): string => {
  const copy = mkdtempSync(join(tmpdir(), 'pond-mixed-'));
  onTestFinished(() => rmSync(copy, { recursive: true, force: true }));
  const pond = join(copy, 'pond');
  cpSync(at(into), pond, { recursive: true });
  for (const part of parts) {
    rmSync(join(pond, part), { recursive: true, force: true });
    cpSync(join(at(from), part), join(pond, part), { recursive: true });
  }
  return pond;
};

/** What is said when a pond is opened, besides what the given work does. */
const said = async (directory: string, work: (pond: Steward) => Promise<unknown> = async () => null) => {
  const { product, lines } = productOf();
  const value = await using(product, directory, work);
  return {
    value,
    notices: lines
      .filter(({ event }) => /^older_|_apart$/.test(event))
      .map(({ event, fields }) => ({ event, ...fields })),
  };
};

const writes = async (directory: string, name: string) => {
  const { value, notices } = await said(directory, (pond) =>
    must(pond.write(({ fs }) => fs.write(name, Buffer.from(name)))),
  );
  return { ...(value as { txnSeq: number; recorded: boolean; _tag: string }), notices };
};

const fsck = async (directory: string) => {
  const { findings } = await must(productOf().product.fsck(directory, {}));
  return findings.map((finding) => [finding._tag, 'txnSeq' in finding ? finding.txnSeq : null]);
};

test('ponds whose parts belong together are opened without a word', async () => {
  for (const name of ['old', 'new', 'fork']) expect((await said(at(name))).notices).toEqual([]);
  expect((await said(mixed('new', 'old', 'data', 'control'))).notices).toEqual([]);
});

test.each([['data'], ['data/_delta_log']])(
  'an older %s put back is said by each command, recovery accepts it, and no number is given out again',
  async (part) => {
    const pond = mixed('new', 'old', part);
    for (const _ of [1, 2]) {
      expect((await said(pond)).notices).toMatchObject([
        {
          event: 'older_data',
          first_txn_seq: 4,
          last_txn_seq: 6,
          remedy: expect.stringContaining('pond recover'),
        },
      ]);
    }
    expect((await fsck(pond)).filter(([tag]) => tag === 'CommitNotInLog')).toEqual([
      ['CommitNotInLog', 4],
      ['CommitNotInLog', 5],
      ['CommitNotInLog', 6],
    ]);
    const { value: report } = await said(pond, (steward) => must(steward.recover({ dryRun: false })));
    expect(report).toMatchObject({ gone: [{ txnSeq: 4 }, { txnSeq: 5 }, { txnSeq: 6 }], tasks: [] });
    const after = await said(pond, async (steward) => ({
      status: await must(steward.status()),
      six: (await must(steward.transactions({ txnSeq: 6, transactionTypes: ['write'] })))[0],
      asked: await steward.tasks(6)(),
      seen: await must(steward.plan(2)),
    }));
    expect(after.notices).toEqual([]);
    expect(after.value).toMatchObject({
      status: {
        lastTxnSeq: 3,
        incomplete: { transactions: [], tasks: [], failedTasks: [{ parentTxnSeq: 3 }] },
      },
      six: { isGone: true, status: 'committed', tasks: [{ state: 'dismissed' }] },
      asked: { left: { _tag: 'TransactionNotFound' } },
    });
    expect(await writes(pond, '/seven')).toMatchObject({ txnSeq: 7, recorded: true, notices: [] });
    const errors = (await fsck(pond)).filter(
      ([tag]) => tag !== 'CommitGone' && !String(tag).startsWith('Orphaned'),
    );
    expect(errors).toEqual([]);
    expect((await fsck(pond)).filter(([tag]) => tag === 'CommitGone')).toHaveLength(3);
    const { value: of5 } = await said(pond, async (steward) => [
      await steward.tasks(5)(),
      await steward.read(() => async () => ({ _tag: 'Right' as const, right: 1 }), { at: 5 })(),
      await must(steward.history('/seven', {})),
      await must(steward.recover({ failed: true })),
    ]);
    expect(of5).toMatchObject([
      { left: { _tag: 'CommitGone', txnSeq: 5 } },
      { left: { _tag: 'CommitGone', txnSeq: 5 } },
      [{ txnSeq: 7 }],
      { gone: [] },
    ]);
  },
);

test('a write after an older data/ was put back lands, is recorded, and takes a number above all', async () => {
  const pond = mixed('new', 'old', 'data');
  expect(await writes(pond, '/seven')).toMatchObject({
    txnSeq: 7,
    recorded: true,
    notices: [{ event: 'older_data' }],
  });
  expect(await writes(pond, '/eight')).toMatchObject({ txnSeq: 8, recorded: true, notices: [] });
  expect(new Set((await fsck(pond)).map(([tag]) => tag))).toEqual(new Set(['CommitGone']));
  await using(productOf().product, pond, async (steward) => {
    // What an unchanged write says of its state is the newest commit, and a revert takes back what it did.
    expect(await must(steward.write(() => async () => ({ _tag: 'Right' as const, right: 1 })))).toMatchObject(
      {
        _tag: 'Unchanged',
        txnSeq: 8,
      },
    );
    expect(await must(steward.records({ txnSeq: 7 }))).toMatchObject([{ basedOnSeq: 3 }, {}, {}, {}, {}, {}]);
  });
});

test('newer data that is put back after the older one was accepted is known again', async () => {
  const pond = mixed('new', 'old', 'data');
  await said(pond, (steward) => must(steward.recover()));
  rmSync(join(pond, 'data'), { recursive: true });
  cpSync(join(at('new'), 'data'), join(pond, 'data'), { recursive: true });
  expect((await said(pond)).notices).toEqual([]);
  expect(await writes(pond, '/seven')).toMatchObject({ txnSeq: 7, recorded: true });
  expect(await fsck(pond)).toEqual([]);
});

test.each([[['control']], [['control/control.db', 'control/control.db-wal', 'control/control.db-shm']]])(
  'an older %s put back is said by each command, and rebuild-control records what it lacks',
  async (parts) => {
    const pond = mixed('new', 'old', ...parts.filter((part) => part === 'control' || part.endsWith('.db')));
    for (const _ of [1, 2]) {
      expect((await said(pond)).notices).toMatchObject([
        {
          event: 'older_control',
          first_txn_seq: 4,
          last_txn_seq: 6,
          remedy: expect.stringContaining('rebuild-control'),
        },
      ]);
    }
    expect((await fsck(pond)).map(([tag]) => tag)).toEqual(Array(3).fill('CommitNotRecorded'));
    expect(await must(productOf().product.rebuildControl(pond, {}))).toMatchObject({
      added: 3,
      putAside: null,
    });
    expect((await said(pond)).notices).toEqual([]);
    expect(await fsck(pond)).toEqual([]);
    expect(await writes(pond, '/seven')).toMatchObject({ txnSeq: 7, recorded: true });
  },
);

test('a write after an older control/ was put back lands and records the others, too', async () => {
  const pond = mixed('new', 'old', 'control');
  expect(await writes(pond, '/seven')).toMatchObject({ txnSeq: 7, recorded: true });
  expect(await fsck(pond)).toEqual([]);
});

test.each([
  ['fork', 'new', 7],
  ['new', 'fork', 7],
])(
  'data of %s beside the control table of %s, which went on apart, is said until rebuild-control has made a table for it, and numbers stay above both',
  async (data, control, next) => {
    const pond = mixed(data, control, 'control');
    expect((await said(pond)).notices).toMatchObject([{ event: expect.stringMatching(/apart|older_data/) }]);
    expect(await writes(pond, '/mine')).toMatchObject({ txnSeq: next, recorded: true });
    expect((await said(pond)).notices).toMatchObject([{ event: 'data_and_control_apart' }]);
    expect(await must(productOf().product.rebuildControl(pond, {}))).toMatchObject({
      putAside: expect.any(String),
    });
    expect((await said(pond)).notices).toEqual([]);
    expect((await fsck(pond)).filter(([tag]) => tag !== 'UnknownFile')).toEqual([]);
    expect(await writes(pond, '/later')).toMatchObject({ txnSeq: next + 1, recorded: true });
  },
);
