import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type PondPath, ROOT } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import type { Ids } from '../../ports/ids.js';
import type { LoadDynamicNode } from '../dynamic-nodes.js';
import type { TinyFsError } from '../errors.js';
import type { PersistenceWriter } from '../persistence.js';
import { readingOf } from '../reading/reading.js';
import { enterDirectory, parsePath } from '../reading/working-directory.js';
import type { SeriesFormat } from '../series-format.js';
import type { PondWriter } from '../tinyfs.js';
import type { WriteIdentity } from '../tree/node-draft.js';
import { createWritableTree, type WritableTree } from '../tree/writable-tree.js';
import { changeSeries, removeVersion } from './change-series.js';
import { copyEntry } from './copy-entry.js';
import { makeDirectories, makeDirectory } from './make-directory.js';
import { makeSymlink } from './make-symlink.js';
import { remove } from './remove.js';
import { rename } from './rename.js';
import { restoreEntry, treeAt } from './restore-entry.js';
import { revert } from './revert.js';
import { createDynamicNode, updateConfig } from './write-dynamic-node.js';
import { writeFile } from './write-file.js';

/**
 * The filesystem inside a write transaction. There may be only one per {@link PersistenceWriter}: it knows what the
 * transaction has made of each node. Call after call, changes take their turns, also where they are started at once.
 *
 * @example
 * const writer = createWriter(persistence, { txnSeq: 2, timestamp }, ids, loadDynamicNode);
 * await writer.write('/readings.csv', Buffer.from('1,2\n'))();
 */
export const createWriter = (
  writer: PersistenceWriter,
  txn: WriteIdentity,
  ids: Ids,
  loadDynamicNode: LoadDynamicNode,
  seriesFormat: SeriesFormat | null = null,
): PondWriter => writerIn(createWritableTree(writer, txn, ids, loadDynamicNode, seriesFormat), ROOT);

const writerIn = (tree: WritableTree, workingDirectory: PondPath): PondWriter => {
  const parse = parsePath(workingDirectory);
  const at = <A>(
    text: string,
    use: (path: PondPath) => TE.TaskEither<TinyFsError, A>,
  ): TE.TaskEither<TinyFsError, A> => steps(async (s) => s.run(use(s.take(parse(text)))));
  const change = <A>(
    text: string,
    use: (path: PondPath) => TE.TaskEither<TinyFsError, A>,
  ): TE.TaskEither<TinyFsError, A> => tree.inTurn(at(text, use));

  return Object.freeze({
    withWorkingDirectory: (text) =>
      at(text, (path) =>
        pipe(
          enterDirectory(tree, path),
          TE.map((directory) => writerIn(tree, directory)),
        ),
      ),
    mkdir: (text) => change(text, (path) => makeDirectory(tree, path)),
    mkdirAll: (text) => change(text, (path) => makeDirectories(tree, path)),
    // Takes its turn itself, when the content is there: a slow stream holds nobody up.
    write: (text, content, options = {}) => at(text, (path) => writeFile(tree, path, content, options)),
    appendToSeries: (text, content, options = {}) =>
      at(text, (path) => writeFile(tree, path, content, { ...options, entryType: 'series' })),
    symlink: (target, text) => change(text, (path) => makeSymlink(tree, target, path)),
    rename: (from, to) => change(from, (source) => at(to, (target) => rename(tree, source, target))),
    copy: (from, to) => change(from, (source) => at(to, (target) => copyEntry(tree, source, target))),
    restore: (text, txnSeq) =>
      change(text, (path) =>
        pipe(
          earlier(tree, txnSeq),
          TE.flatMap(() => restoreEntry(tree, path, treeAt(tree, txnSeq))),
        ),
      ),
    revert: (txnSeq, { paths = [], force = false } = {}) =>
      tree.inTurn(
        steps(async (s) => {
          await s.run(earlier(tree, txnSeq));
          const wanted = paths.map((path) => s.take(parse(path)));
          return s.run(revert(tree, { txnSeq, paths: wanted, force }));
        }),
      ),
    changeSeries: (text, asked) => change(text, (path) => changeSeries(tree, path, asked)),
    removeVersion: (text, version) => change(text, (path) => removeVersion(tree, path, version)),
    remove: (text, options) => change(text, (path) => remove(tree, path, options?.recursive ?? false)),
    createDynamicPath: (text, entryType, factory, config, options) =>
      change(text, (path) =>
        createDynamicNode(tree, path, {
          entryType,
          factory,
          config,
          overwrite: options?.overwrite ?? false,
        }),
      ),
    updateDynamicNodeConfig: (text, config) => change(text, (path) => updateConfig(tree, path, config)),
    ...readingOf(tree, workingDirectory),
  } satisfies PondWriter);
};

/** A transaction before the running one; another is an error. */
const earlier = ({ view }: WritableTree, txnSeq: number): TE.TaskEither<TinyFsError, number> =>
  Number.isInteger(txnSeq) && txnSeq >= 1 && txnSeq < view.txnSeq
    ? TE.right(txnSeq)
    : TE.left({ _tag: 'TransactionNotFound', txnSeq, lastTxnSeq: view.txnSeq - 1 });
