import { acting } from '../acting.js';
import type { Pond } from '../pond/pond.js';
import type { Steward } from '../steward.js';

/** Calls that send to remotes, or bring from where a replica comes from. */
export const remoteCalls = (
  pond: Pond,
): Pick<Steward, 'probeRemote' | 'push' | 'pull' | 'verify' | 'promote'> => ({
  probeRemote: (name, options = {}) =>
    acting(({ probeRemote }) => probeRemote(pond, name, options.signal ?? new AbortController().signal)),
  push: (name = null, options = {}) => acting(({ pushRemotes }) => pushRemotes(pond, name, options)),
  pull: (options = {}) => acting(({ pullReplica }) => pullReplica(pond, options)),
  verify: (name = null, options = {}) => acting(({ verifyRemotes }) => verifyRemotes(pond, name, options)),
  promote: (options = {}) =>
    acting(({ promote }) => promote(pond, options.signal ?? new AbortController().signal)),
});
