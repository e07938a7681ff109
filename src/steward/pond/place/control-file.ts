import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { IOEither } from 'fp-ts/lib/IOEither.js';
import type * as t from 'io-ts';
import { persistenceErrorOf } from '../../../tinyfs/persistence.js';
import type { TLogError } from '../../../tlogfs/tlog.js';
import type { StewardPorts } from '../../steward-ports.js';

type Ports = Pick<StewardPorts, 'files' | 'ids'>;

/** A small JSON file of `control`; null where there is none, or it cannot be understood: then it says nothing. */
export const readControlFile =
  <A>(
    { files }: Pick<Ports, 'files'>,
    path: string,
    codec: t.Type<A, unknown>,
  ): IOEither<TLogError, A | null> =>
  () => {
    const read = files.readFile(path)();
    if (isLeft(read)) return read.left.code === 'ENOENT' ? right(null) : left(persistenceErrorOf(read.left));
    try {
      const decoded = codec.decode(JSON.parse(Buffer.from(read.right).toString()));
      return right(isLeft(decoded) ? null : decoded.right);
    } catch (error) {
      if (error instanceof SyntaxError) return right(null);
      throw error;
    }
  };

/** Replaces such a file in one step, durably. */
export const writeControlFile =
  ({ files, ids }: Ports, path: string, content: object): IOEither<TLogError, void> =>
  () => {
    const directory = path.slice(0, path.lastIndexOf('/'));
    const staged = `${path}.${ids.uuidV7()}.new`;
    const text = Buffer.from(`${JSON.stringify(content, null, 2)}\n`);
    for (const call of [
      files.makeDirectories(directory),
      files.writeNewFile(staged, text),
      files.rename(staged, path),
      files.fsyncDirectory(directory),
    ]) {
      const done = call();
      if (isLeft(done)) {
        files.remove(staged)();
        return left(persistenceErrorOf(done.left));
      }
    }
    return right(undefined);
  };

export const removeControlFile =
  ({ files }: Pick<Ports, 'files'>, path: string): IOEither<TLogError, void> =>
  () => {
    const removed = files.remove(path)();
    const durable = isLeft(removed) ? removed : files.fsyncDirectory(path.slice(0, path.lastIndexOf('/')))();
    return isLeft(durable) ? left(persistenceErrorOf(durable.left)) : right(undefined);
  };
