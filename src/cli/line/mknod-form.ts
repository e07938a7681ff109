import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import { type InvalidPath, type PondPath, parsePondPath } from '../../domain/paths/pond-path.js';
import type { CommandArguments } from '../command-arguments.js';
import { type UsageError, usage } from '../errors.js';

/** Node that `mknod` is to make. */
export interface NodeToMake {
  readonly factory: string;
  readonly path: PondPath;
  /** Entry type that `--type` gives; must then be what the factory makes. */
  readonly type: 'dynamic-file' | 'dynamic-dir' | null;
  readonly overwrite: boolean;
}

/** Reads both forms: `mknod FACTORY PATH` and `mknod PATH --factory FACTORY --type TYPE`. */
export const nodeToMake = (given: CommandArguments): E.Either<UsageError | InvalidPath, NodeToMake> => {
  const named = given.text('factory');
  const [first = '', second] = given.operands;
  if (named !== undefined && second !== undefined) {
    return E.left(usage('the factory was given twice: as an argument and by --factory'));
  }
  if (named === undefined && second === undefined) {
    return E.left(
      usage('the path is missing', 'pond mknod FACTORY PATH, or pond mknod PATH --factory FACTORY'),
    );
  }
  const type = given.text('type');
  return pipe(
    parsePondPath(second ?? first),
    E.map((path) => ({
      factory: named ?? first,
      path,
      type: type === 'dynamic-file' || type === 'dynamic-dir' ? type : null,
      overwrite: given.flag('overwrite'),
    })),
  );
};
