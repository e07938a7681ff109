import * as fc from 'fast-check';
import { isRight } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { childOf, type PondPath, ROOT } from '../../src/domain/paths/pond-path.js';
import type { TinyFsError } from '../../src/tinyfs/errors.js';
import type { PondWriter } from '../../src/tinyfs/tinyfs.js';
import type { PlainMap } from './plain-map.js';

/** Where a call goes: to something that is there (the root or one of the paths), or to a name in it. */
export interface Place {
  readonly near: number;
  readonly name: string | null;
}

/** One call, on TinyFS and on the model alike. */
export type Command<P> =
  | { readonly call: 'mkdir'; readonly path: P }
  | { readonly call: 'write' | 'append'; readonly path: P; readonly text: string }
  | { readonly call: 'rename'; readonly path: P; readonly to: P }
  | { readonly call: 'remove'; readonly path: P; readonly recursive: boolean }
  | { readonly call: 'symlink'; readonly path: P; readonly target: P };

/** One write transaction. */
export interface Transaction {
  readonly commands: readonly Command<Place>[];
  readonly end: 'commit' | 'abort';
}

// Few names, so that calls meet each other.
const name = fc.constantFrom('a', 'é f');
const path: fc.Arbitrary<Place> = fc.record({ near: fc.nat(7), name: fc.option(name, { freq: 2 }) });
const text = fc.string({ maxLength: 4 });

const command: fc.Arbitrary<Command<Place>> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ call: fc.constant('mkdir' as const), path }) },
  {
    weight: 6,
    arbitrary: fc.record({ call: fc.constantFrom('write' as const, 'append' as const), path, text }),
  },
  { weight: 8, arbitrary: fc.record({ call: fc.constant('rename' as const), path, to: path }) },
  {
    weight: 1,
    arbitrary: fc.record({ call: fc.constant('remove' as const), path, recursive: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ call: fc.constant('symlink' as const), path, target: path }) },
);

/** Histories of a pond. */
export const transactions: fc.Arbitrary<readonly Transaction[]> = fc.array(
  fc.record({
    commands: fc.array(command, { maxLength: 4, size: 'max' }),
    end: fc.oneof(
      { weight: 5, arbitrary: fc.constant('commit' as const) },
      { weight: 1, arbitrary: fc.constant('abort' as const) },
    ),
  }),
  { maxLength: 16, size: 'max' },
);

/** The same command with paths, as what is there now gives them. */
export const located = (command: Command<Place>, model: PlainMap): Command<PondPath> => {
  const there = [ROOT, ...model.paths()];
  const pathOf = ({ near, name: child }: Place): PondPath => {
    const nearest = there[near % there.length] ?? ROOT;
    return child === null ? nearest : childOf(nearest, child);
  };
  const path = pathOf(command.path);
  switch (command.call) {
    case 'rename':
      return { ...command, path, to: pathOf(command.to) };
    case 'symlink':
      return { ...command, path, target: pathOf(command.target) };
    default:
      return { ...command, path };
  }
};

/** Runs a call on TinyFS; returns whether it was done. */
export const runOnTinyFs = async (fs: PondWriter, command: Command<PondPath>): Promise<boolean> =>
  isRight(await taskOf(fs, command)());

const taskOf = (fs: PondWriter, command: Command<PondPath>): TaskEither<TinyFsError, unknown> => {
  switch (command.call) {
    case 'mkdir':
      return fs.mkdir(command.path);
    case 'write':
      return fs.write(command.path, Buffer.from(command.text));
    case 'append':
      return fs.appendToSeries(command.path, Buffer.from(command.text));
    case 'rename':
      return fs.rename(command.path, command.to);
    case 'remove':
      return fs.remove(command.path, { recursive: command.recursive });
    case 'symlink':
      return fs.symlink(command.target, command.path);
  }
};

/** Runs a call on the model; returns whether it was done. */
export const runOnModel = (model: PlainMap, command: Command<PondPath>): boolean => {
  switch (command.call) {
    case 'mkdir':
      return model.mkdir(command.path);
    case 'write':
      return model.write(command.path, command.text);
    case 'append':
      return model.append(command.path, command.text);
    case 'rename':
      return model.rename(command.path, command.to);
    case 'remove':
      return model.remove(command.path, command.recursive);
    case 'symlink':
      return model.symlink(command.target, command.path);
  }
};
