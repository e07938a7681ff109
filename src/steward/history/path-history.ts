import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { isWithin, namesOf, type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';
import type { NodeRow } from '../../domain/tree/node-row.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { PersistenceError, PersistenceView } from '../../tinyfs/persistence.js';
import { changeOfNode } from '../../tinyfs/tree/changes.js';
import { nodesInSpan } from '../../tinyfs/tree/span.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import type { HistoryQuery, PathCommit } from '../shapes/comparisons.js';

/**
 * The commits that touched a path or something below it, newest first. Where it was renamed, or a directory above it,
 * its history goes on under the name before. A path that nothing ever was at is an error.
 */
export const pathHistory = (
  pond: Pond,
  text: string,
  { since = 0, until = Number.POSITIVE_INFINITY, limit = Number.POSITIVE_INFINITY }: HistoryQuery = {},
): TaskEither<PondError, readonly PathCommit[]> =>
  steps(async (s) => {
    let path = s.take(parsePondPath(text));
    const snapshot = await s.run(pond.tlog.snapshot());
    const { view, txnSeqs } = await s.run(byTransaction(snapshot));
    const commits: PathCommit[] = [];
    let wasThere = false;
    for (const [looked, txnSeq] of txnSeqs.entries()) {
      // A long history is not all that its process has to do.
      if (looked % AT_A_TIME === AT_A_TIME - 1) await pond.ports.clock.giveWay();
      const { timestamp, touched, before } = await touchedBy(s, view, txnSeq, path);
      wasThere ||= touched.length > 0;
      path = before;
      if (timestamp < since || commits.length >= limit) break;
      if (timestamp > until || touched.length === 0) continue;
      const { cliArgs, operation } = await s.run(pond.tlog.commitOf(txnSeq));
      commits.push({ txnSeq, timestamp, operation, cliArgs, changes: touched });
    }
    if (!wasThere && commits.length === 0 && namesOf(path).length > 0 && since === 0)
      return s.fail({ _tag: 'PathNotFound', path: text, missing: namesOf(path).at(-1) ?? '' });
    return commits;
  });

/** Transactions that are looked at one after another. */
const AT_A_TIME = 50;

/** The same view with all rows at hand by transaction, and the transactions, newest first. */
const byTransaction = (
  snapshot: PersistenceView,
): TaskEither<PersistenceError, { readonly view: PersistenceView; readonly txnSeqs: readonly number[] }> =>
  steps(async (s) => {
    const rows = new Map<number, NodeRow[]>();
    for (const row of await s.run(snapshot.rowsAfter(0))) {
      const written = rows.get(row.txnSeq);
      if (written === undefined) rows.set(row.txnSeq, [row]);
      else written.push(row);
    }
    const view: PersistenceView = {
      ...snapshot,
      rowsOfTransaction: (txnSeq) => async () => ({ _tag: 'Right', right: rows.get(txnSeq) ?? [] }),
    };
    return { view, txnSeqs: [...rows.keys()].sort((a, b) => b - a) };
  });

interface Touched {
  readonly timestamp: number;
  readonly touched: PathCommit['changes'];
  /** The path before the transaction. */
  readonly before: PondPath;
}

const touchedBy = async (
  s: Steps<PersistenceError>,
  view: PersistenceView,
  txnSeq: number,
  path: PondPath,
): Promise<Touched> => {
  const nodes = await s.run(nodesInSpan(view, { since: txnSeq - 1, upTo: txnSeq }));
  const concerned = nodes.filter((node) =>
    [node.path, node.from].some((touched) => touched !== null && isWithin(path, touched)),
  );
  const moved = concerned.find((node) => node.path === path && node.from !== null && node.from !== path);
  return {
    timestamp: nodes[0]?.after.timestamp ?? 0,
    before: moved?.from ?? path,
    touched: concerned.flatMap((node) =>
      changeOfNode(node).map((change) => ({
        ...change,
        version: node.after.version,
        size: node.after.size,
        ...(node.after.forgotten === undefined ? {} : { forgotten: node.after.forgotten }),
      })),
    ),
  };
};
