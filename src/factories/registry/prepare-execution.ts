import { isLeft, right } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FactoryContext, FactoryError } from '../factory.js';
import { callReady, type ReadyFactory } from './ready-factory.js';
import { redactingChannels } from './redact.js';
import type { PreparedExecution, StartedExecution } from './registry.js';

/** Calls `initialize` and `prepare`, where the factory has them; what comes of it is ready to be executed. */
export const prepareExecution =
  (ready: ReadyFactory, context: FactoryContext): TE.TaskEither<FactoryError, PreparedExecution> =>
  async () => {
    const { factory, config, redact } = ready;
    let inner: FactoryContext | null = null;
    // Most factories have nothing to prepare, and most commits many of them.
    for (const phase of PHASES) {
      if (factory[phase] === undefined) continue;
      inner ??= withFields(context, redactingChannels(context, redact));
      const given = inner;
      const prepared = await callReady(ready, () => factory[phase]?.(given, config) ?? NOTHING)();
      if (isLeft(prepared)) return prepared;
    }
    return right({
      execute: (started = {}) => {
        const { log = context.log, span = context.span, report = context.report } = started;
        const fields = { ...started, ...redactingChannels({ log, span, report }, redact) };
        return callReady(ready, () => factory.execute(withFields(context, fields), config));
      },
    });
  };

const PHASES = ['initialize', 'prepare'] as const;

/** Result of a factory that returns nothing at all. */
const NOTHING = TE.right(undefined);

/** The union's members one by one: a spread over the union would lose which filesystem goes with which mode. */
const withFields = (context: FactoryContext, fields: StartedExecution): FactoryContext =>
  context.mode === 'PostCommitReader' ? { ...context, ...fields } : { ...context, ...fields };
