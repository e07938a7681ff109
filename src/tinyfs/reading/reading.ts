import { type Either, isRight, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { parseGlob } from '../../domain/paths/glob-pattern.js';
import { childOf, nameOf, type PondPath } from '../../domain/paths/pond-path.js';
import { contractIn, type SeriesContract } from '../../domain/series/series-contract.js';
import { sortedByUtf8 } from '../../domain/text/bytes-order.js';
import { isDynamic } from '../../domain/tree/node-row.js';
import { type Steps, steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { Location } from '../location.js';
import type { DynamicConfig, Entry, PondReader } from '../tinyfs.js';
import type { Tree } from '../tree/tree.js';
import { childrenOf } from './children.js';
import { collectMatches } from './collect-matches.js';
import { collect } from './content-stream.js';
import { eachMatch } from './each-match.js';
import { bytesOf, entryAt, entryIfPlain } from './entry.js';
import { readContent, versionsOf } from './read-content.js';
import { find } from './resolve-path.js';
import { parsePath } from './working-directory.js';

/** Operations that readers and writers have in common: everything that only reads. */
export type Reading = Omit<PondReader, 'withWorkingDirectory'>;

/** The reading calls on a tree, for paths relative to `workingDirectory`. */
export const readingOf = (tree: Tree, workingDirectory: PondPath): Reading => {
  const parse = parsePath(workingDirectory);

  /** Does something with what a path leads to. */
  const at =
    <A>(
      last: 'follow' | 'itself',
      use: (location: Location, path: PondPath) => TE.TaskEither<TinyFsError, A>,
    ) =>
    (text: string): TE.TaskEither<TinyFsError, A> =>
      steps(async (s) => {
        const path = s.take(parse(text));
        return s.run(use(await s.run(find(tree, path, last)), path));
      });

  const stat = at('follow', (location, path) => entryAt(tree, location, path));
  const read: Reading['read'] = (text, options) =>
    at('follow', (location, path) =>
      readContent(tree, { location, path, version: options?.version ?? null }),
    )(text);

  return {
    txnSeq: tree.view.txnSeq,
    stat,
    lstat: at('itself', (location, path) => entryAt(tree, location, path)),
    exists: (text) => async () => {
      const found = await stat(text)();
      return isRight(found) ? right(true) : nothingThere(found.left);
    },
    list: at('follow', (location, path) => steps((s) => list(s, tree, location, path))),
    read,
    readBytes: (text) =>
      pipe(
        read(text),
        TE.flatMap((stream) => collect(stream, text)),
      ),
    readLink: at('itself', (location, path) =>
      pipe(
        entryAt(tree, location, path),
        TE.flatMap((entry) => linkTargetIn(entry)),
      ),
    ),
    versions: at('follow', (location, path) => versionsOf(tree, location, path)),
    series: at('follow', (location, path) => seriesAt(tree, location, path)),
    collectMatches: (pattern) =>
      pipe(
        TE.fromEither(parseGlob(pattern, workingDirectory)),
        TE.flatMap((glob) => collectMatches(tree, glob)),
      ),
    eachMatch: (pattern, take) =>
      pipe(
        TE.fromEither(parseGlob(pattern, workingDirectory)),
        TE.flatMap((glob) => eachMatch(tree, glob, take)),
      ),
    getDynamicNodeConfig: at('follow', (location, path) => configAt(tree, location, path)),
  };
};

const seriesAt = (
  tree: Tree,
  location: Location,
  path: PondPath,
): TE.TaskEither<TinyFsError, SeriesContract> =>
  location.kind === 'stored' && location.row.fileType === 'series'
    ? TE.right(contractIn(location.row.attributes))
    : pipe(
        entryAt(tree, location, path),
        TE.flatMap(({ entryType }) => TE.left<TinyFsError>({ _tag: 'NotASeries', path, entryType })),
      );

const nothingThere = (error: TinyFsError): Either<TinyFsError, boolean> =>
  error._tag === 'PathNotFound' || error._tag === 'NotADirectory' ? right(false) : left(error);

const list = async (
  s: Steps<TinyFsError>,
  tree: Tree,
  location: Location,
  path: PondPath,
): Promise<readonly Entry[]> => {
  const children = await s.run(childrenOf(tree, location));
  const entries: Entry[] = [];
  for (const child of children) {
    const here = path === location.path ? child.path : childOf(path, nameOf(child.path));
    // Nothing is waited for where nothing has to be read.
    entries.push(entryIfPlain(child, here) ?? (await s.run(entryAt(tree, child, here))));
  }
  return sortedByUtf8(entries, ({ name }) => name);
};

const linkTargetIn = (entry: Entry): TE.TaskEither<TinyFsError, string> =>
  entry.linkTarget === null
    ? TE.left({ _tag: 'WrongEntryType', path: entry.path, expected: 'symlink', found: entry.entryType })
    : TE.right(entry.linkTarget);

const configAt = (
  tree: Tree,
  location: Location,
  path: PondPath,
): TE.TaskEither<TinyFsError, DynamicConfig> => {
  if (location.kind === 'stored' && isDynamic(location.row.fileType)) {
    const { factory } = location.row;
    if (factory === null)
      return TE.left({ _tag: 'CorruptData', path, problem: 'a dynamic node without factory' });
    return pipe(
      bytesOf(tree, location.row),
      TE.map((config) => ({ factory, config })),
    );
  }
  return pipe(
    entryAt(tree, location, path),
    TE.flatMap(({ entryType }) => TE.left<TinyFsError>({ _tag: 'NotDynamic', path, entryType })),
  );
};
