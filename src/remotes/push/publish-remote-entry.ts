import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { sha256 } from '../../domain/documents/sha256.js';
import { steps } from '../../effects/steps.js';
import { decodeJumpMarker, type JumpMarker } from '../jump-marker.js';
import { isGone, type LocalLog } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import { entryKey } from '../remote-keys.js';
import type { Pushing } from './pushing.js';

/**
 * Publishes one entry: the commit point of a push. Where somebody else was faster, it is looked whether what they wrote
 * is this very entry: two pushers of one log help each other, and of two logs one wins. Null: a jump of this log has claimed
 * the version.
 */
export const publishRemoteEntry = (
  { store, local }: Pick<Pushing, 'store' | 'local'>,
  version: number,
  content: Uint8Array,
): TaskEither<RemoteError, string | null> =>
  steps<RemoteError, string | null>(async ({ run, fail }) => {
    const key = entryKey(version);
    const put = await store.put({ key, content, condition: { _tag: 'Absent' } })();
    if (!isLeft(put)) return put.right.etag;
    if (put.left._tag !== 'ConditionFailed') return fail(put.left);
    const theirs = await run(store.get({ key }));
    if (Buffer.compare(theirs.content, content) === 0) return theirs.etag;
    const jump = decodeJumpMarker(version, theirs.content);
    if (jump !== null && (await run(isJumpOf(local, jump)))) return null;
    return fail({ _tag: 'Diverged', store: store.url, version, how: 'differs' });
  });

/** Tells whether a claim was made by a pusher of this log, which may have been killed: then it holds for this one, too. */
export const isJumpOf = (local: LocalLog, { to, digest }: JumpMarker): TaskEither<RemoteError, boolean> =>
  steps<RemoteError, boolean>(async ({ run }) => {
    if (to > local.state.version) return false;
    const text = await run(textIfAny(local, to));
    return text !== null && sha256(text) === digest;
  });

/** Null: there is no such entry here. */
export const textIfAny = (local: LocalLog, version: number): TaskEither<RemoteError, Uint8Array | null> =>
  steps<RemoteError, Uint8Array | null>(async ({ fail }) => {
    const read = await local.text(version)();
    if (!isLeft(read)) return read.right;
    return isGone(read.left) ? null : fail(read.left);
  });
