import * as TE from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import type { InvalidArgument } from '../../domain/invalid-argument.js';
import type { Factory } from '../../factories/factory.js';
import type { Logger } from '../../ports/logger.js';
import type { OpenOptions } from '../shapes/open-options.js';
import type { FsckOptions } from '../shapes/report.js';
import {
  type CallArguments,
  Callback,
  Count,
  checked,
  functionsOf,
  Milliseconds,
  type OptionTypes,
  optional,
  options,
  Texts,
  wrongWith,
} from './argument-types.js';
import { CHECK, WHEN } from './call-arguments.js';

const DIRECTORY = checked(
  'the path of a directory',
  (input): input is string => typeof input === 'string' && input !== '' && !input.includes('\0'),
);

/** The function that a factory of each kind has. */
const WORK = {
  file: 'createFile',
  directory: 'createDirectory',
  executable: 'execute',
} as const satisfies Readonly<Record<Factory['kind'], string>>;

const FactoryShape = t.type({
  name: t.string,
  kind: t.keyof(WORK),
  modes: t.UnknownArray,
  config: t.type({ decode: Callback }),
});

const isFactory = (input: unknown): input is Factory => FactoryShape.is(input) && WORK[input.kind] in input;

/** A factory, as far as nothing that is asked of one can be missing. */
const FACTORY = checked('a factory (name, kind, modes, config and the function of its kind)', isFactory);

/** Options of everything that is done with a pond's directory. */
const OPENING: OptionTypes<OpenOptions & { readonly logger?: Logger }> = {
  postCommit: t.union([t.literal('run'), t.literal('suppress')]),
  tasks: WHEN,
  gates: t.union([t.literal('ask'), t.literal('skip')]),
  lockTimeoutMs: Milliseconds,
  taskWaitMs: Milliseconds,
  factories: t.readonlyArray(FACTORY, 'a list of factories'),
  factoryModules: Texts,
  trust: t.union([t.literal('approved'), t.literal('all')]),
  cliArgs: Texts,
  control: t.string,
  endpoint: t.string,
  region: t.string,
  cache: t.string,
  logger: functionsOf('a logger', 'log', 'with'),
};

/** Options of a pond in memory: with them come its surroundings. */
const IN_MEMORY = options<typeof OPENING & MemoryOptions>({
  ...OPENING,
  clock: functionsOf('a clock', 'nowMicros', 'monotonicMs', 'sleep', 'giveWay'),
  telemetry: checked('telemetry', t.UnknownRecord.is),
  fault: Callback,
  variables: t.record(t.string, t.string, 'an object of strings'),
});

/** Options of making a pond in memory, besides. */
interface MemoryOptions {
  readonly clock?: unknown;
  readonly telemetry?: unknown;
  readonly fault?: unknown;
  readonly variables?: unknown;
}

/** Options of making a pond, besides. */
interface InitOptions {
  readonly birthplace?: string;
  readonly sharedWith?: number;
}

const DIRECTORY_OPTIONS = {
  init: options<typeof OPENING & InitOptions>({ ...OPENING, birthplace: t.string, sharedWith: Count }),
  open: options<typeof OPENING>(OPENING),
  fsck: options<typeof OPENING & FsckOptions>({ ...OPENING, ...CHECK }),
};

const refusing = (
  call: string,
  expected: CallArguments,
  given: readonly unknown[],
): TE.TaskEither<InvalidArgument, void> => {
  const errors = wrongWith(expected, given);
  return errors.length === 0 ? TE.right(undefined) : TE.left({ _tag: 'InvalidArgument', call, errors });
};

/** Refuses a directory and options by which no pond can be made or opened. */
export const checkOpening = (
  call: keyof typeof DIRECTORY_OPTIONS,
  ...given: readonly unknown[]
): TE.TaskEither<InvalidArgument, void> => {
  const type = optional(DIRECTORY_OPTIONS[call]);
  return refusing(
    call,
    [
      ['directory', DIRECTORY],
      ['options', type],
    ],
    given,
  );
};

/** Refuses what cannot use a pond, before one is opened for it. */
export const checkUse = (use: unknown): TE.TaskEither<InvalidArgument, void> =>
  refusing('using', [['use', Callback]], [use]);

/** Refuses options by which no pond in memory can be made. */
export const checkMemoryOptions = (given: unknown): TE.TaskEither<InvalidArgument, void> =>
  refusing('createMemoryPond', [['options', optional(IN_MEMORY)]], [given]);
