import type { Elsewhere } from './binding.js';

/** Describes why a record is not this user's, for this place; ends a sentence. */
export const describeElsewhere = (why: Elsewhere): string => REASONS[why];

const REASONS: Readonly<Record<Elsewhere, string>> = {
  unsigned:
    'nothing says who made it (a version before 0.2.0 did, or somebody for whom no key could be kept)',
  'unsigned-end':
    'nothing says who wrote its last lines: its adoption (--adopt) was interrupted, and --adopt goes on with it, or somebody has added to it',
  'another-place': 'it was made on another machine or for another directory, of which this may be a copy',
  'another-author': 'another user made it, or somebody has changed it',
  'no-key': 'no key can be kept for this user (POND_STATE_DIR), so nobody can tell who made it',
};
