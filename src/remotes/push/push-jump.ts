import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { sha256 } from '../../domain/documents/sha256.js';
import { steps } from '../../effects/steps.js';
import { attempt } from '../../tlogfs/failure.js';
import { txnSeqOf } from '../../tlogfs/log/table-state.js';
import { missingEntries } from '../entries-here.js';
import { encodePack, PACK_SIZE } from '../entry-packs.js';
import { decodeJumpMarker, encodeJumpMarker } from '../jump-marker.js';
import type { RemoteError } from '../remote-error.js';
import { checkpointKey, entryKey, packKey } from '../remote-keys.js';
import { checkpointOf } from './publish-checkpoint.js';
import { isJumpOf, publishRemoteEntry, textIfAny } from './publish-remote-entry.js';
import type { KnownRemote, Pushing } from './pushing.js';

/**
 * Publishes the newest version without those between. First its files; then the version after the tip is claimed, which is what
 * pushers of different histories race for: only who has it writes the entries that are left out in packs, its checkpoint,
 * and its entry. Null: the tip was moved by another pusher of this log.
 */
export const jumpTo = (pushing: Pushing): TaskEither<RemoteError, KnownRemote | null> =>
  steps<RemoteError, KnownRemote | null>(async ({ run, fail }) => {
    const { local, tip, contents, store, known, now } = pushing;
    const { version } = local.state;
    const files = [...local.state.files.values()];
    const sent = await run(contents.send({ files, rows: files, areOfOldEntries: true }));
    if (sent === null) {
      return fail({
        _tag: 'CorruptData',
        path: local.layout.blobRoot,
        problem: 'a blob of the newest version is missing',
      });
    }
    const missing = new Set(await run(attempt(async () => missingEntries(local))));
    let first = tip + 1;
    // The oldest entries, where another engine has removed them here, are not in the remote, either.
    while (missing.has(first)) first += 1;
    if (first > tip + 1 && tip >= 0) {
      return fail({ _tag: 'Diverged', store: store.url, version: tip, how: 'unknown' });
    }
    if (version > tip + 1 && !(await run(claim(pushing, first)))) return null;
    for (let from = first; from < version; from += PACK_SIZE) {
      const to = Math.min(version - 1, from + PACK_SIZE - 1);
      const entries = [];
      for (let at = from; at <= to; at += 1) entries.push({ version: at, text: await run(local.text(at)) });
      await run(store.put({ key: packKey({ from, to }), content: encodePack(entries) }));
    }
    const { content, pointer } = checkpointOf(local, now());
    await run(store.put({ key: checkpointKey(version), content }));
    const etag = await run(publishRemoteEntry(pushing, version, await run(local.text(version))));
    if (etag === null) return null;
    return {
      ...known,
      version,
      etag,
      txnSeq: txnSeqOf(local.state),
      checkpoint: version,
      pendingPointer: Buffer.from(pointer).toString(),
    };
  });

/** Claims the version after the tip; false: it is there already, published by another pusher of this log. */
const claim = ({ local, tip, store, now }: Pushing, first: number): TaskEither<RemoteError, boolean> =>
  steps<RemoteError, boolean>(async ({ run, fail }) => {
    const { state } = local;
    const key = entryKey(tip + 1);
    const entries = [];
    for (let at = first; at <= state.version; at += 1) entries.push(await run(local.entry(at)));
    const digest = sha256(await run(local.text(state.version)));
    const content = encodeJumpMarker(state, entries, digest, now());
    const put = await store.put({ key, content, condition: { _tag: 'Absent' } })();
    if (!isLeft(put)) return true;
    if (put.left._tag !== 'ConditionFailed') return fail(put.left);
    const theirs = (await run(store.get({ key }))).content;
    const jump = decodeJumpMarker(tip + 1, theirs);
    if (jump !== null && (await run(isJumpOf(local, jump)))) return true;
    const ours = jump === null ? await run(textIfAny(local, tip + 1)) : null;
    if (ours !== null && Buffer.compare(theirs, ours) === 0) return false;
    return fail({ _tag: 'Diverged', store: store.url, version: tip + 1, how: 'differs' });
  });
