import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { invalidArgument } from '../../domain/invalid-argument.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { quoted } from '../../domain/quoted.js';
import { contractIn, type SeriesContract, withContract } from '../../domain/series/series-contract.js';
import { columnNamed } from '../../domain/series/series-fit.js';
import { holdsTimes } from '../../domain/series/series-types.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { Location } from '../location.js';
import { contentRowsOf, takenOutOf } from '../reading/content-rows.js';
import { entryAt } from '../reading/entry.js';
import { find } from '../reading/resolve-path.js';
import type { SeriesOptions } from '../tinyfs.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { askedContract, noSuchColumn } from './asked-contract.js';
import { knownContract } from './series-version.js';

/** Changes the contract of a series; what is appended and read from now on keeps to it. */
export const changeSeries = (
  tree: WritableTree,
  path: PondPath,
  asked: SeriesOptions,
): TaskEither<TinyFsError, SeriesContract> =>
  steps(async (s) => {
    const { row } = await seriesAt(s, tree, path);
    const present = await knownContract(s, tree, row, path);
    const contract = s.take(askedContract('changeSeries', present, asked));
    const columns = contract.columns ?? [];
    const { timeColumn } = contract;
    if (asked.timeColumn !== undefined && timeColumn !== null && contract.columns !== null) {
      const found = columnNamed(columns, timeColumn);
      if (found === undefined) return s.fail(noSuchColumn('changeSeries', 'timeColumn', timeColumn, columns));
      if (!holdsTimes(found.type))
        return s.fail(
          invalidArgument(
            'changeSeries',
            'timeColumn',
            `the column ${quoted(timeColumn)} is ${found.type}, which holds no times`,
          ),
        );
    }
    const missing = contract.unique.find((name) => columnNamed(columns, name) === undefined);
    if (missing !== undefined && contract.columns !== null)
      return s.fail(noSuchColumn('changeSeries', 'unique', missing, columns));
    const attributes = withContract(row.attributes, contract);
    if (attributes !== withContract(row.attributes, contractIn(row.attributes)))
      tree.drafts.put({ ...tree.drafts.of(row), attributes });
    return contract;
  });

/** Takes a version out of a series; older transactions show it still. */
export const removeVersion = (
  tree: WritableTree,
  path: PondPath,
  version: number,
): TaskEither<TinyFsError, void> =>
  steps(async (s) => {
    const { row } = await seriesAt(s, tree, path);
    const rows = await s.run(contentRowsOf(tree, row));
    if (!rows.some((each) => each.version === version))
      return s.fail({ _tag: 'VersionNotFound', path, version });
    if (rows.length === 1)
      return s.fail(
        invalidArgument(
          'removeVersion',
          'version',
          `${version} is the only version of ${path}; remove the series`,
        ),
      );
    const takenOut = [...takenOutOf(row), version].sort((a, b) => a - b);
    const attributes = withContract(row.attributes, { ...contractIn(row.attributes), takenOut });
    tree.drafts.put({ ...tree.drafts.of(row), attributes });
  });

const seriesAt = async (
  s: Steps<TinyFsError>,
  tree: WritableTree,
  path: PondPath,
): Promise<Location & { kind: 'stored' }> => {
  const location = await s.run(find(tree, path, 'follow'));
  if (location.kind === 'stored' && location.row.fileType === 'series') return location;
  const { entryType } = await s.run(entryAt(tree, location, path));
  return s.fail({ _tag: 'NotASeries', path, entryType });
};
