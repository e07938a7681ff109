import pg from 'pg';
import type { LeftTraces, ServerTransaction } from '../../ports/sql-server.js';
import { askAtOnce, isOnePiece, type NamedStatement, prepare } from './ask-at-once.js';
import { holdingBack, namedStatement, statementsOn } from './postgres-connection.js';
import { AnswersLost, isPassing } from './server-errors.js';

/** Sign by which it is found out what became of a transaction: the server's name for it, or what it leaves. */
export type Sign =
  | { readonly _tag: 'Id'; readonly id: string }
  | { readonly _tag: 'Traces'; readonly left: LeftTraces };

/** Options by which a transaction is run on a connection. */
interface TransactionOptions {
  readonly durability: 'durable' | 'relaxed';
  /** The name under which only one transaction at a time is under way. */
  readonly alone: string;
  /** Looks, by another connection, what became of a transaction whose commit got no answer; throws `lost` where it has not committed. */
  readonly mustHaveCommitted: (sign: Sign, lost: unknown) => Promise<void>;
}

/**
 * Runs `body` in a transaction on a connection that pipelines: a statement is sent without waiting for the answers to those before it, so that
 * only an answer that the body needs costs a journey. What the body does not wait for is waited for by the commit, and the first
 * statement that fails is what the transaction fails with: those behind it only say that it has. It begins with its first statement.
 */
export const runTransaction = async <A>(
  client: pg.ClientBase,
  { durability, alone, mustHaveCommitted }: TransactionOptions,
  body: (statements: ServerTransaction) => Promise<A>,
): Promise<A> => {
  const sent: Promise<unknown>[] = [];
  let first: { readonly problem: unknown } | null = null;
  const inOrder = <B>(answer: Promise<B>): Promise<B> => {
    sent.push(
      answer.catch((problem) => {
        first ??= { problem };
      }),
    );
    return answer;
  };
  const failure = (): { readonly problem: unknown } | null => first;
  const { run, all } = statementsOn(client);
  let isCommitSent = false;
  let sign: Sign | null = null;
  let looking: Promise<void> | null = null;
  let begun: Promise<void> | null = null;
  const beginOnce = (): Promise<void> => {
    if (begun !== null) return begun;
    begun = inOrder(begin(client, durability, alone)).then((id) => {
      sign = { _tag: 'Id', id };
    });
    begun.catch(() => undefined);
    return begun;
  };
  /** Looks what became of a transaction whose commit was sent and not answered; throws what was lost where it has not committed. */
  const lookInto = async (problem: unknown): Promise<void> => {
    if (!isCommitSent || !isLost(problem) || sign === null) throw problem;
    looking ??= mustHaveCommitted(sign, problem);
    await looking;
  };
  const made = <B>(answer: () => Promise<B>): Promise<B> => {
    if (isCommitSent) throw new Error('a statement after the last one of its transaction');
    void beginOnce();
    return inOrder(answer());
  };
  const atOnce: ServerTransaction['atOnce'] = async (questions, left, implied) => {
    if (begun !== null || isCommitSent) throw new Error('questions that are not all of their transaction');
    const lock = aloneFirst(durability, alone);
    const asked = questions.map(([query, parameters]) => namedStatement(query, parameters));
    const isShort = isOnePiece(client, [lock, ...asked]);
    const prepared = inOrder(prepare(client, [lock, ...asked]));
    // What is long is not to be under way while the others wait.
    if (!isShort) await prepared;
    if (!isOnePiece(client, asked)) {
      const answers = asked.map((one) => made(() => askAtOnce(client, [one])));
      return (await Promise.all(answers)).flat();
    }
    sign = { _tag: 'Traces', left };
    isCommitSent = true;
    const answers = askAtOnce(client, [lock, ...asked]).then((rows) => rows.slice(1));
    if (implied === undefined) return inOrder(answers);
    return inOrder(answers.catch((problem) => lookInto(problem).then(() => implied)));
  };
  // What the body asks first goes with the beginning; what it does not wait for, with what it asks next, or with the commit.
  const held = holdingBack(client);
  const asked = <B>(answer: () => Promise<B>): Promise<B> => {
    const sentNow = made(answer);
    if (!isFirst) held.sendNow();
    return sentNow;
  };
  let isFirst = true;
  let value: A;
  try {
    let working: Promise<A>;
    held.hold();
    try {
      working = body({
        run: (statement, parameters) => asked(() => run(statement, parameters)),
        all: (query, parameters) => asked(() => all(query, parameters)),
        send: (statement, parameters) => {
          held.hold();
          void made(() => run(statement, parameters));
        },
        atOnce,
      });
    } finally {
      isFirst = false;
      held.sendNow();
    }
    value = await working;
  } catch (problem) {
    held.sendNow();
    const failed = failure();
    if (failed === null) throw problem;
    await lookInto(failed.problem);
    throw new AnswersLost();
  }
  if (!isCommitSent) {
    await beginOnce();
    isCommitSent = true;
    void inOrder(client.query('COMMIT'));
    held.sendNow();
  }
  await Promise.all(sent);
  const failed = failure();
  if (failed !== null) await lookInto(failed.problem);
  return value;
};

/** Nobody has said what became of it: the connection has gone. */
const isLost = (problem: unknown): boolean =>
  isPassing(problem) && !(problem instanceof pg.DatabaseError && problem.severity !== 'FATAL');

/** First of the questions of a transaction that are asked at once: waits until nobody else is in one of that name. */
const aloneFirst = (durability: 'durable' | 'relaxed', alone: string): NamedStatement => ({
  name: 'pond-alone',
  text: `SELECT set_config('synchronous_commit', $1, true), pg_advisory_xact_lock(hashtextextended($2, 0))`,
  values: [durability === 'durable' ? 'on' : 'off', alone],
});

/** One journey: begins, waits until nobody else is in a transaction of that name, and asks for the transaction's own id. */
const begin = async (
  client: pg.ClientBase,
  durability: 'durable' | 'relaxed',
  alone: string,
): Promise<string> => {
  const answers: unknown = await client.query(
    `BEGIN; SELECT set_config('synchronous_commit', '${durability === 'durable' ? 'on' : 'off'}', true),
       pg_advisory_xact_lock(hashtextextended(${pg.escapeLiteral(alone)}, 0)), pg_current_xact_id()::text AS id`,
  );
  const last = Array.isArray(answers) ? answers.at(-1) : null;
  return String(last?.rows[0]?.id);
};
