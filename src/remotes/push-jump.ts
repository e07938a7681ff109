import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../effects/steps.js';
import { txnSeqOf } from '../tlogfs/log/table-state.js';
import { encodePack, PACK_SIZE } from './entry-packs.js';
import { checkpointOf } from './publish-checkpoint.js';
import { publishRemoteEntry } from './push-stepwise.js';
import type { KnownRemote, Pushing } from './pushing.js';
import type { RemoteError } from './remote-error.js';
import { checkpointKey, packKey } from './remote-keys.js';
import { listRemoteLog } from './remote-log.js';

/**
 * Publishes the newest version without those between: its files, the entries that are left out in a pack, its checkpoint,
 * and then, after a look whether the tip is still the one that was compared, its entry.
 */
export const jumpTo = (pushing: Pushing): TaskEither<RemoteError, KnownRemote> =>
  steps<RemoteError, KnownRemote>(async ({ run, fail }) => {
    const { local, tip, contents, store, known, now } = pushing;
    const { version } = local.state;
    const sent = await run(contents.send([...local.state.files.values()]));
    if (sent === null) {
      return fail({
        _tag: 'CorruptData',
        path: local.layout.blobRoot,
        problem: 'a blob of the newest version is missing',
      });
    }
    for (let from = tip + 1; from < version; from += PACK_SIZE) {
      const to = Math.min(version - 1, from + PACK_SIZE - 1);
      const entries = [];
      for (let at = from; at <= to; at += 1) entries.push({ version: at, text: await run(local.text(at)) });
      await run(store.put({ key: packKey({ from, to }), content: encodePack(entries) }));
    }
    const { content, pointer } = checkpointOf(local, now());
    await run(store.put({ key: checkpointKey(version), content }));
    const looked = await run(listRemoteLog(store, Math.max(0, tip)));
    if (looked.tip !== tip)
      return fail({ _tag: 'Diverged', store: store.url, version: looked.tip, how: 'differs' });
    const etag = await run(publishRemoteEntry(pushing, version, await run(local.text(version))));
    return {
      ...known,
      version,
      etag,
      txnSeq: txnSeqOf(local.state),
      checkpoint: version,
      pendingPointer: Buffer.from(pointer).toString(),
    };
  });
