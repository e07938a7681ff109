import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { PondError } from '../../errors.js';
import type { Pond } from '../../pond/pond.js';

/*
 * A write inside a write into the same pond, from its body, from a writer that `pond run` runs, or from a program that
 * one of these has started, would wait for a lock that is held until it has ended. It is refused at once.
 */

/** Refuses a write that this process itself calls inside of one. */
export const refuseInsideWrite = (pond: Pond): TE.TaskEither<PondError, void> =>
  TE.fromIOEither(() => {
    const { pondId } = pond.tlog;
    const writing = pond.ports.causes.current()?.writing ?? [];
    return writing.some((write) => write.pondId === pondId && !write.isOver())
      ? { _tag: 'Left', left: refusal(pond, { pid: pond.ports.host.pid, command: commandOf(pond) }) }
      : { _tag: 'Right', right: undefined };
  });

/**
 * Refuses a write while the lock is held by one of this process's parents; null: none of them holds it, or for a write that it
 * began after this process was there, which goes on beside it.
 */
export const refusedByParent = async (pond: Pond): Promise<PondError | null> => {
  const { host } = pond.ports;
  const holder = await holderOf(pond);
  if (holder === null || holder.host !== host.hostName || holder.startedAt > host.startedAt()) return null;
  const parents = host.ancestry().slice(1);
  return parents.some(({ pid }) => pid === holder.pid) ? refusal(pond, holder) : null;
};

/** Does work of a write, which is known from now on to whatever it calls. */
export const withinWrite =
  <E, A>(pond: Pond, work: TE.TaskEither<E, A>): TE.TaskEither<E, A> =>
  async () => {
    const { causes } = pond.ports;
    const cause = causes.current() ?? OUTSIDE;
    const { isOver, end } = causes.begin();
    const writing = [...cause.writing, { pondId: pond.tlog.pondId, isOver }];
    try {
      return await causes.within({ ...cause, writing }, work);
    } finally {
      end();
    }
  };

const OUTSIDE = { chain: [], mark: null, traceParent: null, isOver: () => false, writing: [] };

const commandOf = ({ options }: Pond): string => options.cliArgs.join(' ');

const refusal = (
  pond: Pond,
  { pid, command }: { readonly pid: number; readonly command: string },
): PondError => ({ _tag: 'RefusedInsideWrite', path: pond.writerLock.name, pid, command });

/** The process whose write is under way, as its `begin` says: the lock itself does not. */
export interface Holder {
  readonly pid: number;
  readonly command: string;
  /** The machine's name. */
  readonly host: string;
}

/** The holder of the writer's lock, with when its write began, in microseconds; null where its `begin` is not recorded yet. */
export const holderOf = async (pond: Pond): Promise<(Holder & { readonly startedAt: number }) | null> => {
  const open = await pond.control.findIncompleteTransactions()();
  if (isLeft(open)) return null;
  const holder = open.right.findLast(
    ({ transactionType, dataCommitted }) => transactionType === 'write' && !dataCommitted,
  );
  const { pid, host } = holder?.environment ?? {};
  return holder === undefined || typeof pid !== 'number'
    ? null
    : { pid, command: holder.cliArgs.join(' '), host: String(host), startedAt: holder.startedAt };
};
