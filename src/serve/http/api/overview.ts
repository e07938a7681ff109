import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { fleetDocument } from '../../../documents/fleet-document.js';
import { statusDocument } from '../../../documents/status-document.js';
import { incompleteDocument, transactionDocument } from '../../../documents/transaction-document.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { steps } from '../../../effects/steps.js';
import type { PondStatus } from '../../../steward/shapes/call-reports.js';
import { Transaction } from '../codecs/commit-shapes.js';
import { wholeText } from '../codecs/parameters.js';
import { Fleet, Status } from '../codecs/pond-shapes.js';
import { asked } from '../codecs/schema-of.js';
import { EntryStanding } from '../codecs/task-shapes.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';
import { firstOf, withoutLongReports } from './long-lists.js';
import { standingDocument, standingsOf } from './standing.js';

const COMMITS_SHOWN = 12;
/** Unfinished and failed tasks, of each kind: on the overview; where it is not said; and at most. */
const TASKS_SHOWN = 50;
const TASKS = 500;
const MOST_TASKS = 5_000;

const OfPond = asked({ pond: t.string }, {});
const Nothing = asked({}, {});

const Overview = t.intersection([
  Status,
  t.type({
    pond: t.string,
    directory: t.string,
    is_read_only: t.boolean,
    entries: t.array(EntryStanding),
    commits: t.array(Transaction),
  }),
]);

export const overviewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds',
    summary: 'Lists the ponds that are served.',
    params: Nothing,
    query: Nothing,
    body: null,
    answer: t.type({
      ponds: t.array(
        t.type({ name: t.string, pond_id: t.string, birthplace: t.string, directory: t.string }),
      ),
      is_read_only: t.boolean,
    }),
    changes: false,
    handle: ({ interface: { ponds, readOnly } }) =>
      TE.right(
        documentOf({
          ponds: ponds.map(({ name, steward: { pondId, birthplace, directory } }) => ({
            name,
            pond_id: pondId,
            birthplace,
            directory,
          })),
          is_read_only: readOnly,
        }),
      ),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/status',
    summary:
      'Shows the state of a pond, with its unfinished and failed tasks: of each kind `limit`, beside the numbers of all.',
    params: OfPond,
    query: asked({}, { limit: wholeText(1, MOST_TASKS) }),
    body: null,
    answer: Status,
    changes: false,
    handle: ({ interface: { ponds }, params, query: { limit = TASKS } }) =>
      pipe(
        TE.fromEither(pondNamed({ ponds }, params.pond)),
        TE.flatMap(
          ({ steward }): TE.TaskEither<HttpError, Answer> =>
            pipe(
              steward.status({ failedTasks: limit }),
              TE.map((status) => documentOf(boundedStatus(status, limit))),
            ),
        ),
      ),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/workers',
    summary:
      'Lists the processes that run tasks of the pond, on all machines, and says how many tasks have not begun.',
    params: OfPond,
    query: Nothing,
    body: null,
    answer: Fleet,
    changes: false,
    handle: ({ interface: { ponds }, params }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        return documentOf(fleetDocument(await run(steward.workers())));
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/overview',
    summary: 'Shows what fails and since when, what is unfinished, what runs, and the newest commits.',
    params: OfPond,
    query: Nothing,
    body: null,
    answer: Overview,
    changes: false,
    handle: ({ interface: { ponds, readOnly }, params }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const status = await run(steward.status({ failedTasks: TASKS_SHOWN }));
        const { entries, commits } = await run(standingsOf(steward));
        return documentOf({
          ...boundedStatus(status, TASKS_SHOWN),
          pond: params.pond,
          directory: steward.directory,
          is_read_only: readOnly,
          entries: entries.map(standingDocument),
          commits: commits.slice(0, COMMITS_SHOWN).map((one) => withoutLongReports(transactionDocument(one))),
        });
      }),
  }),
];

/** The state of a pond, of which no list is longer than `limit`: a pond in which something has failed for a year has many. */
const boundedStatus = (status: PondStatus, limit: number): JsonObject =>
  withoutLongReports({
    ...statusDocument(status, { withTasks: false }),
    post_commit: incompleteDocument(firstOf(status.incomplete, limit)),
  });
