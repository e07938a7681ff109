import * as t from 'io-ts';
import { isTraced } from '../../../documents/commit-timeline.js';
import { timelineOfFiring } from '../../../documents/timeline-of-commit.js';
import { traceDocument } from '../../../documents/trace-document.js';
import { traceLink } from '../../../documents/trace-link.js';
import { steps } from '../../../effects/steps.js';
import { Trace } from '../codecs/commit-shapes.js';
import { TaskText } from '../codecs/parameters.js';
import { asked } from '../codecs/schema-of.js';
import type { HttpError } from '../exchange/http-error.js';
import { type Answer, documentOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';

const OfPond = asked({ pond: t.string }, {});

export const firingRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/firings/firing',
    summary: 'Shows a firing, `PATH@TIME`, and its tasks in time.',
    params: OfPond,
    query: asked({ firing: TaskText }, {}),
    body: null,
    answer: Trace,
    changes: false,
    handle: ({ interface: { ponds, clock, variables }, params, query: { firing } }) =>
      steps<HttpError, Answer>(async ({ run, take, fail }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        if (!('firing' in firing)) return fail({ _tag: 'TaskNotFound', task: TaskText.encode(firing) });
        const timeline = await run(timelineOfFiring(steward, firing.firing, clock.nowMicros));
        const traceUrl = isTraced(timeline) ? traceLink(timeline.commit.traceParent, variables) : null;
        return documentOf(traceDocument(timeline, { pondId: steward.pondId, traceUrl }));
      }),
  }),
];
