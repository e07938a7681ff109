import { isLeft, left } from 'fp-ts/lib/Either.js';
import type * as TE from 'fp-ts/lib/TaskEither.js';

/** A call by name, with what it was given first where that is text. */
export interface Call {
  readonly name: string;
  readonly about: string | null;
}

/** A record of functions that can be closed. */
export interface Closable<R> {
  /** The functions, as long as it is open. */
  readonly open: R;
  /** Closes it, and returns the calls that have not ended. */
  readonly close: () => readonly Call[];
}

/**
 * The same functions of a record of functions that return tasks, until it is closed: then each returns `refusal`. `lent` does the same
 * with a record that one of them returns.
 */
export const untilClosed = <R extends object, E>(
  record: R,
  refusal: (call: Call) => E,
  lent: (name: string, result: unknown) => object | null = () => null,
): Closable<R> => {
  const running = new Set<Call>();
  let isClosed = false;

  const guarded =
    (name: string, member: (...args: readonly unknown[]) => unknown) =>
    (...args: readonly unknown[]) => {
      const [first] = args;
      const call: Call = { name, about: typeof first === 'string' ? first : null };
      // What refuses its arguments by throwing does so for whoever called it.
      const work = member(...args) as TE.TaskEither<unknown, unknown>;
      return async () => {
        if (isClosed) return left(refusal(call));
        running.add(call);
        try {
          const result = await work();
          if (isLeft(result)) return result;
          const inner = lent(name, result.right);
          return inner === null ? result : { ...result, right: guardedRecord(inner) };
        } catch (thrown) {
          // What it stood on has gone with the closing.
          if (isClosed) return left(refusal(call));
          throw thrown;
        } finally {
          running.delete(call);
        }
      };
    };

  /** Name by name: every write transaction has such a record, and one that is made of a list of pairs takes three times as long. */
  const guardedRecord = (members: object): object => {
    const open: Record<string, unknown> = {};
    for (const [name, member] of Object.entries(members)) {
      open[name] = typeof member === 'function' ? guarded(name, member) : member;
    }
    return Object.freeze(open);
  };

  return {
    open: guardedRecord(record) as R,
    close: () => {
      isClosed = true;
      return [...running];
    },
  };
};
