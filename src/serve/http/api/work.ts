import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { recoveryDocument } from '../../../documents/recovery-document.js';
import { tasksDocument } from '../../../documents/tasks-document.js';
import { writeDocument } from '../../../documents/write-document.js';
import type { Json } from '../../../domain/documents/json.js';
import { steps } from '../../../effects/steps.js';
import type { RunOutcome } from '../../../steward/shapes/call-reports.js';
import { Write } from '../codecs/commit-shapes.js';
import { PathText, TaskText, TxnSeq } from '../codecs/parameters.js';
import { Recovery } from '../codecs/pond-shapes.js';
import { asked } from '../codecs/schema-of.js';
import { Task } from '../codecs/task-shapes.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';

const OfPond = asked({ pond: t.string }, {});
const Nothing = asked({}, {});
const Tasks = t.intersection([
  t.type({ tasks: t.array(Task) }),
  t.partial({ txn_seq: t.number, firing: t.string }),
]);

/** A route by which tasks come to an end without being run. */
const settling = (call: 'cancel' | 'dismiss', summary: string): Route =>
  route({
    method: 'POST',
    path: `/ponds/{pond}/${call}`,
    summary,
    params: OfPond,
    query: Nothing,
    body: asked({ task: TaskText }, { reason: t.string }),
    answer: Tasks,
    changes: true,
    handle: ({ interface: { ponds }, params, body: { task, reason }, stopping }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const options = { signal: stopping, ...(reason === undefined ? {} : { reason }) };
        return documentOf(tasksDocument(task, await run(steward[call](task, options))));
      }),
  });

/** Routes of work, which goes on although its client has gone, and ends only with the server. */
export const workRoutes: readonly Route[] = [
  route({
    method: 'POST',
    path: '/ponds/{pond}/retry',
    summary:
      'Runs the failed tasks of a commit or of a firing again, or one of them, and returns them as they are then.',
    params: OfPond,
    query: Nothing,
    body: asked({ task: TaskText }, { current_config: t.boolean }),
    answer: Tasks,
    changes: true,
    handle: ({ interface: { ponds }, params, body, stopping }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { task, current_config: currentConfig = false } = body;
        const tasks = await run(steward.retry(task, { currentConfig, signal: stopping }));
        return documentOf(tasksDocument(task, tasks));
      }),
  }),
  settling(
    'cancel',
    'Ends unfinished tasks of a commit or of a firing, or one of them: what is pending never begins.',
  ),
  settling(
    'dismiss',
    'Settles failed tasks of a commit or of a firing without running them, or one of them.',
  ),
  route({
    method: 'GET',
    path: '/ponds/{pond}/recovery',
    summary: 'Says what a recovery would do; does nothing.',
    params: OfPond,
    query: Nothing,
    body: null,
    answer: Recovery,
    changes: false,
    handle: ({ interface: { ponds }, params, signal }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        return documentOf(recoveryDocument(await run(steward.recover({ dryRun: true, signal }))));
      }),
  }),
  route({
    method: 'POST',
    path: '/ponds/{pond}/recover',
    summary: 'Repairs what a crash left and runs unfinished tasks, with `failed` the failed ones, too.',
    params: OfPond,
    query: Nothing,
    body: asked({}, { failed: t.boolean, current_config: t.boolean, txn_seq: TxnSeq, factory: t.string }),
    answer: Recovery,
    changes: true,
    handle: ({ interface: { ponds }, params, body, stopping }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const { failed = false, current_config: currentConfig = false, txn_seq: txnSeq, factory } = body;
        const report = await run(
          steward.recover({
            failed,
            currentConfig,
            signal: stopping,
            ...(txnSeq === undefined ? {} : { txnSeq }),
            ...(factory === undefined ? {} : { factory }),
          }),
        );
        return documentOf(recoveryDocument(report));
      }),
  }),
  route({
    method: 'POST',
    path: '/ponds/{pond}/run',
    summary: 'Runs an executable entry now, in the mode that its factory declares.',
    params: OfPond,
    query: Nothing,
    body: asked({ path: PathText }, { args: t.array(t.string) }),
    answer: t.union([
      t.type({ mode: t.literal('post-commit'), txn_seq: t.number }),
      t.intersection([t.type({ mode: t.literal('writer') }), Write]),
    ]),
    changes: true,
    handle: ({ interface: { ponds }, params, body: { path, args = [] }, stopping }) =>
      pipe(
        TE.fromEither(pondNamed({ ponds }, params.pond)),
        TE.flatMap(
          ({ steward }): TE.TaskEither<HttpError, Answer> =>
            pipe(
              steward.run(path, { args, signal: stopping }),
              TE.map((ran) => documentOf(runDocument(ran))),
            ),
        ),
      ),
  }),
];

const runDocument = (ran: RunOutcome): Json =>
  ran.mode === 'InTransactionWriter'
    ? {
        ...writeDocument(ran.outcome),
        mode: 'writer',
        ...(ran.report === null ? {} : { report: ran.report }),
        ...(ran.undone.length === 0 ? {} : { undone: ran.undone }),
      }
    : {
        mode: 'post-commit',
        txn_seq: ran.txnSeq,
        ...(ran.report === null ? {} : { report: ran.report }),
      };
