import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import { steps } from '../../effects/steps.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import { type LargeObject, PART_SIZE, sendLarge } from '../../stores/send-large.js';
import type { RemoteError } from '../remote-error.js';

/** Milliseconds after which what another history has sent, and not published, was left by a pusher that is dead. */
const LEFT_AFTER = 7 * 86_400_000;

/**
 * Sends the file that a merge made for a version. Its name does not say what is in it: what lies there may be this file, or
 * that of a pusher of another history, whose entry may follow at any moment, so it is not replaced. What has been there for a
 * week was left by one that is dead. `now`: milliseconds since the epoch.
 */
export const sendMerged = (
  store: ReliableStore,
  object: LargeObject<RemoteError>,
  version: number,
  now: number,
): TaskEither<RemoteError, void> =>
  steps<RemoteError, void>(async ({ run, fail }) => {
    const sent = await sendLarge(store, object, { resume: false, condition: { _tag: 'Absent' } })();
    if (!isLeft(sent)) return;
    if (sent.left._tag !== 'ConditionFailed') return fail(sent.left);
    const there = await run(store.head(object.key));
    if (there !== null && there.size === object.size && (await run(isTheSame(store, object)))) return;
    if (there !== null && there.modifiedAt / 1000 > now - LEFT_AFTER) {
      return fail({ _tag: 'Diverged', store: store.url, version, how: 'differs' });
    }
    await run(sendLarge(store, object, { resume: false }));
  });

const isTheSame = (
  store: ReliableStore,
  { key, size, read }: LargeObject<RemoteError>,
): TaskEither<RemoteError, boolean> =>
  steps<RemoteError, boolean>(async ({ run }) => {
    for (let offset = 0; offset < size; offset += PART_SIZE) {
      const length = Math.min(PART_SIZE, size - offset);
      const theirs = (await run(store.get({ key, range: { offset, length } }))).content;
      if (Buffer.compare(theirs, await run(read(offset, length))) !== 0) return false;
    }
    return true;
  });
