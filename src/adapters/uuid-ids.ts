import { v7 } from 'uuid';
import type { Ids } from '../ports/ids.js';

/** Random UUIDv7s, in ascending order within one process. */
export const uuidIds: Ids = { uuidV7: () => v7() };
