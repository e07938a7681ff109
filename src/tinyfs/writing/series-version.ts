import { isLeft, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { contractIn, type SeriesContract, type TimeUnit } from '../../domain/series/series-contract.js';
import {
  columnNamed,
  fitVersion,
  likelyTimeColumn,
  unreadableColumns,
} from '../../domain/series/series-fit.js';
import { NAIVE_TIMESTAMP } from '../../domain/series/series-types.js';
import { instantsOf } from '../../domain/time-zone.js';
import { lowerBound, upperBound } from '../../domain/tree/event-time.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import type { Steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { StoredContent } from '../persistence.js';
import { contentRowsOf } from '../reading/content-rows.js';
import { collect, contentsOf } from '../reading/content-stream.js';
import type { ByteRanges, TableFacts } from '../series-format.js';
import type { SeriesOptions } from '../tinyfs.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { askedContract, noSuchColumn } from './asked-contract.js';

/** Event times of a version, microseconds since the epoch, rounded outward; null: it has no row with a time. */
export interface EventTimes {
  readonly min: number | null;
  readonly max: number | null;
}

/** A content that was taken in, as what it says of itself. Null where versions are any bytes. */
export const factsOf = (
  tree: WritableTree,
  content: StoredContent,
  path: string,
): TaskEither<TinyFsError, TableFacts | null> =>
  tree.seriesFormat === null ? TE.right(null) : tree.seriesFormat.inspect(rangesOf(tree, content), path);

const rangesOf = (tree: WritableTree, content: StoredContent): ByteRanges => ({
  size: content.size,
  read: (offset, length) => tree.readStored(content, offset, length),
});

/** A version that is to be appended. */
export interface AppendedVersion {
  /** The newest row of its series; null: it is the first version. */
  readonly row: NodeRow | null;
  readonly facts: TableFacts;
  readonly path: string;
  readonly asked: SeriesOptions;
  /** Attributes that the writer gave. */
  readonly attributes: string | null;
}

const namesOf = ({ columns }: TableFacts): string => columns.map(({ name }) => name).join(', ');

/** A writer may name the time column among its attributes. */
const saidAtFirst = (attributes: string | null): SeriesContract => ({
  ...contractIn(attributes),
  columns: null,
  timeUnit: null,
  takenOut: [],
});

/** The contract that a series has with one more version, and when that version's rows were. */
export const fittedVersion = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  { row, facts, path, asked, attributes }: AppendedVersion,
): Promise<{ readonly contract: SeriesContract; readonly times: EventTimes }> => {
  const problem = unreadableColumns(facts.columns);
  if (problem !== null) return s.fail({ _tag: 'NotParquet', path, problem });
  const present = row === null ? saidAtFirst(attributes) : await knownContract(s, tree, row, path);
  const wanted = s.take(askedContract('appendToSeries', present, asked));
  const timeColumn =
    wanted.timeColumn ??
    (row === null || present.columns === null ? likelyTimeColumn(facts.columns)?.name : null);
  if (timeColumn === undefined)
    return s.fail({
      _tag: 'NotParquet',
      path,
      problem: facts.isEmpty
        ? `it has no rows, and without one nothing tells which of its columns (${namesOf(facts)}) holds times, as one of a series must`
        : `none of its columns holds times (${namesOf(facts)}), so it cannot be a series`,
      lacksTimes: true,
      ...(facts.isEmpty ? { isEmpty: true, columns: facts.columns.map(({ name }) => name) } : {}),
    });
  const contract = { ...wanted, timeColumn };
  const time = timeColumn === null ? undefined : columnNamed(facts.columns, timeColumn);
  const extremes = time === undefined ? null : await s.run(facts.extremes(time.name));
  const timeUnit = time?.type === 'BIGINT' && extremes !== null ? unitOf(extremes) : null;
  const fitted = s.take(fitVersion(contract, { columns: facts.columns, timeUnit }, path));
  const missing = fitted.unique.find((name) => columnNamed(fitted.columns ?? [], name) === undefined);
  if (missing !== undefined && asked.unique?.includes(missing) === true)
    return s.fail(noSuchColumn('appendToSeries', 'unique', missing, fitted.columns ?? []));
  if (missing !== undefined)
    return s.fail({
      _tag: 'SchemaConflict',
      path,
      column: missing,
      expected: null,
      found: null,
      reason: 'missing-column',
    });
  return {
    contract: fitted,
    times:
      extremes === null
        ? { min: null, max: null }
        : boundsOf(extremes, time?.type, timeUnit, fitted.timezone),
  };
};

