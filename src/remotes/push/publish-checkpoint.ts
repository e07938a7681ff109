import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import { encodeCheckpoint } from '../../tlogfs/log/checkpoint-writing.js';
import type { LocalLog } from '../local-log.js';
import type { RemoteError } from '../remote-error.js';
import { checkpointKey, LAST_CHECKPOINT_KEY } from '../remote-keys.js';
import type { KnownRemote, Pushing } from './pushing.js';

/** Versions after which the remote gets a checkpoint of its own. */
const INTERVAL = 10;
/** Versions behind which it may fall before a push of one commit makes more requests for it. */
const FAR_BEHIND = 40;
/** Requests that a push of one commit may make, besides one for each blob; and those of the merge that it may have set off. */
const MOST_REQUESTS = 4;
const MERGE_REQUESTS = 2;

export const checkpointOf = ({ state }: LocalLog, now: number) => encodeCheckpoint(state, now);

/**
 * Brings the remote's checkpoint up to date where it is due, so that engines open the remote fast: first the checkpoint, then
 * what points at it. A push of a single commit does one of the two, if its requests allow it: nothing but time is lost.
 */
export const publishCheckpoint = (
  pushing: Pushing,
  known: KnownRemote,
): TaskEither<RemoteError, KnownRemote> =>
  steps<RemoteError, KnownRemote>(async ({ run }) => {
    const { local, store, tip, contents, now } = pushing;
    const { version } = local.state;
    const isSmall = version - tip <= 2 && version - known.checkpoint < FAR_BEHIND;
    const most = MOST_REQUESTS + (version - tip === 2 ? MERGE_REQUESTS : 0);
    const spare = () =>
      isSmall ? most + contents.sent().blobs - store.usage().requests : Number.POSITIVE_INFINITY;
    let after = known;
    if (version - after.checkpoint >= INTERVAL && spare() > 0) {
      const { content, pointer } = checkpointOf(local, now());
      await run(store.put({ key: checkpointKey(version), content }));
      after = { ...after, checkpoint: version, pendingPointer: Buffer.from(pointer).toString() };
    }
    if (after.pendingPointer !== null && spare() > 0) {
      await run(store.put({ key: LAST_CHECKPOINT_KEY, content: Buffer.from(after.pendingPointer) }));
      after = { ...after, pendingPointer: null };
    }
    return after;
  });
