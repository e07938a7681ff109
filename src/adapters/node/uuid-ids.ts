import { randomFillSync } from 'node:crypto';
import { v7 } from 'uuid';
import type { Ids } from '../../ports/ids.js';

/** Random bytes of one id ... */
const RANDOM = 16;
/** ... and of those that are asked for at once: asking takes longer than making an id. */
const POOL = 256 * RANDOM;

/** Ids of one millisecond are counted, from a random number on. */
const COUNTS = 2 ** 31;

const ascendingIds = (): Ids => {
  const pool = Buffer.alloc(POOL);
  let used = POOL;
  let msecs = 0;
  let seq = 0;
  return {
    uuidV7: () => {
      if (used === POOL) {
        randomFillSync(pool);
        used = 0;
      }
      const random = pool.subarray(used, used + RANDOM);
      used += RANDOM;
      const now = Date.now();
      if (now > msecs) {
        msecs = now;
        seq = random.readUInt32BE(6) % COUNTS;
      } else {
        seq = (seq + 1) % (2 * COUNTS);
        // All counted: the next millisecond is borrowed.
        if (seq === 0) msecs += 1;
      }
      return v7({ random, msecs, seq });
    },
  };
};

/** Random UUIDv7s, in ascending order within one process. */
export const uuidIds: Ids = ascendingIds();
