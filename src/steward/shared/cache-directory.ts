import { resolve } from 'node:path';
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { sha256 } from '../../domain/documents/sha256.js';
import type { StorePlace } from '../../ports/object-store.js';
import type { PondError } from '../errors.js';
import type { StewardPorts } from '../steward-ports.js';

/**
 * The directory for the copies of one pond: all its processes of this user share it, and it may be deleted at any time. Users who name the
 * same place have one each there.
 */
export const cacheDirectory = (
  { host, userState }: Pick<StewardPorts, 'host' | 'userState'>,
  place: StorePlace,
  given: string | undefined,
): Either<PondError, string> => {
  const { POND_CACHE = '', XDG_CACHE_HOME = '', HOME = '', ...variables } = host.variables;
  const named = given ?? POND_CACHE;
  const ofUser = XDG_CACHE_HOME.startsWith('/') ? XDG_CACHE_HOME : HOME === '' ? null : `${HOME}/.cache`;
  const root =
    named !== ''
      ? resolve(host.workingDirectory, named)
      : ofUser !== null
        ? `${ofUser}/pond-steward`
        : besideState(userState);
  if (root === null) return left({ _tag: 'NoWorkingSpace', path: '$POND_CACHE', code: 'ENOENT' });
  const endpoint = place.endpoint ?? variables.AWS_ENDPOINT_URL_S3 ?? variables.AWS_ENDPOINT_URL ?? '';
  const ofPond = sha256(`${place.url}\n${endpoint}`).slice(0, 32);
  return right(`${root}/${host.user === null ? ofPond : `${ofPond}-${host.user.id}`}`);
};

const besideState = (userState: StewardPorts['userState']): string | null => {
  const state = userState.directory();
  return isLeft(state) ? null : `${state.right}/cache`;
};
