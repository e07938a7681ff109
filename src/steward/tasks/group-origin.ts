import { timingSafeEqual } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Claim, RecordedGroup } from '../../control/claim.js';
import { type Binding, boundText, whereabouts } from '../../domain/binding.js';
import { canonicalJson } from '../../domain/documents/canonical-json.js';
import { bindingHere } from '../../effects/binding-here.js';
import type { ProcessGroup } from '../../ports/processes.js';
import type { Pond } from '../pond/pond.js';

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

const OriginCodec = t.type({
  machine: t.string,
  inode: t.string,
  device: t.string,
  boot: t.union([t.string, t.null]),
  pid_namespace: t.union([t.string, t.null]),
  code: t.string,
});

const here = ({ ports, directory }: Pond) =>
  bindingHere({ files: ports.hostFiles, userState: ports.userState, host: ports.host }, directory);

const codeOf = (
  { ports }: Pond,
  binding: Binding,
  { token, configPath }: Pick<Claim, 'token' | 'configPath'>,
  { pgid, marker }: ProcessGroup,
) => ports.userState.hmac(boundText('process-group', binding, { token, configPath, pgid, marker }))();

/** Origin that is recorded with a group that a claim's attempt starts; null where no key can be kept. */
export const originOf = (pond: Pond, claim: Claim, group: ProcessGroup): string | null => {
  const binding = here(pond);
  if (isLeft(binding)) return null;
  const code = codeOf(pond, binding.right, claim, group);
  return isLeft(code) ? null : canonicalJson({ ...binding.right, code: code.right });
};

/** Tells what a recorded group is, without a look at any process. */
export const judgeGroup = (pond: Pond, { origin, group, ...claim }: RecordedGroup): GroupOrigin => {
  const binding = here(pond);
  const recorded = readOrigin(origin);
  if (recorded === null || isLeft(binding)) return 'unproven';
  const { code, ...made } = recorded;
  if (whereabouts(made, binding.right) !== 'here') return 'gone';
  const expected = codeOf(pond, made, claim, group);
  return isLeft(expected) || !isSame(code, expected.right) ? 'unproven' : 'ours';
};

const readOrigin = (origin: string | null): t.TypeOf<typeof OriginCodec> | null => {
  // The column holds JSON or nothing: the database sees to it.
  const read = OriginCodec.decode(origin === null ? null : JSON.parse(origin));
  return isLeft(read) ? null : read.right;
};

const isSame = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};
