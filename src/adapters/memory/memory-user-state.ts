import { createHmac } from 'node:crypto';
import { right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type { NoUserState, UserState } from '../../ports/user-state.js';

/** State that one user keeps, in memory. Two of one `key` are the same user. */
export const memoryUserState = (key = 'memory', machine = 'memory'): UserState => {
  const kept = new Map<string, string>();
  const there =
    <A>(work: () => A): IOEither<NoUserState, A> =>
    () =>
      right(work());
  return {
    directory: there(() => '/memory/state'),
    keep: (folder, name, text) => there(() => void kept.set(`${folder}/${name}`, text)),
    read: (folder, name) => there(() => kept.get(`${folder}/${name}`) ?? null),
    names: (folder) =>
      there(() =>
        [...kept.keys()].flatMap((path) =>
          path.startsWith(`${folder}/`) ? [path.slice(folder.length + 1)] : [],
        ),
      ),
    forget: (folder, name) => there(() => void kept.delete(`${folder}/${name}`)),
    hmac: (text) => there(() => createHmac('sha256', key).update(text).digest('hex')),
    machine: there(() => machine),
  };
};
