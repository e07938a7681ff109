import { memoryUserState } from '../../src/adapters/memory/memory-user-state.js';
import type { AuthorPorts } from '../../src/host-plans/journal/journal-seal.js';

/** A user of a machine that was started once. */
export const authorPorts = (user: string, machine = 'machine'): Omit<AuthorPorts, 'files'> => ({
  userState: memoryUserState(`the key of ${user}`, machine),
  host: { bootId: () => 'boot', pidNamespace: () => 'pids' },
});
