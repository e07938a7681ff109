import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/domain/documents/sha256.js';
import { type FsckReport, type MaintenanceReport, Steward } from '../../src/index.js';
import { blobOf, checkpointOf, flipByte, logEntries, logEntry, newestDataFile } from './damage.js';
import { BLOB, copyOf, makeSamplePond, must } from './sample-pond.js';

let folder = '';
let sample = '';
let sound: FsckReport;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pond-maintain-sample-'));
  sample = join(folder, 'pond');
  await makeSamplePond(sample);
  sound = await must(Steward.fsck(sample));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const UUID = '01890a5d-ac96-774b-bcce-b302099a8057';

const maintained = (
  pond: string,
  options: { readonly retentionMs?: number; readonly dryRun?: boolean } = {},
): Promise<MaintenanceReport> => must(Steward.using(pond, (steward) => steward.maintain(options)));

/** What everybody can see in a pond: every entry and content, as of each transaction. */
const history = (pond: string): Promise<readonly string[]> =>
  must(
    Steward.using(pond, (steward) =>
      TE.tryCatch(
        async () => {
          const { lastTxnSeq } = await must(steward.status());
          const seen: string[] = [];
          for (let txnSeq = 1; txnSeq <= lastTxnSeq; txnSeq += 1) {
            const entries = await must(steward.read(({ fs }) => fs.collectMatches('/**'), { at: txnSeq }));
            seen.push(JSON.stringify(entries));
          }
          return seen;
        },
        (error) => error,
      ),
    ),
  );

const filesIn = (directory: string): readonly string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length))
    .sort();

const NOTHING = {
  merged_away_files: 0,
  orphaned_blobs: 0,
  orphaned_files: 0,
  staged_files: 0,
  checkpoints: 0,
};

/** What a write leaves that dies before its commit point. */
const plantLeftovers = (pond: string): readonly string[] => {
  const digest = sha256('nobody');
  const paths = [
    blobOf(pond, digest),
    join(pond, `data/part-${UUID}.parquet`),
    join(pond, `data/_staging/${UUID}-1.blob`),
  ];
  mkdirSync(join(blobOf(pond, digest), '..'), { recursive: true });
  for (const path of paths) writeFileSync(path, 'left');
  return paths;
};

