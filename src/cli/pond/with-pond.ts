import { resolve } from 'node:path';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { isStoreAddress } from '../../domain/pond-address.js';
import { unlessEnded } from '../../effects/unless-ended.js';
import type { OpenOptions } from '../../steward/shapes/open-options.js';
import type { Steward } from '../../steward/steward.js';
import type { Invocation } from '../command.js';
import { type CliError, usage } from '../errors.js';
import type { Terminal } from '../program.js';

/** The pond's directory, or its address: `--pond`, else `$POND`. */
export const pondDirectory = (invocation: Invocation): TE.TaskEither<CliError, string> => {
  const { terminal, options } = invocation;
  const named = options.pond ?? terminal.environment.POND ?? '';
  return named === ''
    ? TE.left(usage('no pond was named', 'set $POND to the directory of your pond, or give --pond DIR'))
    : placeOfPond(invocation, named);
};

/** The same of a pond that is named; what was said of a store is refused of a directory, which would be used without it. */
export const placeOfPond = (
  { terminal, options }: Pick<Invocation, 'terminal' | 'options'>,
  named: string,
): TE.TaskEither<CliError, string> => {
  const place = placeNamed(terminal, named);
  const said = OF_A_STORE.find((option) => options[option] !== undefined);
  return said === undefined || isStoreAddress(place)
    ? TE.right(place)
    : TE.left(usage(`--${said} is for a pond in a store, and ${place} is a directory`, STORE_ADDRESSES));
};

const OF_A_STORE = ['control', 'endpoint', 'region', 'cache'] as const;

const STORE_ADDRESSES = "a store's address is s3://bucket/prefix, or file:///directory";

/** The directory, absolute, or the address as it is. */
export const placeNamed = (
  { workingDirectory }: Pick<Terminal, 'workingDirectory'>,
  named: string,
): string => (isStoreAddress(named) ? named : resolve(workingDirectory, named));

/** Directories of the ponds that are named one after another, else the one that every command takes. */
export const pondDirectories = (invocation: Invocation): TE.TaskEither<CliError, readonly string[]> => {
  const { given } = invocation;
  return given.operands.length === 0
    ? pipe(
        pondDirectory(invocation),
        TE.map((directory) => [directory]),
      )
    : pipe(
        given.operands,
        TE.traverseArray((name) => placeOfPond(invocation, name)),
        TE.map((places) => [...new Set(places)]),
      );
};

export const openOptions = ({ options, cliArgs, terminal }: Invocation): OpenOptions => ({
  ...sharedOptions({ options, terminal }),
  postCommit: options.postCommit,
  gates: options.gates,
  trust: options.trust,
  ...(options.tasks === undefined ? {} : { tasks: options.tasks }),
  ...(options.lockTimeoutMs === undefined ? {} : { lockTimeoutMs: options.lockTimeoutMs }),
  ...(options.taskWaitMs === undefined ? {} : { taskWaitMs: options.taskWaitMs }),
  factoryModules: options.factories,
  cliArgs,
});

/** Options of a pond in a store. */
const sharedOptions = ({ options, terminal }: Pick<Invocation, 'options' | 'terminal'>): OpenOptions => {
  const { POND_CONTROL = '' } = terminal.environment;
  const control = options.control ?? (POND_CONTROL === '' ? undefined : POND_CONTROL);
  const { endpoint, region, cache } = options;
  return {
    ...(control === undefined ? {} : { control }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(region === undefined ? {} : { region }),
    ...(cache === undefined ? {} : { cache: resolve(terminal.workingDirectory, cache) }),
  };
};

/** Opens a pond; one in a store no longer than until the command is interrupted, since a store or a database may be silent for minutes. */
const openedUnlessEnded = (invocation: Invocation, place: string): TE.TaskEither<CliError, Steward> => {
  const opening: TE.TaskEither<CliError, Steward> = invocation.program.open(place, openOptions(invocation));
  return isStoreAddress(place)
    ? () =>
        unlessEnded<CliError, Steward>(invocation.terminal.interrupt, INTERRUPTED, opening, (late) =>
          late.close(),
        )
    : opening;
};

const INTERRUPTED: CliError = { _tag: 'Interrupted', call: 'opening the pond' };

/** Opens the pond, uses it, and closes it whatever happens. */
export const withPond =
  <A>(use: (steward: Steward) => TE.TaskEither<CliError, A>) =>
  (invocation: Invocation): TE.TaskEither<CliError, A> =>
    TE.bracket(
      pipe(
        pondDirectory(invocation),
        TE.flatMap((directory) => openedUnlessEnded(invocation, directory)),
      ),
      use,
      (steward) => steward.close(),
    );
