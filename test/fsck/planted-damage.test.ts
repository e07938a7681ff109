import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { left } from 'fp-ts/lib/Either.js';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { nodeFileSystem } from '../../src/adapters/node/files/node-file-system.js';
import { uuidIds } from '../../src/adapters/node/uuid-ids.js';
import { sqliteLocks } from '../../src/adapters/sqlite/sqlite-locks.js';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { type FsckReport, Steward } from '../../src/index.js';
import { EMPTY_PLAN } from '../../src/planner/empty-plan.js';
import type { FileSystem } from '../../src/ports/file-system.js';
import { checkTable } from '../../src/tlogfs/check/check-table.js';
import { DIGEST_TAG } from '../../src/tlogfs/log/log-entry.js';
import { nameFilter } from '../../src/tlogfs/rows/name-filter.js';
import { someOf } from '../support/sample-of.js';
import {
  blobOf,
  checkpointOf,
  editControl,
  editEntry,
  flipByte,
  forgeCommit,
  logEntries,
  logEntry,
  newestDataFile,
} from './damage.js';
import { BLOB, bytesOf, copyOf, makeSamplePond, must } from './sample-pond.js';

let folder = '';
let sample = '';
let sound: FsckReport;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-fsck-sample-'));
  sample = join(folder, 'pond');
  await makeSamplePond(sample);
  sound = await must(Steward.fsck(sample));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const tagsOf = ({ findings }: FsckReport): readonly string[] => [
  ...new Set(findings.map(({ _tag }) => _tag)),
];

const BLOB_DIGEST = sha256(BLOB);
const OTHER_DIGEST = sha256(bytesOf(70_000, 'other'));
const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

