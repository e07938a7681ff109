import type { Ids } from '../../src/ports/ids.js';

/** Ids that look like UUIDv7 and count up. */
export const countedIds = (): Ids => {
  let count = 0;
  return {
    uuidV7: () => {
      count += 1;
      return `01900000-0000-7000-8000-${count.toString(16).padStart(12, '0')}`;
    },
  };
};
