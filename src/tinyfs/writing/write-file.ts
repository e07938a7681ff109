import type * as TE from 'fp-ts/lib/TaskEither.js';
import { isEventTime } from '../../domain/event-time.js';
import { type InvalidArgument, invalidArgument, kindOf } from '../../domain/invalid-argument.js';
import type { EntryType } from '../../domain/node-row.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { FreeSlot, Location } from '../location.js';
import type { ByteStream, StoredContent } from '../persistence.js';
import { entryAt } from '../reading/entry.js';
import { find, findTarget } from '../reading/resolve-path.js';
import type { Entry, WriteOptions } from '../tinyfs.js';
import type { NewContent } from '../tree/node-draft.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { storeContent } from './store-content.js';

/**
 * Writes a new version. The content is taken in between two looks at the path: the first spares a content that has
 * nowhere to go, the second is part of the change.
 */
export const writeFile = (
  tree: WritableTree,
  path: PondPath,
  content: Uint8Array | ByteStream,
  options: WriteOptions,
): TE.TaskEither<TinyFsError, Entry> =>
  steps(async (s) => {
    const wrong = wrongOption(options);
    if (wrong !== null) return s.fail(wrong);
    const { minEventTime: min = null, maxEventTime: max = null } = options;
    const areTimes = [min, max].every((time) => time === null || isEventTime(time));
    if (!areTimes || (min !== null && max !== null && min > max)) {
      return s.fail({ _tag: 'InvalidEventTimes', path, min, max });
    }
    await s.run(findWritable(tree, path, options.entryType ?? 'file'));
    const stored = await s.run(storeContent(tree, path, content));
    return s.run(tree.inTurn(putContent(tree, path, stored, options)));
  });

/** Options that a caller without types may get wrong, and that no reader would take. */
const wrongOption = ({ entryType = 'file', attributes = null }: WriteOptions): InvalidArgument | null => {
  if (!['file', 'table', 'series'].includes(entryType))
    return invalidArgument(
      'write',
      'options.entryType',
      `expected file, table or series, got ${String(entryType)}`,
    );
  return attributes === null || typeof attributes === 'string'
    ? null
    : invalidArgument('write', 'options.attributes', `expected a string or null, got ${kindOf(attributes)}`);
};

const putContent = (
  tree: WritableTree,
  path: PondPath,
  content: StoredContent,
  options: WriteOptions,
): TE.TaskEither<TinyFsError, Entry> =>
  steps(async (s) => {
    put(tree, await s.run(findWritable(tree, path, options.entryType ?? 'file')), content, options);
    return s.run(entryAt(tree, await s.run(find(tree, path, 'follow')), path));
  });

type Writable = FreeSlot | (Location & { kind: 'stored' });

/** Where a content of that type can go: nothing is there, or something of the same type. */
const findWritable = (
  tree: WritableTree,
  path: PondPath,
  entryType: EntryType,
): TE.TaskEither<TinyFsError, Writable> =>
  steps(async (s) => {
    const target = await s.run(findTarget(tree, path, 'follow'));
    if (target.kind === 'free') return target;
    if (target.kind === 'root') return s.fail({ _tag: 'RootRefused', call: 'write' });
    const found = target.row.fileType;
    if (found === 'directory') return s.fail({ _tag: 'IsADirectory', path });
    return found === entryType
      ? target
      : s.fail({ _tag: 'WrongEntryType', path, expected: entryType, found });
  });

const put = (tree: WritableTree, target: Writable, content: StoredContent, options: WriteOptions): void => {
  if (target.kind === 'free') {
    tree.drafts.put({
      nodeId: tree.newNodeId(),
      fileType: options.entryType ?? 'file',
      base: null,
      place: { partId: target.partId, name: target.name },
      contents: [newContent(content, options, null)],
    });
    return;
  }
  const written = newContent(content, options, target.row.attributes);
  if (target.row.fileType === 'series') tree.drafts.append(target.row, written);
  else tree.drafts.put({ ...tree.drafts.of(target.row), contents: [written] });
};

/** Attributes that are not given stay as they were. */
const newContent = (
  content: StoredContent,
  options: WriteOptions,
  attributes: string | null,
): NewContent => ({
  content,
  factory: null,
  attributes: options.attributes === undefined ? attributes : options.attributes,
  minEventTime: options.minEventTime ?? null,
  maxEventTime: options.maxEventTime ?? null,
});
