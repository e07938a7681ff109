import { isLeft } from 'fp-ts/lib/Either.js';
import type { Claim, RecordedGroup } from '../../control/records/claim.js';
import { whereabouts } from '../../domain/binding.js';
import type { ProcessGroup } from '../../ports/processes.js';
import type { Pond } from '../pond/pond.js';
import {
  bindingOfPond,
  codeOf,
  isSameCode,
  originOfRow,
  readOrigin,
  type Said,
} from '../pond/record-origin.js';

/*
 * A recorded process group makes whoever takes the task over end processes. So its row carries where it was recorded
 * and a code that only this user can make; a pond that was copied, or comes from elsewhere, has rows, too.
 */

/** Fate of a recorded group. */
export type GroupOrigin =
  /** This user recorded it here, and its processes may be there. */
  | 'ours'
  /** It is recorded of processes that cannot be there, or that are another pond's: there is nothing to end. */
  | 'gone'
  /** It names processes that may be there, and nothing shows that this user recorded it. */
  | 'unproven';

const KIND = 'process-group';

const saidOf = (
  { token, configPath }: Pick<Claim, 'token' | 'configPath'>,
  { pgid, marker }: ProcessGroup,
): Said => ({ token, configPath, pgid, marker });

/** Origin that is recorded with a group that a claim's attempt starts; null where no key can be kept. */
export const originOf = ({ ports, directory }: Pond, claim: Claim, group: ProcessGroup): string | null =>
  originOfRow(ports, directory, KIND, saidOf(claim, group));

/** Tells what a recorded group is, without a look at any process. */
export const judgeGroup = (
  { ports, directory }: Pond,
  { origin, group, ...claim }: RecordedGroup,
): GroupOrigin => {
  const binding = bindingOfPond(ports, directory);
  const recorded = readOrigin(origin);
  if (recorded === null || isLeft(binding)) return 'unproven';
  if (whereabouts(recorded.made, binding.right) !== 'here') return 'gone';
  const expected = codeOf(ports, KIND, recorded.made, saidOf(claim, group));
  return isLeft(expected) || !isSameCode(recorded.code, expected.right) ? 'unproven' : 'ours';
};
