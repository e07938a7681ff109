import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { type Steps, steps } from '../../../effects/steps.js';
import type { QuerySession, QueryTable } from '../../../ports/query-engine.js';
import { identifier } from '../../../validation/query/sql.js';
import type { Work } from '../derived/derived-content.js';
import type { DerivedProblem } from '../derived/derived-problem.js';
import { type Input, PART_NUMBER, tableOf } from '../derived/inputs.js';
import { partTable, runsOfParts, typesOfParts } from './part-facts.js';
import type { PartDifference, Reduced, ReducedPart, ReduceState } from './reduce-state.js';
import {
  aggregated,
  bucketedRows,
  bucketOfResult,
  type ColumnTypes,
  inOrder,
  isIn,
  type Reduction,
  type Runs,
} from './reduction.js';
import { fewRuns, runsMeet, unitedRuns } from './runs.js';

/** Reduction of before, and how the contents differ from it now. */
export interface Before extends PartDifference {
  readonly state: ReduceState;
  /** The result before. */
  readonly before: Uint8Array;
}

type Kept = PartDifference['kept'];

/** Runs in one condition at most. */
const MOST_CONDITIONS = 200;

/** Contents that are opened on a guess, at most. */
const MOST_GUESSED = 32;

/** Computes the buckets that have changed; null where that is not enough, since the columns have other types now. */
export const reduceChanged = (
  work: Work,
  input: Input,
  reduction: Reduction,
  before: Before,
): TaskEither<DerivedProblem, Reduced | null> =>
  steps(async (s) => {
    // What tells contents apart is there for this format alone; another one has few of them.
    if (input.format !== 'parquet' || !isOfSameTypes(before) || !hasTimeInKey(input, reduction)) return null;
    // Whoever wrote a content may have said which times are in it. What it really is decides below.
    const said = before.added.map(({ range }) => (range === null ? null : [range]));
    const guessed = said.every((range) => range !== null)
      ? meeting(before.kept, [
          ...said.flatMap((range) => range ?? []).map(bucketsOf(reduction)),
          ...removedRuns(before),
        ])
      : [];
    const first = await s.run(
      reduceWith(work, input, reduction, before, guessed.length > MOST_GUESSED ? [] : guessed),
    );
    if (first._tag !== 'NeedsMore') return first._tag === 'Reduced' ? first.reduced : null;
    const second = await s.run(reduceWith(work, input, reduction, before, first.needed));
    return second._tag === 'Reduced' ? second.reduced : null;
  });

/** Rows with equal keys are in one bucket where the time is a part of the key. */
const hasTimeInKey = ({ series }: Input, { timeColumn }: Reduction): boolean =>
  series === null ||
  series.unique.length === 0 ||
  series.onDuplicate === 'keep' ||
  series.unique.some((name) => name.toLowerCase() === timeColumn.toLowerCase());

const removedRuns = ({ removed }: PartDifference): readonly Runs[] => removed.map(({ runs }) => runs);

/** The buckets of times; with a zone also those next to them, since its days begin before or after those of UTC. */
const bucketsOf =
  ({ seconds, timezone }: Reduction) =>
  ([from, to]: readonly [number, number]): Runs => {
    const width = seconds * 1_000_000;
    const more = timezone === null ? 0 : 1;
    return [[Math.floor(from / width) - more, Math.floor(to / width) + more]];
  };

const meeting = (kept: Kept, changed: readonly Runs[]): Kept => {
  const buckets = unitedRuns(changed);
  return kept.filter(({ known }) => runsMeet(known.runs, buckets));
};

/** Tells whether columns keep their types without the contents that are gone: others have the types of these, too. */
const isOfSameTypes = ({ kept, removed }: PartDifference): boolean =>
  removed.every((gone) =>
    areKnown(
      gone.types,
      kept.map(({ known }) => known),
    ),
  );

