import * as t from 'io-ts';
import { scheduleDocument } from '../../../documents/schedule-document.js';
import { firingDocument } from '../../../documents/task-document.js';
import { watchDocument } from '../../../documents/watch-document.js';
import { steps } from '../../../effects/steps.js';
import { wholeText } from '../codecs/parameters.js';
import { Watch } from '../codecs/pond-shapes.js';
import { asked } from '../codecs/schema-of.js';
import { Firing, Schedule } from '../codecs/task-shapes.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';

const OfPond = asked({ pond: t.string }, {});
const Nothing = asked({}, {});

const FIRINGS_SHOWN = 50;
const MOST_FIRINGS = 1000;

/** Routes about what happens by itself: at its time, and when files arrive. */
export const backgroundRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/schedules',
    summary: 'Lists the schedules, when each is due next, and what its newest firings came to.',
    params: OfPond,
    query: Nothing,
    body: null,
    answer: t.type({ schedules: t.array(Schedule) }),
    changes: false,
    handle: ({ interface: { ponds }, params }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        return documentOf({ schedules: (await run(steward.schedules())).map(scheduleDocument) });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/firings',
    summary: 'Lists the newest firings of schedules with all their tasks, newest first.',
    params: OfPond,
    query: asked({}, { limit: wholeText(1, MOST_FIRINGS) }),
    body: null,
    answer: t.type({ firings: t.array(Firing) }),
    changes: false,
    handle: ({ interface: { ponds }, params, query: { limit = FIRINGS_SHOWN } }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        return documentOf({ firings: (await run(steward.firings({ limit }))).map(firingDocument) });
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/watches',
    summary: 'Lists the watched folders, their newest batches, and what was refused.',
    params: OfPond,
    query: Nothing,
    body: null,
    answer: t.type({ watches: t.array(Watch) }),
    changes: false,
    handle: ({ interface: { ponds }, params }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        return documentOf({ watches: (await run(steward.watches())).map(watchDocument) });
      }),
  }),
];
