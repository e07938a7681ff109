import { isLeft } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as t from 'io-ts';
import { readControlFile } from '../../pond/place/control-file.js';
import { layout, type Pond } from '../../pond/pond.js';
import type { Holder } from './inside-write.js';

const Note = t.strict({ pid: t.number, host: t.string, command: t.string });

/**
 * Does work under the writer's lock that leaves no record of a transaction, such as a repair, beside a note of who does it, for
 * those who wait. Only the lock itself says whether it is held: a note that cannot be written is none.
 */
export const noteHolder =
  <E, A>({ ports, directory, options }: Pond, work: TaskEither<E, A>): TaskEither<E, A> =>
  async () => {
    const { files, host } = ports;
    const path = layout(directory).writerNote;
    const note: t.TypeOf<typeof Note> = {
      pid: host.pid,
      host: host.hostName,
      command: options.cliArgs.join(' '),
    };
    const forget = files.remove(path);
    // That of a process which was killed.
    forget();
    files.writeNewFile(path, Buffer.from(`${JSON.stringify(note)}\n`))();
    try {
      return await work();
    } finally {
      forget();
    }
  };

/** The process that says to hold the writer's lock, where it lives on this machine; null: there is none. */
export const notedHolder = ({ ports: { files, host }, directory }: Pond): Holder | null => {
  const note = readControlFile({ files }, layout(directory).writerNote, Note)();
  if (isLeft(note) || note.right === null) return null;
  const { right: holder } = note;
  return holder.host === host.hostName && host.processIsAlive(holder.pid) ? holder : null;
};
