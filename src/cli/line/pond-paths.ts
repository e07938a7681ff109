import * as E from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InvalidPath, type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';

/** Operands that are paths in the pond. They are checked before the pond is opened: wrong ones are wrong usage. */
export const pondPaths = (operands: readonly string[]): TE.TaskEither<InvalidPath, readonly PondPath[]> =>
  TE.fromEither(E.traverseArray(parsePondPath)(operands));

/** An operand that is a path in the pond. */
export const pondPath = (operand: string | undefined): TE.TaskEither<InvalidPath, PondPath> =>
  TE.fromEither(parsePondPath(operand ?? ''));
