import { memoryUserState } from '../../../src/adapters/memory/memory-user-state.js';
import type { BindingPorts } from '../../../src/effects/binding-here.js';

/** A user of a machine that was started once. */
export const authorPorts = (user: string, machine = 'machine'): Omit<BindingPorts, 'files'> => ({
  userState: memoryUserState(`the key of ${user}`, machine),
  host: { bootId: () => 'boot', pidNamespace: () => 'pids' },
});
