import * as TE from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { DerivedFile } from '../../planner/derived-changes.js';
import type { TinyFsError } from '../../tinyfs/errors.js';
import type { PersistenceView } from '../../tinyfs/persistence.js';
import { closedReader } from '../discovery/closed-reader.js';
import { discoverDerived } from '../discovery/discover-derived.js';
import type { Pond } from '../pond/pond.js';

/**
 * The derived files of one state that match patterns, and what these are made of. Factories of the pond's own modules
 * make no files that are known of: their code says what they read, and is not asked.
 */
export const derivedFilesFor = (
  pond: Pick<Pond, 'registryFor'>,
  view: PersistenceView,
  patterns: readonly string[],
): TE.TaskEither<TinyFsError, readonly DerivedFile[]> =>
  patterns.length === 0
    ? TE.right([])
    : steps(async (s) => {
        const registry = await pond.registryFor(null)();
        return s.run(discoverDerived(closedReader(view), registry.madeBy, patterns));
      });
