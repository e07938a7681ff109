import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FactoryError, GatherContext } from '../factory.js';
import { callReady, type ReadyFactory } from './ready-factory.js';
import { redactingChannels } from './redact.js';
import type { GatheredExecution } from './registry.js';

/** Lets a factory gather what it will write, in a transaction that has not begun yet; null where it needs nothing. */
export const gatherExecution = (
  ready: ReadyFactory,
  context: GatherContext,
): TE.TaskEither<FactoryError, GatheredExecution | null> => {
  const { factory, config, redact } = ready;
  const inner: GatherContext = {
    ...context,
    ...redactingChannels(context, redact),
    progress: (words) => context.progress(redact(words)),
  };
  return pipe(
    callReady(ready, () => factory.gather?.(inner, config) ?? TE.right(null)),
    TE.map((gathered): GatheredExecution | null =>
      gathered === null
        ? null
        : {
            write: (writer) =>
              pipe(
                callReady(ready, () => gathered.write({ ...writer, ...redactingChannels(writer, redact) })),
                TE.map((undone) => undone.map(redact)),
              ),
          },
    ),
  );
};