describe('maintenance', () => {
  it('removes merged-away files and records of reads after the retention, and nobody sees a difference', async () => {
    const pond = copyOf(sample);
    const before = await history(pond);
    const report = await maintained(pond, { retentionMs: 0 });
    expect(report.removed).toEqual({
      ...NOTHING,
      merged_away_files: sound.checked.merged_away_files,
    });
    expect(report.bytes).toBeGreaterThan(0);
    expect(report.readsPruned).toBeGreaterThan(0);
    const after = await must(Steward.fsck(pond));
    expect(after).toMatchObject({ ok: true, findings: [], contentRoot: sound.contentRoot });
    expect(after.checked.merged_away_files).toBe(0);
    expect(await history(pond)).toEqual(before);
  });

  it('keeps for a week what was merged away, and the records of reads', async () => {
    const pond = copyOf(sample);
    expect(await maintained(pond)).toMatchObject({ removed: NOTHING, readsPruned: 0 });
  });

  it('with a dry run says what it would remove, and removes nothing', async () => {
    const pond = copyOf(sample);
    plantLeftovers(pond);
    const before = filesIn(join(pond, 'data'));
    const would = await maintained(pond, { retentionMs: 0, dryRun: true });
    expect(filesIn(join(pond, 'data'))).toEqual(before);
    const did = await maintained(pond, { retentionMs: 0 });
    // What is staged is removed by whoever takes the lock, before anything is counted.
    expect(did.removed).toEqual({ ...would.removed, staged_files: 0 });
    expect(would.removed).toMatchObject({ orphaned_blobs: 1, orphaned_files: 1, staged_files: 1 });
  });

  it('removes what a dead write left, and leaves the files of others alone', async () => {
    const pond = copyOf(sample);
    const left = plantLeftovers(pond);
    const foreign = ['data/notes.txt', 'data/part-00000-foreign.parquet', 'data/_blobs/mine'];
    for (const name of foreign) writeFileSync(join(pond, name), 'mine');
    await maintained(pond);
    expect(left.filter((path) => existsSync(path))).toEqual([]);
    expect(foreign.filter((name) => existsSync(join(pond, name)))).toEqual(foreign);
    expect(await must(Steward.fsck(pond))).toMatchObject({ ok: true, contentRoot: sound.contentRoot });
  });

  it('leaves a reader that holds a snapshot what it reads', async () => {
    const pond = copyOf(sample);
    const reading = await must(Steward.open(pond));
    const content = await must(
      reading.read(({ fs }) =>
        TE.tryCatch(
          async () => {
            await maintained(pond, { retentionMs: 0 });
            const { entries } = await must(fs.collectMatches('/**'));
            return [entries.length, await must(fs.readBytes('/in/b.txt'))] as const;
          },
          (error) => error,
        ),
      ),
    );
    await must(reading.close());
    expect(content[0]).toBeGreaterThan(8);
    expect(Buffer.from(content[1]).toString()).toBe('second\n');
  });

  it.each<[string, (pond: string) => void]>([
    ['a checkpoint that cannot be read', (pond) => flipByte(checkpointOf(pond), -1)],
    [
      'a checkpoint of another version',
      (pond) =>
        copyFileSync(
          checkpointOf(pond),
          checkpointOf(pond).replace(/\d{20}/, String(logEntries(pond).length - 1).padStart(20, '0')),
        ),
    ],
    ['a pointer to nothing', (pond) => writeFileSync(join(pond, 'data/_delta_log/_last_checkpoint'), '{')],
    ['no pointer', (pond) => rmSync(join(pond, 'data/_delta_log/_last_checkpoint'))],
  ])('makes checkpoints again: %s', async (_, plant) => {
    const pond = copyOf(sample);
    plant(pond);
    expect((await maintained(pond)).checkpointsRepaired).toBe(1);
    expect(await must(Steward.fsck(pond))).toMatchObject({ ok: true, findings: [] });
  });

  it.each<[string, (pond: string) => void]>([
    ['a log entry is missing', (pond) => rmSync(logEntry(pond, 5))],
    ['a log entry cannot be read', (pond) => truncateSync(logEntry(pond, 5), 20)],
    ['a data file is missing', (pond) => rmSync(newestDataFile(pond))],
    ['the log has lost its newest commit', (pond) => rmSync(logEntries(pond).at(-1) ?? '')],
  ])('removes no data file and no blob where %s', async (_, plant) => {
    const pond = copyOf(sample);
    plantLeftovers(pond);
    plant(pond);
    const before = filesIn(join(pond, 'data')).filter((name) => !name.startsWith('/_staging'));
    const outcome = await Steward.using(pond, (steward) => steward.maintain({ retentionMs: 0 }))();
    expect(outcome._tag === 'Left' || outcome.right.isLogBehind).toBe(true);
    expect(filesIn(join(pond, 'data'))).toEqual(before);
  });
});

describe('recovery', () => {
  it('removes what a dead write left, so that nothing is found any more', async () => {
    const pond = copyOf(sample);
    plantLeftovers(pond);
    expect((await must(Steward.fsck(pond))).findings).toHaveLength(3);
    await must(Steward.using(pond, (steward) => steward.recover()));
    expect(await must(Steward.fsck(pond))).toMatchObject({ ok: true, findings: [] });
    expect(existsSync(blobOf(pond, sha256(BLOB)))).toBe(true);
  });

  it('goes on where it cannot tell what is left over', async () => {
    const pond = copyOf(sample);
    const left = plantLeftovers(pond).filter((path) => !path.includes('_staging'));
    rmSync(newestDataFile(pond));
    await must(Steward.using(pond, (steward) => steward.recover()));
    expect(left.filter((path) => existsSync(path))).toEqual(left);
  });
});
