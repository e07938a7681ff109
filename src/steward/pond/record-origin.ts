import { timingSafeEqual } from 'node:crypto';
import { type Either, isLeft, left } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { RunnerSeals, SealedRunner } from '../../control/records/claim.js';
import { type Binding, boundText, type Elsewhere, whereabouts } from '../../domain/binding.js';
import { canonicalJson } from '../../domain/documents/canonical-json.js';
import { bindingHere } from '../../effects/binding-here.js';
import type { StewardPorts } from '../steward-ports.js';

/*
 * Rows by which others end or remove something carry where they were made, and a code that only this user can make. A pond
 * that was copied, or comes from elsewhere, has such rows, too.
 */

/** Origin as it is kept with a row: where it was made, and the code. */
const OriginCodec = t.type({
  machine: t.string,
  inode: t.string,
  device: t.string,
  boot: t.union([t.string, t.null]),
  pid_namespace: t.union([t.string, t.null]),
  code: t.string,
});

export type OriginPorts = Pick<StewardPorts, 'hostFiles' | 'userState' | 'host'>;
/** Facts that a row says, and that its code is over. */
export type Said = Parameters<typeof boundText>[2];

/** Binding of a row that is made now; in words why it cannot be said. */
export const bindingOfPond = (
  { hostFiles, userState, host }: OriginPorts,
  directory: string,
): Either<string, Binding> => bindingHere({ files: hostFiles, userState, host }, directory);

/** Code over what a row says, and where; in words why there is none. */
export const codeOf = (
  { userState }: Pick<OriginPorts, 'userState'>,
  kind: string,
  binding: Binding,
  said: Said,
): Either<string, string> => {
  const code = userState.hmac(boundText(kind, binding, said))();
  return isLeft(code) ? left(code.left.problem) : code;
};

/** Codes over strings that only this user can make; null where no key can be kept. */
export const userSeal =
  ({ userState }: Pick<OriginPorts, 'userState'>) =>
  (text: string): string | null => {
    const code = userState.hmac(text)();
    return isLeft(code) ? null : code.right;
  };

/** Origin that a row is kept with; null where no key can be kept. */
export const originOfRow = (
  ports: OriginPorts,
  directory: string,
  kind: string,
  said: Said,
): string | null => {
  const binding = bindingOfPond(ports, directory);
  if (isLeft(binding)) return null;
  const code = codeOf(ports, kind, binding.right, said);
  return isLeft(code) ? null : canonicalJson({ ...binding.right, code: code.right });
};

/** Origin of a row as it was read; null where there is none that can be. */
export const readOrigin = (
  origin: string | null,
): { readonly made: Binding; readonly code: string } | null => {
  // The column holds JSON or nothing: the database sees to it.
  const read = OriginCodec.decode(origin === null ? null : JSON.parse(origin));
  if (isLeft(read)) return null;
  const { code, ...made } = read.right;
  return { made, code };
};

/** Compares two codes, in a time that tells nothing about them. */
export const isSameCode = (one: string, other: string): boolean => {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
};

/** Seals of the rows of a pond's runners. */
export const runnerSeals = (ports: OriginPorts, directory: string): RunnerSeals => {
  const said = ({ runnerId, pid, command }: SealedRunner): Said => ({ runnerId, pid, command });
  return {
    originOf: (runner) => originOfRow(ports, directory, 'runner', said(runner)),
    elsewhere: (runner, origin) => {
      const here = bindingOfPond(ports, directory);
      const recorded = readOrigin(origin);
      if (recorded === null) return isLeft(here) ? null : 'unsigned';
      if (isLeft(here)) return 'no-key';
      return elsewhereBy(ports, 'runner', here.right, said(runner), recorded);
    },
  };
};

/** Reason why a row that carries a code is not this user's, for this place; null where it is. */
export const elsewhereBy = (
  ports: Pick<OriginPorts, 'userState'>,
  kind: string,
  here: Binding,
  said: Said,
  { made, code }: { readonly made: Binding; readonly code: string },
): Elsewhere | null => {
  if (whereabouts(made, here) === 'elsewhere') return 'another-place';
  const expected = codeOf(ports, kind, made, said);
  if (isLeft(expected)) return 'no-key';
  return isSameCode(code, expected.right) ? null : 'another-author';
};
