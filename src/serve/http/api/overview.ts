import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { statusDocument } from '../../../documents/status-document.js';
import { transactionDocument } from '../../../documents/transaction-document.js';
import { steps } from '../../../effects/steps.js';
import { asked } from '../codecs/schema-of.js';
import { EntryStanding, Status, Transaction } from '../codecs/shapes.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';
import { standingDocument, standings } from './standing.js';

/** Commits by which entries are judged. */
const COMMITS_LOOKED_AT = 200;
const COMMITS_SHOWN = 12;

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
            ...{ name, pond_id: pondId, birthplace, directory },
          })),
          is_read_only: readOnly,
        }),
      ),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/status',
    summary: 'Shows the state of a pond, with every unfinished and failed task.',
    params: OfPond,
    query: Nothing,
    body: null,
    answer: Status,
    changes: false,
    handle: ({ interface: { ponds }, params }) =>
      pipe(
        TE.fromEither(pondNamed({ ponds }, params.pond)),
        TE.flatMap(
          ({ steward }): TE.TaskEither<HttpError, Answer> =>
            pipe(
              steward.status(),
              TE.map((status) => documentOf(statusDocument(status, true))),
            ),
        ),
      ),
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
        const status = await run(steward.status());
        const commits = await run(
          steward.transactions({ limit: COMMITS_LOOKED_AT, transactionTypes: ['write'] }),
        );
        return documentOf({
          ...statusDocument(status, true),
          pond: params.pond,
          directory: steward.directory,
          is_read_only: readOnly,
          entries: standings(commits).map(standingDocument),
          commits: commits.slice(0, COMMITS_SHOWN).map(transactionDocument),
        });
      }),
  }),
];
