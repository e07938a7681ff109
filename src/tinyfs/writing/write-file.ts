import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type InvalidArgument, invalidArgument, kindOf } from '../../domain/invalid-argument.js';
import type { PondPath } from '../../domain/paths/pond-path.js';
import { withContract } from '../../domain/series/series-contract.js';
import { isEventTime } from '../../domain/tree/event-time.js';
import type { EntryType, NodeRow } from '../../domain/tree/node-row.js';
import { steps } from '../../effects/steps.js';
import type { TinyFsError } from '../errors.js';
import type { FreeSlot, Location } from '../location.js';
import type { ByteStream, StoredContent } from '../persistence.js';
import { contentRowsOf } from '../reading/content-rows.js';
import { entryAt } from '../reading/entry.js';
import { find, findTarget } from '../reading/resolve-path.js';
import type { TableFacts } from '../series-format.js';
import type { Entry, WriteOptions } from '../tinyfs.js';
import type { NewContent } from '../tree/node-draft.js';
import type { WritableTree } from '../tree/writable-tree.js';
import { factsOf, fittedVersion } from './series-version.js';
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
    const facts = options.entryType === 'series' ? await s.run(factsOf(tree, stored, path)) : null;
    return s.run(tree.inTurn(putContent(tree, path, { stored, facts }, options)));
  });

/** The options that there are, none forgotten. */
const KNOWN: Readonly<Record<keyof WriteOptions, true>> = {
  entryType: true,
  attributes: true,
  minEventTime: true,
  maxEventTime: true,
  series: true,
  always: true,
  once: true,
  replaces: true,
};

/** Options that a caller without types may get wrong: those that no reader would take, and misspelt ones, which would do nothing. */
const wrongOption = (options: WriteOptions): InvalidArgument | null => {
  const { entryType = 'file', attributes = null } = options;
  const unknown = Object.keys(options).find((key) => !Object.hasOwn(KNOWN, key));
  if (unknown !== undefined)
    return invalidArgument(
      'write',
      `options.${unknown}`,
      `unknown key; known keys are ${Object.keys(KNOWN).join(', ')}`,
    );
  if (!['file', 'table', 'series'].includes(entryType))
    return invalidArgument(
      'write',
      'options.entryType',
      `expected file, table or series, got ${String(entryType)}`,
    );
  if (options.once === true) {
    const beside = (['replaces', 'always'] as const).find((key) => (options[key] ?? false) !== false);
    if (beside !== undefined) return invalidArgument('write', 'options.once', `not together with ${beside}`);
    if (entryType !== 'series')
      return invalidArgument('write', 'options.once', `is for a series, not for a ${entryType}`);
  }
  if (attributes === null) return null;
  const wrong = (got: string) =>
    invalidArgument('write', 'options.attributes', `expected JSON text or null, got ${got}`);
  if (typeof attributes !== 'string') return wrong(kindOf(attributes));
  return isJson(attributes) && attributes.isWellFormed() ? null : wrong('text that is not JSON');
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** A content that was taken in; of a version of a series also what it says of itself, where that is looked at. */
interface TakenIn {
  readonly stored: StoredContent;
  readonly facts: TableFacts | null;
}

const putContent = (
  tree: WritableTree,
  path: PondPath,
  { stored, facts }: TakenIn,
  options: WriteOptions,
): TE.TaskEither<TinyFsError, Entry> =>
  steps(async (s) => {
    const target = await s.run(findWritable(tree, path, options.entryType ?? 'file'));
    const row = target.kind === 'free' ? null : target.row;
    const { replaces } = options;
    if (replaces !== undefined && (row === null || ownIndex(tree, row, replaces) === null))
      return s.fail({ _tag: 'VersionNotFound', path, version: replaces });
    if (facts === null) put(tree, target, stored, options);
    else {
      const { series: asked = {}, attributes = null } = options;
      const { contract, times } = await fittedVersion(s, tree, { row, facts, path, asked, attributes });
      const attributesThen = withContract(options.attributes ?? row?.attributes ?? null, contract);
      const isThere = options.once === true && row !== null && (await s.run(isVersionOf(tree, row, stored)));
      if (isThere) {
        // Whoever brings the content once more may have said something new about the series.
        if (row.attributes !== attributesThen)
          tree.drafts.put({ ...tree.drafts.of(row), attributes: attributesThen });
      } else
        put(tree, target, stored, {
          ...options,
          attributes: attributesThen,
          minEventTime: times.min ?? options.minEventTime ?? null,
          maxEventTime: times.max ?? options.maxEventTime ?? null,
        });
    }
    return s.run(entryAt(tree, await s.run(find(tree, path, 'follow')), path));
  });

/** Tells whether a series has a version with these bytes, one that this transaction has appended included. */
const isVersionOf = (
  tree: WritableTree,
  row: NodeRow,
  { sha256, size }: StoredContent,
): TE.TaskEither<TinyFsError, boolean> =>
  pipe(
    contentRowsOf(tree, row),
    TE.map((before) =>
      [...before, ...tree.drafts.of(row).contents.map(({ content }) => content)].some(
        (version) => version.sha256 === sha256 && version.size === size,
      ),
    ),
  );

type Writable = FreeSlot | (Location & { kind: 'stored' });

/** Place where a content of that type can go: nothing is there, or something of the same type. */
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
  const replaced = options.replaces === undefined ? null : ownIndex(tree, target.row, options.replaces);
  if (replaced !== null) {
    const draft = tree.drafts.of(target.row);
    const contents = draft.contents.map((before, index) => (index === replaced ? written : before));
    tree.drafts.put({ ...draft, contents });
  } else if (target.row.fileType === 'series') tree.drafts.append(target.row, written);
  else if (options.always === true || !isSame(target.row, written))
    tree.drafts.put({ ...tree.drafts.of(target.row), contents: [written] });
};

/** A version of a series among those that the transaction has appended; null: it is none of them. */
const ownIndex = (tree: WritableTree, row: NodeRow, version: number): number | null => {
  if (row.fileType !== 'series') return null;
  const { contents } = tree.drafts.of(row);
  // The newest row is the newest content's.
  const index = version - (row.version - contents.length + 1);
  return index >= 0 && index < contents.length ? index : null;
};

/** Tells whether a file or table is what is to be written already. */
const isSame = (row: NodeRow, { content, attributes, minEventTime, maxEventTime }: NewContent): boolean =>
  row.sha256 === content.sha256 &&
  row.size === content.size &&
  row.attributes === attributes &&
  minEventTime === null &&
  maxEventTime === null;

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
