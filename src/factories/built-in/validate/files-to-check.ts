import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { CONFIGURATION_DIRECTORY } from '../../../domain/paths/configuration-paths.js';
import { isWithin, type PondPath } from '../../../domain/paths/pond-path.js';
import type { EntryType } from '../../../domain/tree/node-row.js';
import { steps } from '../../../effects/steps.js';
import type { ValidateConfig } from '../../../validation/reading/rules-codec.js';
import type { FactoryContext } from '../../factory.js';
import type { CheckProblem } from './check-problem.js';

/** A file that is to be checked. */
export interface FileToCheck {
  readonly path: PondPath;
  /** The transaction from which on versions of a series are checked; undefined: all of them. */
  readonly since: number | undefined;
  /** This version of a series alone. */
  readonly version?: number;
  /** The versions of the same transaction that come before it: what must be unique is so over all of them. */
  readonly earlier?: readonly number[];
  /** Tells whether the transaction has changed it, and may so change it again. */
  readonly isOwn: boolean;
}

const CHECKED: ReadonlySet<EntryType> = new Set(['file', 'table', 'series']);
const MATCHED: ReadonlySet<EntryType> = new Set([...CHECKED, 'file:dynamic']);
/**
 * The files of one run, sorted by path: those that its arguments name, else those that `files` names, else those that
 * the commit has changed in a way that its condition names. What is configuration or quarantined is never among them.
 */
export const filesToCheck = (
  context: Pick<FactoryContext, 'fs' | 'args' | 'changes' | 'relevantChanges' | 'txnSeq' | 'task'>,
  { files, quarantine }: ValidateConfig,
): TaskEither<CheckProblem, readonly FileToCheck[]> =>
  steps(async (s) => {
    const changed = new Set(context.changes.filter(({ kind }) => kind !== 'deleted').map(({ path }) => path));
    const fileAt = (path: PondPath): FileToCheck => {
      const isOwn = changed.has(path);
      return { path, isOwn, since: isOwn ? context.txnSeq : undefined };
    };
    const isLeftAlone = (path: PondPath): boolean =>
      isWithin(CONFIGURATION_DIRECTORY, path) ||
      (quarantine !== null && isWithin(quarantine as PondPath, path));
    const patterns = context.args.length > 0 ? context.args : files;
    if (patterns === null) {
      const paths = context.relevantChanges.flatMap(({ kind, path, entryType }) =>
        kind !== 'deleted' && CHECKED.has(entryType) && !isLeftAlone(path) ? [path] : [],
      );
      if (paths.length === 0 && context.changes.length === 0) return s.fail({ _tag: 'NothingToCheck' });
      return [...new Set(paths)].map(fileAt);
    }
    const found = new Set<PondPath>();
    for (const pattern of patterns) {
      const { entries } = await s.run(context.fs.collectMatches(pattern));
      for (const { path, entryType } of entries)
        if (MATCHED.has(entryType) && !isLeftAlone(path)) found.add(path);
    }
    return [...found].sort().map(fileAt);
  });
