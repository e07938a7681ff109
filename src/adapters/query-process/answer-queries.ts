import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Query, QueryEngine, QueryFailed, QueryNeeds, QueryTable } from '../../ports/query-engine.js';
import { duckdbQueryEngine } from '../duckdb/duckdb-query-engine.js';
import type { FromQueryProcess, Question, ToQueryProcess } from './messages.js';

/** Evaluates what is asked on the channel to the process that started this one, one question after another, until that goes. */
export const answerQueries = async (engine: QueryEngine = duckdbQueryEngine): Promise<never> => {
  const channel = openChannel();
  // Loading takes about as long as the other side takes to ask.
  void import('@duckdb/node-api');
  for (;;) {
    const question = await channel.next();
    if (question._tag !== 'Query' && question._tag !== 'Needed') continue;
    const answered = await answer(engine, channel, question, channel.interrupt())();
    const holds = process.memoryUsage.rss();
    channel.send(
      isLeft(answered)
        ? { _tag: 'Failed', error: answered.left ?? GIVEN_UP, holds }
        : { _tag: 'Done', needs: answered.right, holds },
    );
  }
};

/** The other side knows what was wrong with the tables. */
const GIVEN_UP: QueryFailed = { _tag: 'QueryFailed', message: 'the tables of the query were not found' };

interface Channel {
  readonly send: (message: FromQueryProcess) => void;
  readonly next: () => Promise<ToQueryProcess>;
  /** The signal by which the question that came last is interrupted. */
  readonly interrupt: () => AbortSignal;
}

const openChannel = (): Channel => {
  let interrupt = new AbortController();
  const waiting: ToQueryProcess[] = [];
  let take: ((message: ToQueryProcess) => void) | null = null;
  process.on('message', (message: ToQueryProcess) => {
    if (message._tag === 'Interrupt') {
      interrupt.abort();
      return;
    }
    if (message._tag === 'Query' || message._tag === 'Needed') interrupt = new AbortController();
    if (take === null) waiting.push(message);
    else {
      const taking = take;
      take = null;
      taking(message);
    }
  });
  // Not by an exit, which would wait for what the engine does.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  return {
    // Where the channel has gone, `disconnect` ends this process.
    send: (message) => void process.send?.(message, undefined, undefined, () => undefined),
    next: () => {
      const message = waiting.shift();
      return message === undefined
        ? new Promise((resolve) => {
            take = resolve;
          })
        : Promise.resolve(message);
    },
    interrupt: () => interrupt.signal,
  };
};

/** Left of null: the other side did not find the tables. */
const answer = (
  engine: QueryEngine,
  channel: Channel,
  question: Question,
  signal: AbortSignal,
): TaskEither<QueryFailed | null, QueryNeeds | null> => {
  if (question._tag === 'Needed') return engine.needed(question.sql, signal);
  const query = queryOf(channel, question, signal);
  return question.as === null
    ? engine.query(query, ({ columns, batches }) => async () => {
        channel.send({ _tag: 'Columns', columns });
        if ((await channel.next())._tag === 'Enough') return right(null);
        for await (const rows of batches) {
          channel.send({ _tag: 'Rows', rows });
          if ((await channel.next())._tag === 'Enough') break;
        }
        return right(null);
      })
    : engine.written(query, question.as, (bytes) => async () => {
        channel.send({ _tag: 'Columns', columns: [] });
        if ((await channel.next())._tag === 'Enough') return right(null);
        for await (const piece of bytes) {
          channel.send({ _tag: 'Bytes', bytes: piece });
          if ((await channel.next())._tag === 'Enough') break;
        }
        return right(null);
      });
};

const queryOf = (
  channel: Channel,
  { sql, params, workspace, memoryLimit, outputs, hasReads, isWatched }: Extract<Question, { _tag: 'Query' }>,
  signal: AbortSignal,
): Query<null> => {
  const found = async (): Promise<Either<null, readonly QueryTable[]>> => {
    const message = await channel.next();
    return message._tag === 'Found' && message.tables !== null ? right(message.tables) : left(null);
  };
  return {
    sql,
    workspace,
    memoryLimit,
    signal,
    ...(params === null ? {} : { params }),
    ...(outputs === null ? {} : { outputs }),
    ...(isWatched ? { onProgress: (share) => channel.send({ _tag: 'Progress', share }) } : {}),
    tables: (names) => () => {
      channel.send({ _tag: 'TablesWanted', names });
      return found();
    },
    ...(hasReads
      ? {
          reads: (call) => async () => {
            channel.send({ _tag: 'ReadWanted', call });
            const tables = await found();
            if (isLeft(tables)) return tables;
            const [table] = tables.right;
            return table === undefined ? left(null) : right(table);
          },
        }
      : {}),
  };
};