it('a sound pond has no findings, with checkpoints, merged files, blobs and tasks in it', () => {
  expect(sound).toMatchObject({
    ok: true,
    findings: [],
    contentRoot: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  const { checkpoints = 0, merged_away_files = 0, blobs, tasks = 0 } = sound.checked;
  expect(checkpoints).toBeGreaterThan(0);
  expect(merged_away_files).toBeGreaterThan(0);
  expect(blobs).toBe(2);
  expect(tasks).toBeGreaterThan(20);
});

interface Damage {
  readonly what: string;
  readonly plant: (pond: string) => void | Promise<void>;
  readonly tag: string;
  /** What the same damage also is. */
  readonly beside?: string;
  /** `--quick` need not see it: it reads no contents, and of the checkpoints only the one that is used. */
  readonly isFullOnly?: true;
  /** Notes do not make the check fail. */
  readonly isNote?: true;
}

const IN_LOG: readonly Damage[] = [
  { what: 'a missing log entry', plant: (pond) => rmSync(logEntry(pond, 5)), tag: 'LogEntryMissing' },
  {
    what: 'a missing newest log entry',
    plant: (pond) => rmSync(logEntries(pond).at(-1) ?? ''),
    tag: 'CommitNotInLog',
  },
  {
    what: 'a log entry that is not JSON',
    plant: (pond) => writeFileSync(logEntry(pond, 4), '{"commitInfo":'),
    tag: 'LogEntryUnreadable',
  },
  {
    what: 'a log entry with one word of its command changed',
    plant: (pond) =>
      writeFileSync(logEntry(pond, 4), readFileSync(logEntry(pond, 4), 'utf8').replace('write', 'wrote')),
    tag: 'LogEntryUnreadable',
  },
  {
    what: 'a log entry that is a directory',
    plant: (pond) => {
      rmSync(logEntry(pond, 4));
      mkdirSync(logEntry(pond, 4));
    },
    tag: 'UnsafeFile',
  },
  {
    what: 'an empty log entry',
    plant: (pond) => truncateSync(logEntry(pond, 4)),
    tag: 'LogEntryUnreadable',
  },
  {
    what: 'a log entry that is there twice',
    plant: (pond) => {
      const entries = logEntries(pond);
      copyFileSync(entries.at(-1) ?? '', logEntry(pond, entries.length));
    },
    tag: 'LogEntryContradicts',
  },
  {
    what: 'a transaction number that was edited',
    plant: (pond) =>
      editEntry(logEntry(pond, 6), (actions) => {
        for (const { commitInfo, txn } of actions) {
          if (commitInfo !== undefined) commitInfo.txn_seq = 70;
          if (txn !== undefined) txn.version = 70;
        }
      }),
    tag: 'LogEntryContradicts',
  },
  {
    what: 'a commitInfo that names another transaction than its txn',
    plant: (pond) =>
      editEntry(logEntry(pond, 6), (actions) => {
        for (const { commitInfo } of actions) if (commitInfo !== undefined) commitInfo.txn_seq = 3;
      }),
    tag: 'LogEntryContradicts',
  },
  {
    what: 'a transaction id that was edited',
    plant: (pond) =>
      editEntry(logEntry(pond, 6), (actions) => {
        for (const { commitInfo } of actions) if (commitInfo !== undefined) commitInfo.txn_id = UUID;
      }),
    tag: 'CommitRecordDiffers',
  },
  {
    what: "a plan's checksum that was edited",
    plant: (pond) =>
      editEntry(logEntry(pond, 6), (actions) => {
        for (const { commitInfo } of actions)
          if (commitInfo !== undefined) commitInfo.plan_checksum = BLOB_DIGEST;
      }),
    tag: 'CommitRecordDiffers',
  },
  {
    what: 'an action that was taken out of an entry',
    plant: (pond) => {
      const path = logEntries(pond).at(-1) ?? '';
      const lines = readFileSync(path, 'utf8').split('\n');
      writeFileSync(path, lines.filter((line) => !line.startsWith('{"add"')).join('\n'));
    },
    tag: 'LogEntryUnreadable',
  },
  {
    what: 'an entry of a writer that removes data',
    plant: (pond) => {
      const entries = logEntries(pond);
      const path = newestDataFile(pond).slice(join(pond, 'data/').length);
      writeFileSync(
        logEntry(pond, entries.length),
        `${JSON.stringify({ remove: { path, dataChange: true, deletionTimestamp: 1 } })}\n`,
      );
    },
    tag: 'LogEntryContradicts',
  },
  {
    what: 'statistics that hide rows',
    plant: (pond) =>
      editEntry(logEntries(pond).at(-1) ?? '', (actions) => {
        for (const { add } of actions) {
          if (add !== undefined) add.stats = String(add.stats).replace(/"numRecords":\d+/, '"numRecords":7');
        }
      }),
    tag: 'StatisticsWrong',
  },
  {
    what: 'names that a file says it does not have',
    plant: async (pond) => {
      const names = Array.from({ length: 300 }, (_, n) => ({ name: `f${n}`, nodeId: uuidIds.uuidV7() }));
      let others: Uint8Array | null = null;
      await forgeCommit(pond, (writer, _, base) => {
        for (const name of names) writer.put({ ...base, ...name }, null);
        others = nameFilter(names.map(({ nodeId }) => ({ row: { ...base, name: nodeId }, content: null })));
      });
      const path = newestDataFile(pond);
      const bytes = readFileSync(path);
      bytes.set(others ?? [], 4);
      writeFileSync(path, bytes);
      editEntry(logEntries(pond).at(-1) ?? '', (actions) => {
        for (const { add } of actions) if (add !== undefined) add.tags = { [DIGEST_TAG]: sha256(bytes) };
      });
    },
    tag: 'StatisticsWrong',
  },
  {
    what: 'a checkpoint with a flipped byte',
    plant: (pond) => flipByte(checkpointOf(pond), -1),
    tag: 'CheckpointUnreadable',
  },
  {
    what: 'a checkpoint of another version',
    plant: (pond) => {
      const path = checkpointOf(pond);
      copyFileSync(path, path.replace(/\d{20}/, String(logEntries(pond).length - 1).padStart(20, '0')));
    },
    tag: 'CheckpointDiffers',
    isFullOnly: true,
  },
  {
    what: 'a last checkpoint that is not there',
    plant: (pond) => writeFileSync(join(pond, 'data/_delta_log/_last_checkpoint'), '{"version":3,"size":9}'),
    tag: 'LastCheckpointWrong',
  },
  {
    what: 'a last checkpoint that is not JSON',
    plant: (pond) => writeFileSync(join(pond, 'data/_delta_log/_last_checkpoint'), 'version 10'),
    tag: 'LastCheckpointWrong',
  },
  {
    what: 'a last checkpoint that is a directory',
    plant: (pond) => {
      rmSync(join(pond, 'data/_delta_log/_last_checkpoint'));
      mkdirSync(join(pond, 'data/_delta_log/_last_checkpoint'));
    },
    tag: 'UnsafeFile',
  },
  {
    what: 'no last checkpoint',
    plant: (pond) => rmSync(join(pond, 'data/_delta_log/_last_checkpoint')),
    tag: 'LastCheckpointMissing',
    isNote: true,
  },
  {
    what: 'no log at all',
    plant: (pond) => rmSync(join(pond, 'data/_delta_log'), { recursive: true }),
    tag: 'LogMissing',
  },
];

const IN_FILES: readonly Damage[] = [
  {
    what: 'a data file that is missing',
    plant: (pond) => rmSync(newestDataFile(pond)),
    tag: 'DataFileMissing',
  },
  {
    what: 'a data file that was cut',
    plant: (pond) => truncateSync(newestDataFile(pond), 100),
    tag: 'DataFileDamaged',
  },
  ...[4, 40, 200, -9, -60].map(
    (offset): Damage => ({
      what: `a data file with byte ${offset} flipped`,
      plant: (pond) => flipByte(newestDataFile(pond), offset),
      tag: 'DataFileDamaged',
      isFullOnly: true,
    }),
  ),
  {
    what: 'a blob with one byte flipped',
    plant: (pond) => flipByte(blobOf(pond, BLOB_DIGEST), 100_000),
    tag: 'BlobDamaged',
    isFullOnly: true,
  },
  {
    what: 'a blob that was cut',
    plant: (pond) => truncateSync(blobOf(pond, BLOB_DIGEST), 9),
    tag: 'BlobDamaged',
  },
  { what: 'a blob that is missing', plant: (pond) => rmSync(blobOf(pond, OTHER_DIGEST)), tag: 'BlobMissing' },
  {
    what: 'a blob that nothing refers to',
    plant: (pond) => {
      const digest = sha256('nobody');
      mkdirSync(join(blobOf(pond, digest), '..'), { recursive: true });
      writeFileSync(blobOf(pond, digest), 'nobody');
    },
    tag: 'OrphanedBlob',
  },
  {
    what: 'a data file that no commit added',
    plant: (pond) => copyFileSync(newestDataFile(pond), join(pond, `data/part-${UUID}.parquet`)),
    tag: 'OrphanedDataFile',
  },
  {
    what: 'what a write had staged',
    plant: (pond) => writeFileSync(join(pond, `data/_staging/${UUID}-1.blob`), 'half'),
    tag: 'StagedLeftover',
  },
  {
    what: "somebody else's file in data",
    plant: (pond) => writeFileSync(join(pond, 'data/notes.txt'), 'mine'),
    tag: 'UnknownFile',
    isNote: true,
  },
  {
    what: "somebody else's file among the blobs",
    plant: (pond) => writeFileSync(join(pond, 'data/_blobs/sha256/notes.txt'), 'mine'),
    tag: 'UnknownFile',
    isNote: true,
  },
  {
    what: 'a file in the place of a directory of blobs',
    plant: (pond) => writeFileSync(join(pond, 'data/_blobs/sha256/ab'), 'mine'),
    tag: 'UnsafeFile',
  },
];

const inRows = (what: string, tag: string, forge: Parameters<typeof forgeCommit>[1]): Damage => ({
  what,
  tag,
  plant: (pond) => forgeCommit(pond, forge),
});

const IN_ROWS: readonly Damage[] = [
  inRows('two entries of one name', 'NameTaken', (writer, _, base) => {
    writer.put({ ...base, name: 'in' }, null);
  }),
  inRows('an entry in a directory that never was', 'ParentWrong', (writer, _, base) => {
    writer.put({ ...base, partId: UUID }, null);
  }),
  inRows('an entry in what is not a directory', 'ParentWrong', (writer, { inRoot }, base) => {
    writer.put({ ...base, partId: inRoot('last.txt').nodeId }, null);
  }),
  inRows('a directory within itself', 'ParentWrong', (writer, _, base) => {
    const [a, b] = [base.nodeId, base.nodeId.replace(/^......../, '0fffffff')];
    writer.put({ ...base, nodeId: a, partId: b, name: 'a' }, null);
    writer.put({ ...base, nodeId: b, partId: a, name: 'b' }, null);
  }),
  inRows('an entry left in a directory that was removed', 'ParentWrong', (writer, { inRoot, txnSeq }) => {
    const moved = inRoot('moved');
    const end = { deleted: true, storageFormat: 'none', size: 0, sha256: null } as const;
    writer.put({ ...moved, ...end, txnSeq, version: moved.version + 1 }, null);
  }),
  inRows('a name that is none', 'NameInvalid', (writer, _, base) => {
    writer.put({ ...base, name: 'a/b' }, null);
  }),
  inRows('a gap in the versions of a node', 'VersionsBroken', (writer, { within, txnSeq }) => {
    const row = within('in', 'b.txt');
    writer.put({ ...row, txnSeq, version: row.version + 2, storageFormat: 'none', name: 'c.txt' }, null);
  }),
  inRows('a version that is there twice', 'VersionsBroken', (writer, { within, txnSeq }) => {
    const row = within('in', 'b.txt');
    writer.put({ ...row, txnSeq, storageFormat: 'none' }, null);
  }),
  inRows('a row after the end of its entry', 'RowUnsound', async (writer, { within, txnSeq }) => {
    const removed = (await must(writer.rowsOf(within('in', 'b.txt').partId))).find(
      ({ deleted, name }) => deleted && name === 'gone.txt',
    );
    if (removed === undefined) throw new Error('nothing was removed');
    const content = await must(writer.store(Buffer.from('back'), 'inline'));
    const { storageFormat, size } = content;
    writer.put(
      {
        ...removed,
        txnSeq,
        version: removed.version + 1,
        deleted: false,
        storageFormat,
        size,
        sha256: content.sha256,
      },
      content,
    );
  }),
  inRows('a move without an end where it was', 'RowUnsound', (writer, { within, inRoot, txnSeq }) => {
    const row = within('in', 'b.txt');
    const partId = inRoot('moved').nodeId;
    writer.put({ ...row, partId, txnSeq, version: row.version + 1, storageFormat: 'none' }, null);
  }),
  inRows('a file without any content', 'RowUnsound', (writer, _, base) => {
    writer.put({ ...base, fileType: 'file' }, null);
  }),
  inRows('a rename that names another digest', 'RowUnsound', (writer, { within, txnSeq }) => {
    const row = within('in', 'b.txt');
    const next = { ...row, name: 'c.txt', txnSeq, version: row.version + 1, storageFormat: 'none' } as const;
    writer.put({ ...next, sha256: BLOB_DIGEST }, null);
  }),
  inRows('a node that becomes something else', 'RowUnsound', (writer, { within, txnSeq }) => {
    const row = within('in', 'b.txt');
    const next = { ...row, txnSeq, version: row.version + 1, storageFormat: 'none' } as const;
    writer.put({ ...next, fileType: 'table' }, null);
  }),
  inRows('a row of a transaction that never was', 'RowUnsound', (writer, _, base) => {
    writer.put({ ...base, txnSeq: base.txnSeq + 5 }, null);
  }),
  inRows('a configuration that is not in its row', 'RowUnsound', async (writer, _, base) => {
    const content = await must(writer.store(BLOB, 'by-size'));
    const { storageFormat, size } = content;
    const fileType = 'file:dynamic';
    writer.put(
      { ...base, fileType, factory: 'test-file', storageFormat, size, sha256: content.sha256 },
      content,
    );
  }),
  inRows('attributes that are not JSON', 'RowUnsound', (writer, _, base) => {
    writer.put({ ...base, attributes: '{' }, null);
  }),
  {
    ...inRows('a content that does not have its digest', 'ContentDamaged', async (writer, _, base) => {
      const content = await must(writer.store(Buffer.from('content'), 'inline'));
      const { storageFormat, size } = content;
      writer.put({ ...base, fileType: 'file', storageFormat, size, sha256: BLOB_DIGEST }, content);
    }),
    isFullOnly: true,
  },
  {
    ...inRows('a content that does not have its size', 'ContentDamaged', async (writer, _, base) => {
      const content = await must(writer.store(Buffer.from('content'), 'inline'));
      writer.put(
        { ...base, fileType: 'file', storageFormat: 'inline', size: 3, sha256: content.sha256 },
        content,
      );
    }),
    isFullOnly: true,
  },
  inRows('a dynamic node without a factory', 'DataFileDamaged', async (writer, _, base) => {
    const content = await must(writer.store(Buffer.from('{}'), 'inline'));
    const { storageFormat, size } = content;
    writer.put({ ...base, fileType: 'file:dynamic', storageFormat, size, sha256: content.sha256 }, content);
  }),
];

const inControl = (what: string, tag: string, ...statements: readonly string[]): Damage => ({
  what,
  tag,
  plant: (pond) => editControl(pond, ...statements),
});

const NEWEST = `(SELECT txn_id FROM control_table WHERE transaction_type = 'write' ORDER BY record_id DESC LIMIT 1)`;
const A_TASK = 'parent_txn_seq = 6 AND execution_seq = 1';
const COPIED =
  'txn_seq, txn_id, record_type, transaction_type, timestamp, parent_txn_seq, execution_seq, config_path, attempt';

const IN_CONTROL: readonly Damage[] = [
  {
    what: 'no control table',
    plant: (pond) => rmSync(join(pond, 'control/control.db')),
    tag: 'ControlMissing',
  },
  {
    what: 'a control table that is not a database',
    plant: (pond) => writeFileSync(join(pond, 'control/control.db'), 'x'.repeat(9000)),
    tag: 'ControlUnusable',
  },
  inControl("another pond's control table", 'ControlUnusable', `UPDATE meta SET pond_id = '${UUID}'`),
  inControl(
    'a record without its begin',
    'RecordsIllegal',
    `DELETE FROM control_table WHERE txn_seq = 6 AND record_type = 'begin' AND transaction_type = 'write'`,
  ),
  inControl(
    'a commit whose record is gone',
    'RecordsIllegal',
    `DELETE FROM control_table WHERE txn_seq = 6 AND record_type = 'data_committed'`,
  ),
  inControl(
    'a commit of which nothing is recorded',
    'CommitUnknown',
    `DELETE FROM control_table WHERE txn_seq = 6 AND transaction_type <> 'read'`,
    'DELETE FROM task_states WHERE parent_txn_seq = 6',
    'DELETE FROM commit_plans WHERE txn_seq = 6',
  ),
  inControl(
    'a task that ended and never started',
    'RecordsIllegal',
    `DELETE FROM control_table WHERE ${A_TASK} AND record_type = 'post_commit_started'`,
  ),
  inControl(
    'a task that completed twice',
    'RecordsIllegal',
    `INSERT INTO control_table (${COPIED})
     SELECT ${COPIED} FROM control_table WHERE ${A_TASK} AND record_type = 'post_commit_completed'`,
  ),
  inControl(
    'an attempt that was renumbered',
    'RecordsIllegal',
    `UPDATE control_table SET attempt = 2 WHERE ${A_TASK} AND record_type = 'post_commit_started'`,
  ),
  inControl(
    'an end that is gone from the records',
    'DerivedStateWrong',
    `DELETE FROM control_table WHERE txn_seq = 6 AND record_type = 'completed' AND transaction_type = 'write'`,
  ),
  inControl(
    "a task's state that its records do not give",
    'DerivedStateWrong',
    `UPDATE task_states SET state = 'failed' WHERE ${A_TASK}`,
  ),
  inControl(
    'an open transaction that no record tells of',
    'DerivedStateWrong',
    `INSERT INTO open_transactions (txn_id, txn_seq, transaction_type, started_at, begin_id) VALUES ('x', 9, 'read', 1, 1)`,
  ),
  inControl(
    'a task that no plan has',
    'TasksDiffer',
    `DELETE FROM control_table WHERE parent_txn_seq = 6 AND execution_seq = 2`,
    'DELETE FROM task_states WHERE parent_txn_seq = 6 AND execution_seq = 2',
  ),
  inControl(
    'a record that cannot be read',
    'RecordUnreadable',
    `PRAGMA ignore_check_constraints = ON`,
    `UPDATE control_table SET cli_args = '[7]' WHERE txn_seq = 6 AND record_type = 'begin' AND transaction_type = 'write'`,
  ),
  inControl(
    'a version that was edited',
    'CommitRecordDiffers',
    `UPDATE control_table SET data_fs_version = 99 WHERE txn_seq = 6 AND record_type = 'data_committed'`,
  ),
  inControl(
    'a plan that was edited',
    'PlanDamaged',
    `UPDATE plans SET plan = replace(plan, 'sequential', 'graph') WHERE plan LIKE '%10-ok%'`,
  ),
  inControl(
    'a plan that is gone',
    'PlanMissing',
    `DELETE FROM plans WHERE checksum = (SELECT checksum FROM commit_plans WHERE txn_seq = 6)`,
  ),
  inControl(
    'a claim of a runner that is not there',
    'ClaimDangling',
    `INSERT INTO claims (txn_id, parent_txn_seq, execution_seq, config_path, attempts, runner_id)
     SELECT txn_id, 6, 1, config_path, 1, 'nobody' FROM task_states WHERE ${A_TASK}`,
  ),
  {
    ...inControl(
      'a claim on a task that is not there',
      'ClaimDangling',
      `INSERT INTO runners (runner_id, pid, command, started_at) VALUES ('r', 1, 'pond', 1)`,
      `INSERT INTO claims (txn_id, parent_txn_seq, execution_seq, config_path, attempts, runner_id)
     VALUES ('x', 77, 1, '/etc/system.d/10-ok', 0, 'r')`,
    ),
    beside: 'RunnerMadeElsewhere',
  },
  inControl(
    'an episode of a task that is not there',
    'EpisodeDangling',
    `INSERT INTO episodes (notifier, watched, first_txn_seq, first_execution_seq, state)
     VALUES ('/etc/system.d/20-tell', '/etc/system.d/10-ok', 77, 1, 'beginning')`,
  ),
  inControl(
    'a record without a transaction',
    'RecordUnreadable',
    `INSERT INTO control_table (txn_seq, txn_id, record_type, transaction_type, timestamp)
     VALUES (6, x'00ff', 'completed', 'read', 1)`,
  ),
  {
    ...inControl(
      'a runner whose process is gone and that nobody made here',
      'RunnerMadeElsewhere',
      `INSERT INTO runners (runner_id, pid, command, started_at) VALUES ('r', 1, 'pond', 1)`,
    ),
    isNote: true,
  },
  {
    ...inControl(
      'a process group that nobody is responsible for',
      'ProcessGroupLeft',
      `INSERT INTO process_groups VALUES (9, '/etc/system.d/10-ok', 1, 'x', NULL)`,
    ),
    isNote: true,
  },
  {
    what: 'the lock file of a runner that ended',
    plant: (pond) => writeFileSync(join(pond, 'control/runners/gone.lock'), ''),
    tag: 'StaleRunnerLock',
    isNote: true,
  },
  {
    what: 'what an export left whose process is gone, and that nobody made here',
    plant: (pond) => {
      mkdirSync(join(pond, 'control/host-exports'));
      writeFileSync(join(pond, `control/host-exports/${UUID}.${UUID}`), 'half');
      writeFileSync(join(pond, 'control/host-exports/notes.txt'), 'of somebody else');
    },
    tag: 'ExportContentMadeElsewhere',
    isNote: true,
  },
  {
    what: 'a place of checkpoints that is none',
    plant: (pond) => writeFileSync(join(pond, 'control/host-plans'), ''),
    tag: 'UnsafeFile',
  },
  inControl(
    'a read whose process is gone',
    'TransactionInterrupted',
    `INSERT INTO control_table (txn_seq, txn_id, based_on_seq, record_type, transaction_type, timestamp, cli_args, environment)
     VALUES (6, '${UUID}', 6, 'begin', 'read', 1, '[]', '{}')`,
    `INSERT INTO open_transactions (txn_id, txn_seq, based_on_seq, transaction_type, started_at, begin_id)
     VALUES ('${UUID}', 6, 6, 'read', 1, (SELECT max(record_id) FROM control_table))`,
  ),
  inControl(
    'a write that was interrupted',
    'TransactionInterrupted',
    `INSERT INTO control_table (txn_seq, txn_id, based_on_seq, record_type, transaction_type, timestamp, cli_args, environment)
     VALUES (99, '${UUID}', 6, 'begin', 'write', 1, '[]', '{}')`,
    `INSERT INTO open_transactions (txn_id, txn_seq, based_on_seq, transaction_type, started_at, begin_id)
     VALUES ('${UUID}', 99, 6, 'write', 1, (SELECT max(record_id) FROM control_table))`,
  ),
  inControl(
    'the newest commit landed and not recorded',
    'CommitNotRecorded',
    `DELETE FROM control_table WHERE txn_id = ${NEWEST} AND record_type <> 'begin'`,
    `INSERT INTO open_transactions (txn_id, txn_seq, based_on_seq, transaction_type, started_at, begin_id)
     SELECT txn_id, txn_seq, based_on_seq, 'write', 1, record_id FROM control_table WHERE txn_id = ${NEWEST}`,
    `DELETE FROM task_states WHERE txn_id = ${NEWEST}`,
    `UPDATE commit_plans SET state = 'prepared' WHERE txn_id = ${NEWEST}`,
  ),
  inControl(
    'a commit whose end is not recorded',
    'CommitNotCompleted',
    `INSERT INTO open_transactions (txn_id, txn_seq, based_on_seq, transaction_type, started_at, begin_id, data_committed)
     SELECT txn_id, 6, 5, 'write', 1, record_id, 1 FROM control_table
     WHERE txn_seq = 6 AND transaction_type = 'write' AND record_type = 'begin'`,
    `DELETE FROM control_table WHERE txn_seq = 6 AND transaction_type = 'write' AND record_type = 'completed'`,
  ),
  {
    what: 'two live runners that run tasks of one path',
    tag: 'PathRunTwice',
    plant: (pond) => {
      for (const runner of ['one', 'two']) {
        const lock = sqliteLocks.tryAcquire(join(pond, `control/runners/${runner}.lock`))();
        if (lock._tag === 'Right') onTestFinished(() => lock.right?.release());
      }
      editControl(
        pond,
        `INSERT INTO runners (runner_id, pid, command, started_at) VALUES ('one', 1, 'pond', 1), ('two', 2, 'pond', 1)`,
        ...[['one', 6] as const, ['two', 7] as const].map(
          ([runner, txnSeq]) =>
            `INSERT INTO claims (txn_id, parent_txn_seq, execution_seq, config_path, attempts, runner_id, running)
             SELECT txn_id, ${txnSeq}, 1, config_path, 1, '${runner}', 1 FROM task_states
             WHERE parent_txn_seq = ${txnSeq} AND execution_seq = 1`,
        ),
      );
    },
  },
  {
    what: 'a host plan that could not be undone',
    plant: (pond) => {
      mkdirSync(join(pond, 'control/host-plans'), { recursive: true });
      writeFileSync(join(pond, `control/host-plans/${UUID}.incomplete`), '');
    },
    tag: 'HostPlanIncomplete',
  },
  inControl(
    'a task that was interrupted',
    'TaskUnfinished',
    `DELETE FROM control_table WHERE ${A_TASK} AND record_type = 'post_commit_completed'`,
    `UPDATE task_states SET state = 'started' WHERE ${A_TASK}`,
  ),
  {
    what: 'a host plan that was interrupted',
    plant: (pond) => {
      mkdirSync(join(pond, 'control/host-plans'), { recursive: true });
      writeFileSync(join(pond, `control/host-plans/${UUID}.journal`), '');
    },
    tag: 'HostPlanAbandoned',
  },
  {
    what: 'a host plan that cannot be read',
    plant: (pond) => {
      mkdirSync(join(pond, 'control/host-plans'), { recursive: true });
      writeFileSync(join(pond, `control/host-plans/${UUID}.journal`), 'nonsense\nand more\n');
    },
    tag: 'HostPlanUnreadable',
  },
];

/** Those that are tried: in `npm test` a share of them, by the seed. */
const tried = new Set(someOf([...IN_LOG, ...IN_FILES, ...IN_ROWS, ...IN_CONTROL]));

describe.each([
  ['the log', IN_LOG],
  ['files', IN_FILES],
  ['rows', IN_ROWS],
  ['the control table', IN_CONTROL],
])('of %s', (_, damages) => {
  it.each(damages.filter((damage) => tried.has(damage)).map((damage) => [damage.what, damage] as const))(
    '%s is found, and nothing else',
    async (_what, { plant, tag, beside, isNote, isFullOnly }) => {
      const expected = beside === undefined ? [tag] : [tag, beside];
      const pond = copyOf(sample);
      await plant(pond);
      const report = await must(Steward.fsck(pond));
      expect(tagsOf(report), JSON.stringify(report.findings)).toEqual(expected);
      expect(report.ok).toBe(isNote === true);
      const quick = await must(Steward.fsck(pond, { quick: true }));
      if (isFullOnly === true) expect(quick.findings.length).toBeLessThanOrEqual(report.findings.length);
      else expect(tagsOf(quick), JSON.stringify(quick.findings)).toEqual(expected);
    },
  );
});

describe('of plans, which are computed again only where that is asked for', () => {
  it('one that is not what its commit gives is found, and nothing else', async () => {
    const pond = copyOf(sample);
    // A change of data, for which the two tasks of the pond should have been planned; recorded is a plan without any.
    let txnSeq = 0;
    await forgeCommit(pond, (writer, known, base) => {
      txnSeq = known.txnSeq;
      writer.put(base, null);
    });
    const report = await must(Steward.fsck(pond, { plans: true }));
    expect(report.findings).toEqual([
      {
        _tag: 'PlanDiffers',
        txnSeq,
        recorded: EMPTY_PLAN.checksum,
        computed: expect.stringMatching(/^[0-9a-f]{64}$/),
        registryAsked: expect.anything(),
      },
    ]);
    expect([report.ok, report.plans?.differing.length]).toEqual([false, 1]);
    expect(await must(Steward.fsck(pond))).toMatchObject({ ok: true, findings: [] });
  });

  it('those of a sound pond are what their commits give', async () => {
    const { ok, findings, plans } = await must(Steward.fsck(copyOf(sample), { plans: true }));
    expect([ok, findings, plans?.differing]).toEqual([true, [], []]);
    expect(plans?.commits).toBeGreaterThan(15);
  });

  it.each<[string, string, (pond: string) => void]>([
    ['no control table', 'ControlMissing', (pond) => rmSync(join(pond, 'control/control.db'))],
    ['a log entry that is missing', 'LogEntryMissing', (pond) => rmSync(logEntry(pond, 15))],
  ])('that nothing could be computed is said, where the pond has %s', async (_, tag, plant) => {
    const pond = copyOf(sample);
    plant(pond);
    const report = await must(Steward.fsck(pond, { plans: true }));
    expect(tagsOf(report)).toEqual([tag, 'PlansNotChecked']);
    expect(report.findings.at(-1)).toMatchObject({ problem: expect.stringMatching(/control|log/) });
    expect([report.ok, report.plans]).toEqual([false, null]);
  });
});

it('log entries from before they had a checksum are sound', async () => {
  const pond = copyOf(sample);
  for (const path of logEntries(pond)) {
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/,"entry_sha256":"[0-9a-f]{64}"/, ''));
  }
  expect(await must(Steward.fsck(pond))).toMatchObject({ ok: true, findings: [] });
});

it('a directory that the operating system does not list is found', async () => {
  const refusing: FileSystem = {
    ...nodeFileSystem,
    readDirectory: (path) =>
      path.endsWith('_delta_log')
        ? () => left({ _tag: 'FileSystemError', call: 'readdir', path, code: 'EACCES' })
        : nodeFileSystem.readDirectory(path),
  };
  const named = (path: string) => path.slice(sample.length + 1);
  const options = { quick: false, onBytes: () => undefined, named };
  expect((await checkTable(refusing, join(sample, 'data'), options)).findings).toEqual([
    { _tag: 'StorageUnreadable', file: 'data/_delta_log', call: 'readdir', code: 'EACCES' },
  ]);
});
