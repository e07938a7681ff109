import { makeDurableDirectory } from '../durable-directory.js';
import { corrupt, run } from '../failure.js';
import { publishFile } from '../log/checkpoint-writing.js';
import { type PackRange, packsOf, readEntryText } from '../log/entry-text.js';
import { encodePack, packProblem } from '../log/history-pack.js';
import { FORMAT_WITH_PACKS, formatOf } from '../log/pond-format.js';
import { withFormat } from '../log/table-properties.js';
import { versionOf } from '../table-layout.js';
import type { PackedHistory } from '../tlog.js';
import type { SnapshotSource } from '../transactions/snapshot.js';
import { changeMetaData } from './change-meta-data.js';

/** Fewer entries are left as they are: packing them saves next to nothing. */
const WORTH_PACKING = 50;
/** Entries of one pack, and their bytes. A pack with fewer is made part of the next one. */
const PACK_ENTRIES = 8192;
const PACK_BYTES = 32 * 1024 * 1024;

/**
 * Packs the log entries that the newest checkpoint stands for and that were published before some time (milliseconds since
 * the epoch), and removes their files. Only under the writer's lock.
 *
 * What is durable in which order: that the pond has packs, so that older versions stop; the checkpoint that stands for
 * what is packed; a pack, which is read again and compared; only then do its entries' files go, the oldest first. A crash
 * leaves a pack whose entries are files as well, which the next run removes: whoever reads finds each entry in one of the
 * two places, with the same text.
 */
export const packHistory = async (
  source: SnapshotSource,
  now: number,
  { before, dryRun }: { readonly before: number; readonly dryRun: boolean },
): Promise<PackedHistory> => {
  const { files, layout } = source;
  const found = packable(source, before);
  if (dryRun || (found.length < WORTH_PACKING && !isUnfinished(source))) {
    return found.length < WORTH_PACKING ? NOTHING : { entries: found.length };
  }
  if (found.length >= WORTH_PACKING) {
    // Older versions of the product must not take what is packed for lost.
    const { metaData } = source.table.known();
    const knowsPacks = formatOf(metaData) >= FORMAT_WITH_PACKS;
    await changeMetaData(source, now, knowsPacks ? null : withFormat(metaData, FORMAT_WITH_PACKS));
    makeDurableDirectory(files, layout.historyDir, layout.dataDir);
    for (let rest = packable(source, before); rest.length > 0; ) rest = packSome(source, rest);
  }
  const entries = removePacked(source);
  removeSuperseded(source);
  return { entries };
};

const NOTHING: PackedHistory = { entries: 0 };

/** Versions of entries that are files of their own, that a checkpoint stands for and that are old enough; in order. */
const packable = (source: SnapshotSource, before: number): readonly number[] => {
  const { files, layout, table } = source;
  const { checkpointVersion } = table.known();
  const packed = packsOf(files, layout).at(-1)?.last ?? -1;
  const there = new Set(run(files.readDirectory(layout.logDir)).map((name) => versionOf(name, '.json')));
  const versions: number[] = [];
  // The entry of the checkpoint's own version stays, as other engines leave it.
  for (
    let version = Math.max(table.firstEntry(), packed + 1);
    version < checkpointVersion && there.has(version);
    version += 1
  ) {
    versions.push(version);
  }
  // Times only grow, but for clocks that were set: the first that is too young ends what is packed.
  let [low, high] = [0, versions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const version = versions[middle];
    if (version !== undefined && publishedAt(source, version) <= before) low = middle + 1;
    else high = middle;
  }
  return versions.slice(0, low);
};

/** Milliseconds since the epoch; an entry that does not say it is new. */
const publishedAt = ({ files, layout }: SnapshotSource, version: number): number => {
  const text = Buffer.from(readEntryText(files, layout, version)).toString();
  const found = /"timestamp":(\d+)/.exec(text.slice(0, Math.max(0, text.indexOf('\n'))));
  return found === null ? Number.POSITIVE_INFINITY : Number(found[1]);
};

/** Packs the first of some versions, together with the newest pack where that has room; returns those that are left. */
const packSome = ({ files, layout }: SnapshotSource, versions: readonly number[]): readonly number[] => {
  const next = versions[0] ?? 0;
  const newest = packsOf(files, layout).at(-1);
  const hasRoom =
    newest !== undefined && newest.last === next - 1 && newest.last - newest.first + 1 < PACK_ENTRIES / 2;
  const first = hasRoom ? newest.first : next;
  const texts: Uint8Array[] = [];
  let bytes = 0;
  let version = first;
  const end = (versions.at(-1) ?? next) + 1;
  while (version < end && texts.length < PACK_ENTRIES && (bytes < PACK_BYTES || version <= next)) {
    const text = readEntryText(files, layout, version);
    texts.push(text);
    bytes += text.length;
    version += 1;
  }
  const range: PackRange = { first, last: version - 1 };
  const path = layout.pack(range);
  publishFile(files, layout, path, encodePack(first, texts));
  run(files.fsyncDirectory(layout.historyDir));
  // What is about to be removed is nowhere else.
  const problem = packProblem(files, path);
  if (problem !== null) throw corrupt(path, problem);
  return versions.filter((one) => one >= version);
};

/** Tells whether somebody was interrupted who had packed entries and not removed them, or a pack that became part of another. */
const isUnfinished = ({ files, layout, table }: SnapshotSource): boolean => {
  const packs = packsOf(files, layout);
  if (packs.some((pack) => isWithinAnother(pack, packs))) return true;
  const last = packs.at(-1)?.last;
  return (
    last !== undefined && last < table.known().version && files.stat(layout.logEntry(last))()._tag === 'Right'
  );
};

/** Removes the files of entries that are packed, the oldest first; returns how many. */
const removePacked = ({ files, layout }: SnapshotSource): number => {
  const packs = packsOf(files, layout);
  const versions = run(files.readDirectory(layout.logDir))
    .flatMap((name) => versionOf(name, '.json') ?? [])
    .filter((version) => packs.some(({ first, last }) => first <= version && version <= last))
    .sort((a, b) => a - b);
  for (const version of versions) run(files.remove(layout.logEntry(version)));
  if (versions.length > 0) run(files.fsyncDirectory(layout.logDir));
  return versions.length;
};

const removeSuperseded = ({ files, layout }: SnapshotSource): void => {
  const packs = packsOf(files, layout);
  for (const pack of packs) if (isWithinAnother(pack, packs)) run(files.remove(layout.pack(pack)));
};

const isWithinAnother = (pack: PackRange, packs: readonly PackRange[]): boolean =>
  packs.some((other) => other !== pack && other.first <= pack.first && pack.last <= other.last);
