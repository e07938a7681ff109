import type { Acceptance } from '../../host-plans/steps/shared-directory.js';
import type { Host } from '../../ports/host.js';

/** Other users in whose directories this process works: none, unless the environment says so. */
export const acceptanceOf = ({ user, variables }: Pick<Host, 'user' | 'variables'>): Acceptance => ({
  user,
  allowShared: variables.POND_ALLOW_SHARED_DIRECTORIES === '1',
});