/** The contract of a series; that of an old pond is read from its versions, where these are tables. */
export const knownContract = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  row: NodeRow,
  path: string,
): Promise<SeriesContract> => {
  const said = contractIn(row.attributes);
  if (said.columns !== null || tree.seriesFormat === null) return said;
  let contract: SeriesContract = { ...said, schema: 'any' };
  for (const version of await s.run(contentRowsOf(tree, row))) {
    const found = await tree.seriesFormat.inspect(await rangesOfVersion(s, tree, version, path), path)();
    // What an old pond has is read as it is; there is no contract that it would keep to.
    if (isLeft(found)) {
      if (found.left._tag === 'NotParquet') return said;
      return s.fail(found.left);
    }
    const fitted = fitVersion(contract, { columns: found.right.columns, timeUnit: null }, path);
    if (isLeft(fitted)) return said;
    contract = fitted.right;
  }
  return { ...contract, schema: said.schema };
};

/** A version that is there already: of a file of its own only what is asked for is read, its footer. */
const rangesOfVersion = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  row: NodeRow,
  path: string,
): Promise<ByteRanges> => {
  const { storageFormat, sha256, size } = row;
  return storageFormat === 'external' && sha256 !== null && size !== null
    ? rangesOf(tree, { storageFormat, sha256, size, bytes: null })
    : wholeOf(await s.run(collect(contentsOf(tree.view, [row]), path)));
};

const wholeOf = (bytes: Uint8Array): ByteRanges => ({
  size: bytes.length,
  read: (offset, length) => right(bytes.subarray(offset, offset + length)),
});

/**
 * Plain integers are taken as seconds, milliseconds, microseconds or nanoseconds since the epoch by the size of the
 * largest: for times between 1973 and 5138 these do not overlap.
 */
const unitOf = ({ min, max }: { readonly min: bigint; readonly max: bigint }): TimeUnit => {
  const largest = -min > max ? -min : max;
  if (largest < 100_000_000_000n) return 's';
  if (largest < 100_000_000_000_000n) return 'ms';
  return largest < 100_000_000_000_000_000n ? 'us' : 'ns';
};

const IN_MICROS: Readonly<Record<TimeUnit, { readonly times: bigint; readonly by: bigint }>> = {
  s: { times: 1_000_000n, by: 1n },
  ms: { times: 1000n, by: 1n },
  us: { times: 1n, by: 1n },
  ns: { times: 1n, by: 1000n },
};

const boundsOf = (
  { min, max }: { readonly min: bigint; readonly max: bigint },
  type: string | undefined,
  unit: TimeUnit | null,
  timezone: string | null,
): EventTimes => {
  // Other times than plain integers come in nanoseconds, whatever the file has them in.
  const { times, by } = IN_MICROS[unit ?? 'ns'];
  const zone = type === NAIVE_TIMESTAMP ? timezone : null;
  return {
    min: lowerBound(instantsOf(floorOf(min * times, by), zone).earliest),
    max: upperBound(instantsOf(-floorOf(-max * times, by), zone).latest),
  };
};

/** Division that rounds down; of bigints it rounds towards zero by itself. */
const floorOf = (value: bigint, by: bigint): bigint => (value - (((value % by) + by) % by)) / by;
