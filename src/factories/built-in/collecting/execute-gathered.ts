import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../../effects/steps.js';
import type { ExecutableFactory, FactoryContext, FactoryError } from '../../factory.js';

/** `execute` of a writer that gathers first: inside a transaction that is there already, such as that of a gate, both at once. */
export const executeGathered =
  <C>(
    gather: NonNullable<ExecutableFactory<C>['gather']>,
    factory: string,
  ): ((context: FactoryContext, config: C) => TaskEither<FactoryError, void>) =>
  (context, config) =>
    steps(async ({ run, fail }) => {
      if (context.mode !== 'InTransactionWriter')
        return fail({
          _tag: 'FactoryFailed',
          path: context.path,
          factory,
          message: 'writes, and runs in a write transaction only',
        });
      const gathered = await run(gather({ ...context, progress: () => undefined }, config));
      for (const undone of await run(gathered.write(context)))
        context.log.log('error', 'left_undone', { reason: undone });
    });
