import * as t from 'io-ts';
import { isTraced } from '../../../documents/commit-timeline.js';
import { differenceDocument } from '../../../documents/difference-document.js';
import { pathHistoryDocument } from '../../../documents/path-history-document.js';
import { planDocument } from '../../../documents/plan-document.js';
import { timelineOf } from '../../../documents/timeline-of-commit.js';
import { traceDocument } from '../../../documents/trace-document.js';
import { traceLink } from '../../../documents/trace-link.js';
import { recordDocument, transactionDocument } from '../../../documents/transaction-document.js';
import { steps } from '../../../effects/steps.js';
import { PathText, TxnSeqText, wholeText } from '../codecs/parameters.js';
import { asked } from '../codecs/schema-of.js';
import { Differences, PathHistory, Plan, Trace, Transaction } from '../codecs/shapes.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';

const PAGE = 50;
const LONGEST_PAGE = 500;

const OfPond = asked({ pond: t.string }, {});
const OfCommit = asked({ pond: t.string, txn_seq: TxnSeqText }, {});
const Nothing = asked({}, {});

export const commitRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/commits',
    summary:
      'Lists writes, the newest first. `before`: older ones than the one of this `txn_id`. `search`: a word of the command, a path of a configuration, or of an error.',
    params: OfPond,
    query: asked(
      {},
      {
        limit: wholeText(1, LONGEST_PAGE),
        before: t.string,
        search: t.string,
        state: t.keyof({ failed: null }),
      },
    ),
    body: null,
    answer: t.type({
      pond_id: t.string,
      transactions: t.array(Transaction),
      next: t.union([t.string, t.null]),
    }),
    changes: false,
    handle: ({ interface: { ponds }, params, query }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { limit = PAGE, before, search, state } = query;
        const found = await run(
          steward.transactions({
            limit: limit + 1,
            transactionTypes: ['write'],
            ...(before === undefined ? {} : { before }),
            ...(search === undefined ? {} : { search }),
            ...(state === undefined ? {} : { failed: true }),
          }),
        );
        const shown = found.slice(0, limit);
        return documentOf({
          pond_id: steward.pondId,
          transactions: shown.map(transactionDocument),
          next: found.length > limit ? (shown.at(-1)?.txnId ?? null) : null,
        });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/commits/{txn_seq}',
    summary: 'Shows a commit and its tasks in time, with the commits that were made inside them.',
    params: OfCommit,
    query: Nothing,
    body: null,
    answer: t.intersection([Trace, t.type({ transaction: Transaction })]),
    changes: false,
    handle: ({ interface: { ponds, clock, variables }, params }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const timeline = await run(timelineOf(steward, params.txn_seq, clock.nowMicros));
        const traceUrl = isTraced(timeline) ? traceLink(timeline.commit.traceParent, variables) : null;
        return documentOf({
          ...traceDocument(timeline, { pondId: steward.pondId, traceUrl }),
          transaction: transactionDocument(timeline.commit),
        });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/commits/{txn_seq}/plan',
    summary: 'Shows what a commit changed and what it set off, computed again from the pond.',
    params: OfCommit,
    query: Nothing,
    body: null,
    answer: Plan,
    changes: false,
    handle: ({ interface: { ponds }, params }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        return documentOf(planDocument(await run(steward.plan(params.txn_seq))));
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/commits/{txn_seq}/records',
    summary: 'Lists every record of the control table about a commit, in order.',
    params: OfCommit,
    query: Nothing,
    body: null,
    answer: t.type({ records: t.array(t.record(t.string, t.unknown)) }),
    changes: false,
    handle: ({ interface: { ponds }, params }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const records = await run(steward.records({ txnSeq: params.txn_seq }));
        return documentOf({ records: records.map(recordDocument) });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/diff',
    summary: 'Compares the states after two transactions; `to`: default the newest.',
    params: OfPond,
    query: asked({ from: wholeText(0, 999_999_999_999_999) }, { to: TxnSeqText, path: PathText }),
    body: null,
    answer: Differences,
    changes: false,
    handle: ({ interface: { ponds }, params, query }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { from, to, differences } = await run(steward.compare(query));
        return documentOf({ from, to, differences: differences.map(differenceDocument) });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/history',
    summary: 'Lists the commits that touched a path or what is below it, the newest first, over renames.',
    params: OfPond,
    query: asked({ path: PathText }, { limit: wholeText(1, LONGEST_PAGE) }),
    body: null,
    answer: PathHistory,
    changes: false,
    handle: ({ interface: { ponds }, params, query }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const commits = await run(steward.history(query.path, { limit: query.limit ?? PAGE }));
        return documentOf(pathHistoryDocument(query.path, commits));
      }),
  }),
];
