import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Glob } from '../../domain/paths/glob-pattern.js';
import type { TinyFsError } from '../errors.js';
import type { Entry, Matches } from '../tinyfs.js';
import type { Tree } from '../tree/tree.js';
import { eachMatch } from './each-match.js';

/** Everything that matches a glob, in memory. */
export const collectMatches = (tree: Tree, glob: Glob): TE.TaskEither<TinyFsError, Matches> =>
  pipe(
    TE.fromIO((): Entry[] => []),
    TE.flatMap((entries) =>
      pipe(
        eachMatch(tree, glob, (entry) => {
          entries.push(entry);
        }),
        TE.map((unreadable) => ({ entries, unreadable })),
      ),
    ),
  );
