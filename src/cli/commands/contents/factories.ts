import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { factoryDocument, factoryReferenceDocument } from '../../../documents/factory-document.js';
import { printableDeep } from '../../../domain/text/printable.js';
import type { FactoryFacts } from '../../../factories/registry/registry.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';
import { renderFactory } from '../../render/render-factory.js';
import { renderColumns } from '../../words/render-columns.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('[name]', 'show this factory: every key of its configuration, and an example');
  },
  examples: [
    ['factories', 'built-in ones and those of the modules in the settings'],
    ['factories webhook', 'its keys, and a configuration to begin from'],
    ['factories --factories ./mine.js', 'with those of a module'],
  ],
  run: (invocation) =>
    pipe(
      invocation,
      withPond((steward) => steward.factories()),
      TE.flatMap((factories) => {
        const [name] = invocation.given.operands;
        return name === undefined
          ? showAll(invocation, factories.list())
          : showOne(invocation, name, factories.facts(name));
      }),
    ),
};

const showAll = (
  invocation: Invocation,
  factories: readonly FactoryFacts[],
): TE.TaskEither<CliError, ExitCode> =>
  writeResult(invocation, {
    json: () => factories.map(factoryDocument),
    text: () =>
      inLines(
        renderColumns(
          printableDeep(factories).map(({ name, kind, modes, description }) => [
            name,
            kind,
            modes.join(', ') || '-',
            description,
          ]),
        ),
      ),
  });

const showOne = (
  invocation: Invocation,
  name: string,
  facts: FactoryFacts | null,
): TE.TaskEither<CliError, ExitCode> => {
  if (facts === null) return TE.left(usage(`there is no factory ${JSON.stringify(name)}`, 'pond factories'));
  return writeResult(invocation, {
    json: () => factoryReferenceDocument(facts),
    text: () => inLines(renderFactory(facts)),
  });
};
