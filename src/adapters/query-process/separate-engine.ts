import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type {
  Query,
  QueryAnswer,
  QueryEngine,
  QueryFailed,
  QueryTable,
  WrittenRows,
} from '../../ports/query-engine.js';
import { engineMessage } from '../duckdb/messages/engine-messages.js';
import { filesOf } from '../duckdb/tables/table-contents.js';
import type { FromQueryProcess, Question, ToQueryProcess } from './messages.js';
import { type QueryChild, type QueryProcessStart, roomFor, startQueryChild } from './query-child.js';

/**
 * The same engine, whose queries are evaluated in processes of their own: one that ends its process, for which the engine takes
 * memory without end, or that cannot be interrupted, fails, and this process goes on. Sessions, whose queries are not somebody's, stay here.
 * A process is kept for the next query; `executable` starts one, at once where one is wanted.
 */
export const separateEngine = (
  engine: QueryEngine,
  { executable, isWanted = false }: QueryProcessStart,
): QueryEngine => {
  const children = childrenOf(executable);
  if (isWanted) children.begin();
  return {
    ...engine,
    query: (query, use) => () =>
      children.with(query, (child) =>
        asking(child, query, null, (answer) => use({ columns: answer.columns, batches: answer.rows() })),
      ),
    written: (query, as, use) => () =>
      children.with(query, (child) => asking(child, query, as, (answer) => use(answer.bytes()))),
    needed: (sql, signal) => () =>
      children.with({ signal }, async (child) => {
        child.send({ _tag: 'Needed', sql });
        const message = await child.next();
        if (message?._tag === 'Done' && message.needs !== null) return right(message.needs);
        return left(message?._tag === 'Failed' ? message.error : await endOf(child));
      }),
  };
};

/** Milliseconds for which an engine that was interrupted may go on. */
const GRACE = 2_000;

/** Milliseconds for which a process is kept that has nothing to do. */
const KEPT = 60_000;

const MOST_KEPT = 4;

/** Bytes of memory that a process may hold when it is kept: what a query has left behind is not there for the next one. */
const MOST_HELD = 256 * 1024 * 1024;

/** The limit of most queries, by which a process is started for one that is not known yet. */
const USUAL_LIMIT = '1GB';

interface Children {
  /** Starts a process for the next query. */
  readonly begin: () => void;
  /** Gives `work` a process, which is ended some time after the signal, and whenever it is not in order. */
  readonly with: <A>(
    query: { readonly signal: AbortSignal; readonly memoryLimit?: string },
    work: (child: QueryChild) => Promise<A>,
  ) => Promise<A>;
}

const childrenOf = (executable: readonly string[]): Children => {
  const idle: { readonly child: QueryChild; readonly timer: NodeJS.Timeout }[] = [];
  const taken = (room: number): QueryChild => {
    const at = idle.findLastIndex(({ child }) => child.room >= room);
    const [kept] = at < 0 ? [] : idle.splice(at, 1);
    if (kept === undefined) return startQueryChild(executable, room);
    clearTimeout(kept.timer);
    kept.child.hold();
    return kept.child;
  };
  const keep = (child: QueryChild): void => {
    if (idle.length >= MOST_KEPT || child.holds() > MOST_HELD) {
      child.kill();
      return;
    }
    const forget = () => {
      const at = idle.findIndex((kept) => kept.child === child);
      if (at >= 0) clearTimeout(idle.splice(at, 1)[0]?.timer);
      child.kill();
    };
    child.letGo();
    idle.push({ child, timer: setTimeout(forget, KEPT).unref() });
    void child.ended.then(forget);
  };
  return {
    begin: () => keep(startQueryChild(executable, roomFor(USUAL_LIMIT))),
    with: async ({ signal, memoryLimit = USUAL_LIMIT }, work) => {
      const child = taken(roomFor(memoryLimit));
      let killing: NodeJS.Timeout | null = null;
      const interrupt = () => {
        child.send({ _tag: 'Interrupt' });
        killing = setTimeout(child.kill, GRACE);
      };
      signal.addEventListener('abort', interrupt, { once: true });
      let isInOrder = false;
      try {
        const done = await work(child);
        isInOrder = !signal.aborted;
        return done;
      } finally {
        signal.removeEventListener('abort', interrupt);
        if (killing !== null) clearTimeout(killing);
        if (isInOrder) keep(child);
        else {
          // Its files are removed next.
          child.kill();
          await child.ended;
        }
      }
    },
  };
};

