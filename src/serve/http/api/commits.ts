import * as t from 'io-ts';
import { isTraced } from '../../../documents/commit-timeline.js';
import { planDocument } from '../../../documents/plan-document.js';
import { timelineOf } from '../../../documents/timeline-of-commit.js';
import { traceDocument } from '../../../documents/trace-document.js';
import { traceLink } from '../../../documents/trace-link.js';
import { recordDocument, transactionDocument } from '../../../documents/transaction-document.js';
import { steps } from '../../../effects/steps.js';
import { Plan, Trace, Transaction } from '../codecs/commit-shapes.js';
import { TxnSeqText, wholeText } from '../codecs/parameters.js';
import { asked } from '../codecs/schema-of.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';
import { withoutLongReports } from './long-lists.js';

const PAGE = 50;
const LONGEST_PAGE = 500;
/** Changes of a commit that are listed, where it is not said, and at most. */
const CHANGES = 200;
const MOST_CHANGES = 5_000;
const MOST_RECORDS = 5_000;

const OfPond = asked({ pond: t.string }, {});
const OfCommit = asked({ pond: t.string, txn_seq: TxnSeqText }, {});
const Nothing = asked({}, {});

export const commitRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/commits',
    summary:
      'Lists writes, the newest first. `before`: older ones than the one of this `txn_id`. `search`: a word of the command, a path of a configuration, or of an error. `empty=false`: without those that brought nothing new, and committed nothing.',
    params: OfPond,
    query: asked(
      {},
      {
        limit: wholeText(1, LONGEST_PAGE),
        before: t.string,
        search: t.string,
        state: t.keyof({ failed: null }),
        empty: t.keyof({ true: null, false: null }),
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
        const { limit = PAGE, before, search, state, empty } = query;
        const found = await run(
          steward.transactions({
            limit: limit + 1,
            transactionTypes: ['write'],
            ...(before === undefined ? {} : { before }),
            ...(search === undefined ? {} : { search }),
            ...(state === undefined ? {} : { failed: true }),
            ...(empty === 'false' ? { empty: false } : {}),
          }),
        );
        const shown = found.slice(0, limit);
        return documentOf({
          pond_id: steward.pondId,
          transactions: shown.map((one) => withoutLongReports(transactionDocument(one))),
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
    summary:
      'Shows what a commit changed and what it set off, computed again from the pond; of its changes `limit` from `offset` on.',
    params: OfCommit,
    query: asked({}, { offset: wholeText(0, 100_000_000), limit: wholeText(1, MOST_CHANGES) }),
    body: null,
    answer: Plan,
    changes: false,
    handle: ({ interface: { ponds }, params, query: { offset = 0, limit = CHANGES } }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const plan = await run(steward.plan(params.txn_seq));
        return documentOf({
          ...planDocument({ ...plan, changes: plan.changes.slice(offset, offset + limit) }),
          changes_total: plan.changes.length,
        });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/commits/{txn_seq}/records',
    summary: 'Lists the records of the control table about a commit, in order; `limit` keeps the newest.',
    params: OfCommit,
    query: asked({}, { limit: wholeText(1, MOST_RECORDS) }),
    body: null,
    answer: t.type({ records: t.array(t.record(t.string, t.unknown)) }),
    changes: false,
    handle: ({ interface: { ponds }, params, query: { limit = MOST_RECORDS } }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const records = await run(steward.records({ txnSeq: params.txn_seq, limit }));
        return documentOf({ records: records.map(recordDocument) });
      }),
  }),
];