const areKnown = (types: ColumnTypes, among: readonly ReducedPart[]): boolean =>
  types.every((type, column) => type === null || among.some((part) => part.types[column] === type));

type Outcome =
  | { readonly _tag: 'Reduced'; readonly reduced: Reduced }
  /** There are rows in the changed buckets that these contents do not have. */
  | { readonly _tag: 'NeedsMore'; readonly needed: Kept }
  | { readonly _tag: 'OtherTypes' };

const CHANGED = 'changed';
const ADDED = 'added';
const CACHED = 'cached';

const reduceWith = (
  work: Work,
  input: Input,
  reduction: Reduction,
  before: Before,
  opened: Kept,
): TaskEither<DerivedProblem, Outcome> =>
  steps(async (s) => {
    const { added } = before;
    const changed = new Set([...opened.map(({ part }) => part), ...added]);
    // In their order, which says which of several rows with equal keys counts.
    const parts = input.parts.filter((part) => changed.has(part));
    const tables: QueryTable[] = [
      { name: CACHED, path: input.path, format: 'parquet', contents: [once(before.before)] },
      ...(parts.length === 0
        ? []
        : [await s.run(tableOf(input, parts, { name: CHANGED, rows: 'as-series' }))]),
      ...(added.length === 0 ? [] : [await s.run(tableOf(input, added, { name: ADDED, rows: 'all' }))]),
    ];
    for (const [index, part] of added.entries())
      tables.push(await s.run(tableOf(input, [part], { name: partTable(index), rows: 'as-series' })));
    return s.run(
      work.engine.session<DerivedProblem, Outcome>(tables, work.bounds, (session) =>
        steps((inner) => reduceIn(inner, session, reduction, before, opened)),
      ),
    );
  });

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const reduceIn = async (
  s: Steps<DerivedProblem>,
  session: QuerySession,
  reduction: Reduction,
  before: Before,
  opened: Kept,
): Promise<Outcome> => {
  const { state, kept, added } = before;
  const { types } = state;
  const addedTypes = await s.run(typesOfParts(session, reduction, added.length));
  const all = kept.map(({ known }) => known);
  if (!addedTypes.every((of) => areKnown(of, state.parts))) return { _tag: 'OtherTypes' };
  const hasAdded = (column: number) => addedTypes.some((of) => of[column] !== null);
  const addedRuns =
    added.length === 0
      ? []
      : await s.run(
          runsOfParts(session, reduction, {
            table: ADDED,
            types,
            has: hasAdded,
            numbered: PART_NUMBER,
            count: added.length,
          }),
        );
  const changed = fewRuns(unitedRuns([...addedRuns, ...removedRuns(before)]), MOST_CONDITIONS);
  const needed = meeting(kept, [changed]);
  const have = new Set(opened.map(({ part }) => part));
  if (needed.some(({ part }) => !have.has(part))) return { _tag: 'NeedsMore', needed };

  const has = (column: number) =>
    hasAdded(column) || opened.some(({ known }) => known.types[column] !== null);
  const computed =
    opened.length + added.length === 0
      ? null
      : aggregated(
          reduction,
          types,
          `SELECT * FROM (${bucketedRows(reduction, CHANGED, types, has, null)}) WHERE ${isIn('b', changed)}`,
        );
  const cached = `SELECT * FROM ${identifier(CACHED)} WHERE NOT ${isIn(bucketOfResult(reduction, types), changed)}`;
  const rows = computed === null ? cached : `${cached} UNION ALL ${computed}`;
  const { file } = await s.run(session.write(`FROM (${rows}) ${inOrder(reduction)}`, { format: 'parquet' }));
  const reducedAdded = added.map(({ digest }, index) => ({
    digest,
    types: addedTypes[index] ?? [],
    runs: addedRuns[index] ?? [],
  }));
  return { _tag: 'Reduced', reduced: { file, state: { types, parts: [...all, ...reducedAdded] } } };
};