const endOf = async (child: QueryChild): Promise<QueryFailed> => ({
  _tag: 'QueryFailed',
  message: `the process that evaluated the query has ended (${await child.ended}): the query, or what it makes, is nested too deeply, takes more memory than a query may, or did not end when it was to`,
});

/** Rows or bytes of an answer, whichever were asked for. */
interface Answer {
  readonly columns: readonly string[];
  readonly rows: () => QueryAnswer['batches'];
  readonly bytes: () => AsyncIterable<Uint8Array>;
}

const asking = async <E, A>(
  child: QueryChild,
  query: Query<E>,
  as: WrittenRows | null,
  use: (answer: Answer) => () => Promise<Either<E, A>>,
): Promise<Either<QueryFailed | E, A>> => {
  child.send(questionOf(query, as));
  const begun = await untilColumns(child, query);
  if (isLeft(begun)) return begun;
  const { next, end } = piecesOf(child, query);
  const used = await use({
    columns: begun.right,
    rows: async function* () {
      for (let piece = await next(); piece !== null; piece = await next())
        if (piece._tag === 'Rows') yield piece.rows;
    },
    bytes: async function* () {
      for (let piece = await next(); piece !== null; piece = await next())
        if (piece._tag === 'Bytes') yield piece.bytes;
    },
  })();
  await end();
  return used;
};

const questionOf = <E>(query: Query<E>, as: WrittenRows | null): Question => ({
  _tag: 'Query',
  sql: query.sql,
  params: query.params ?? null,
  workspace: query.workspace,
  memoryLimit: query.memoryLimit,
  outputs: query.outputs ?? null,
  as,
  hasReads: query.reads !== undefined,
  isWatched: query.onProgress !== undefined,
});

/** Finds tables for the process until it has begun to answer; returns the columns. */
const untilColumns = async <E>(
  child: QueryChild,
  query: Query<E>,
): Promise<Either<QueryFailed | E, readonly string[]>> => {
  const names = new Map<string, string>();
  for (;;) {
    const message = await nextOf(child, query);
    if (message === null) return left(await endOf(child));
    if (message._tag === 'Columns') return right(message.columns);
    if (message._tag === 'Failed') return left(message.error);
    if (message._tag !== 'TablesWanted' && message._tag !== 'ReadWanted') continue;
    const tables = await inFiles(await wanted(query, message), query, names);
    child.send({ _tag: 'Found', tables: isLeft(tables) ? null : tables.right });
    if (isLeft(tables)) {
      await nextOf(child, query);
      return tables;
    }
  }
};

type Wanted = Extract<FromQueryProcess, { _tag: 'TablesWanted' | 'ReadWanted' }>;

const wanted = async <E>(query: Query<E>, message: Wanted): Promise<Either<E, readonly QueryTable[]>> => {
  if (message._tag === 'TablesWanted') return query.tables(message.names)();
  const table = await query.reads?.(message.call)();
  if (table === undefined) return right([]);
  return isLeft(table) ? table : right([table.right]);
};

/** The same tables, all of whose contents are files. */
const inFiles = async <E>(
  found: Either<E, readonly QueryTable[]>,
  query: Query<E>,
  names: Map<string, string>,
): Promise<Either<QueryFailed | E, readonly QueryTable[]>> => {
  if (isLeft(found)) return found;
  try {
    const tables = await filesOf(found.right, query, names);
    return right(tables.map(({ table, files }) => ({ ...table, contents: files.map((file) => ({ file })) })));
  } catch (thrown) {
    return left(engineMessage(thrown, names));
  }
};

/** The next message that is not about how far the query is. */
const nextOf = async <E>(child: QueryChild, query: Query<E>): Promise<FromQueryProcess | null> => {
  for (;;) {
    const message = await child.next();
    if (message?._tag !== 'Progress') return message;
    query.onProgress?.(message.share);
  }
};

/** Pieces of the answer, each when it is asked for; null: there are no more. What went wrong is thrown. */
const piecesOf = <E>(child: QueryChild, query: Query<E>) => {
  let isOver = false;
  const ask = async (message: ToQueryProcess): Promise<FromQueryProcess | null> => {
    if (isOver) return null;
    child.send(message);
    const answered = await nextOf(child, query);
    isOver = answered === null || answered._tag === 'Done' || answered._tag === 'Failed';
    if (answered === null) throw await endOf(child);
    if (answered._tag === 'Failed') throw answered.error;
    return isOver ? null : answered;
  };
  return {
    next: () => ask({ _tag: 'More' }),
    /** Takes no more of it. */
    end: async (): Promise<void> => {
      if (isOver) return;
      isOver = true;
      child.send({ _tag: 'Enough' });
      await nextOf(child, query);
    },
  };
};
