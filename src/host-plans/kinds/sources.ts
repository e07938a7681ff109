import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { EntryStat, Owner } from '../../ports/file-system.js';
import type { HostEntryKind, HostOperationError } from '../steps/host-error.js';
import type { HostScene } from './host-scene.js';
import type { HostView } from './host-view.js';

/** Sources must be there, of one of these kinds, and readable. */
export const checkSource = (
  view: HostView,
  path: string,
  kinds: readonly [HostEntryKind, ...HostEntryKind[]],
): Either<HostOperationError, HostEntryKind> => {
  const entry = view.entry(path);
  if (isLeft(entry)) return left(asMissing(entry.left, path, 'SourceNotFound'));
  if (entry.right === null) return left({ _tag: 'SourceNotFound', path });
  const { kind } = entry.right;
  if (!kinds.includes(kind)) return left({ _tag: 'WrongKind', path, expected: kinds[0], found: kind });
  const readable = kind === 'symlink' ? right(undefined) : view.mayRead(path);
  return isLeft(readable) ? readable : right(kind);
};

/** Entries that are removed must be there, of this kind, in a directory that may be changed. */
export const checkRemoval = (
  view: HostView,
  path: string,
  kind: HostEntryKind,
): Either<HostOperationError, void> => {
  const entry = view.entry(path);
  if (isLeft(entry)) return left(asMissing(entry.left, path, 'TargetNotFound'));
  if (entry.right === null) return left({ _tag: 'TargetNotFound', path });
  if (entry.right.kind !== kind) {
    return left({ _tag: 'WrongKind', path, expected: kind, found: entry.right.kind });
  }
  return view.mayChange(path);
};

/** The same of a source on the host, when its turn has come. */
export const sourceNow = (
  scene: HostScene,
  path: string,
  kinds: readonly [HostEntryKind, ...HostEntryKind[]],
): Either<HostOperationError, EntryStat> => {
  const entry = scene.entry(path);
  if (isLeft(entry)) return entry;
  if (entry.right === null) return left({ _tag: 'SourceNotFound', path });
  return kinds.includes(entry.right.kind)
    ? right(entry.right)
    : left({ _tag: 'WrongKind', path, expected: kinds[0], found: entry.right.kind });
};

/** The owner for whom the bits of a copy are meant: it keeps none that would let who runs it act as somebody else. */
export const meantFor = ({ owner, group }: EntryStat): Owner => ({ user: owner, group, give: false });

/** The same of what is moved, which stays its owner's as far as this process may give it away. */
export const movedFor = ({ owner, group }: EntryStat): Owner => ({ user: owner, group, give: true });

/** Entries whose directory is not there are not there. */
const asMissing = (
  error: HostOperationError,
  path: string,
  _tag: 'SourceNotFound' | 'TargetNotFound',
): HostOperationError => (error._tag === 'ParentNotFound' ? { _tag, path } : error);
