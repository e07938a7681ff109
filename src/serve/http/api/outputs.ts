import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { outputDocument } from '../../../documents/output-document.js';
import { isUnfinished } from '../../../documents/task-ends.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { firingPlaceOf } from '../../../domain/plans/firing.js';
import { printTaskId, type TaskId } from '../../../domain/plans/task-id.js';
import type { Redact } from '../../../domain/secrets/redactor.js';
import { steps } from '../../../effects/steps.js';
import type { Clock } from '../../../ports/clock.js';
import type { PondError } from '../../../steward/errors.js';
import type { TaskOutput, TasksAsked } from '../../../steward/shapes/call-reports.js';
import type { Steward } from '../../../steward/steward.js';
import { TaskText, wholeText } from '../codecs/parameters.js';
import { asked } from '../codecs/schema-of.js';
import { Output } from '../codecs/task-shapes.js';
import { type HttpError, httpErrorDocument } from '../exchange/http-error.js';
import { type Answer, documentOf, streamOf } from '../exchange/reply.js';
import { pondNamed, type Route, route } from '../exchange/route.js';

/** Milliseconds between two looks at what is being said. */
const PAUSE = 250;
/** Milliseconds after which something is sent although nothing was said, so that whoever has gone is noticed. */
const SIGN_OF_LIFE = 15_000;

const OfPond = asked({ pond: t.string }, {});
const Attempt = wholeText(1, 1_000_000);

export const outputRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/ponds/{pond}/output',
    summary:
      'Returns what an attempt of a task has said, by default the newest: at most 256 KiB of an attempt are kept. `after`: only lines behind that number.',
    params: OfPond,
    query: asked({ task: TaskText }, { attempt: Attempt, after: wholeText(0, 1_000_000_000_000) }),
    body: null,
    answer: Output,
    changes: false,
    handle: ({ interface: { ponds }, params, query: { task, attempt, after = 0 } }) =>
      steps<HttpError, Answer>(async ({ run, take }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const id = await run(taskNamed(steward, task));
        const output = await run(steward.output(id, attempt === undefined ? {} : { attempt }));
        return documentOf(outputDocument(behind(output, after)));
      }),
  }),
  route({
    method: 'GET',
    path: '/ponds/{pond}/output/follow',
    summary:
      'Server-sent events: `output` with the lines that an attempt of a task says while it runs, those of before first; `end` when it has ended.',
    params: OfPond,
    query: asked({ task: TaskText }, { attempt: Attempt, after: wholeText(0, 1_000_000_000_000) }),
    body: null,
    answer: null,
    changes: false,
    handle: ({ interface: { ponds, streams, clock, redact }, params, query, signal, stopping }) =>
      steps<HttpError, Answer>(async ({ run, take, fail }) => {
        const { steward } = take(pondNamed({ ponds }, params.pond));
        const id = await run(taskNamed(steward, query.task));
        const { attempt } = await run(
          steward.output(id, query.attempt === undefined ? {} : { attempt: query.attempt }),
        );
        const ending = AbortSignal.any([signal, stopping]);
        const said = { id, attempt, after: query.after ?? 0 };
        const answer = streamOf(streams, followed(steward, said, { clock, redact, signal: ending }), signal);
        return answer ?? fail(streams.refused);
      }),
  }),
];

/** The task that is named; of a firing, the scheduled entry itself where no other is. */
const taskNamed = (steward: Steward, asked: TasksAsked): TE.TaskEither<PondError, TaskId> => {
  if ('txnSeq' in asked)
    return TE.right({ parentTxnSeq: asked.txnSeq, executionSeq: asked.executionSeq ?? 1 });
  const { firing, place = 0 } = asked;
  return steps(async ({ run, fail }) => {
    const task = (await run(steward.firing(firing))).find(
      ({ executionSeq }) => firingPlaceOf(executionSeq) === place,
    );
    return task ?? fail({ _tag: 'TaskNotFound', task: place === 0 ? firing : `${firing}.${place}` });
  });
};

const behind = (output: TaskOutput, after: number): TaskOutput => ({
  ...output,
  lines: output.lines.filter(({ number }) => number > after),
});

interface Followed {
  readonly id: TaskId;
  readonly attempt: number;
  /** Number of the last line that is known already. */
  readonly after: number;
}

async function* followed(
  steward: Pick<Steward, 'output'>,
  { id, attempt, after }: Followed,
  { clock, redact, signal }: { readonly clock: Clock; readonly redact: Redact; readonly signal: AbortSignal },
): AsyncGenerator<string> {
  let shown = after;
  let quiet = 0;
  for (let isFirst = true; !signal.aborted; isFirst = false) {
    const said = await steward.output(id, { attempt })();
    if (isLeft(said)) return yield eventOf('failed', httpErrorDocument(said.left, redact));
    const fresh = behind(said.right, shown);
    const hasEnded = !isUnfinished(fresh.task) || fresh.task.attempts > attempt;
    shown = fresh.lines.at(-1)?.number ?? shown;
    quiet = fresh.lines.length > 0 ? 0 : quiet + PAUSE;
    if (isFirst || fresh.lines.length > 0) yield eventOf('output', outputDocument(fresh));
    else if (quiet % SIGN_OF_LIFE === 0) yield ': it says nothing\n\n';
    if (hasEnded) return yield eventOf('end', { task: printTaskId(id), attempt, state: fresh.task.state });
    await clock.sleep(PAUSE, signal);
  }
}

const eventOf = (name: string, document: JsonObject): string =>
  `event: ${name}\ndata: ${JSON.stringify(document)}\n\n`;
