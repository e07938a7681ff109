import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { FiringStatus } from '../../../control/records/firing-record.js';
import type { TransactionSummary } from '../../../control/records/transaction-summary.js';
import { firingDocument } from '../../../documents/task-document.js';
import { incompleteDocument, transactionDocument } from '../../../documents/transaction-document.js';
import { steps } from '../../../effects/steps.js';
import type { Clock } from '../../../ports/clock.js';
import type { PondError } from '../../../steward/errors.js';
import type { Incomplete } from '../../../steward/shapes/upkeep.js';
import { asked } from '../codecs/schema-of.js';
import type { Interface } from '../exchange/interface.js';
import { streamOf } from '../exchange/reply.js';
import { type Route, route } from '../exchange/route.js';
import type { ShownPond } from '../exchange/shown-pond.js';
import { firstOf, withoutLongReports } from './long-lists.js';

/** Milliseconds after which something is sent although nothing has happened, so that whoever waits knows that it lives. */
const SIGN_OF_LIFE = 15_000;
/** Milliseconds between two looks at a pond that changes all the time: so many times what the last one took, within these. */
const TIMES_A_LOOK = 10;
const SHORTEST_PAUSE = 100;
const LONGEST_PAUSE = 5_000;
/** Unfinished and failed things of each kind that an event lists, beside the numbers of all. */
const LISTED = 20;

const Nothing = asked({}, {});

export const eventRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/events',
    summary:
      'Server-sent events: `pond` with the state of a pond at first and after each change of it that shows, until the client goes.',
    params: Nothing,
    query: Nothing,
    body: null,
    answer: null,
    changes: false,
    handle: ({ interface: shown, signal, stopping }) => {
      const events = eventsOf(shown, AbortSignal.any([signal, stopping]));
      const answer = streamOf(shown.streams, events, signal);
      return answer === null ? TE.left(shown.streams.refused) : TE.right(answer);
    },
  }),
];

/** Changes of any of the ponds, one after another. */
async function* eventsOf({ ponds, clock }: Interface, signal: AbortSignal): AsyncGenerator<string> {
  const last = new Map<string, string>();
  // The page asks again after a second where the server is not there.
  yield 'retry: 1000\n\n';
  while (!signal.aborted) {
    const seen = ponds.map(({ changes }) => changes.count());
    let isSaid = false;
    let lookedMs = 0;
    for (const pond of ponds) {
      const began = clock.monotonicMs();
      const { digest, event } = await sharedState(pond, clock);
      lookedMs += clock.monotonicMs() - began;
      if (digest === last.get(pond.name)) continue;
      last.set(pond.name, digest);
      isSaid = true;
      yield `event: pond\ndata: ${event}\n\n`;
    }
    if (!isSaid) yield ': nothing new\n\n';
    const over = new AbortController();
    const ending = AbortSignal.any([signal, over.signal]);
    await Promise.race([
      ...ponds.map(({ changes }, at) => changes.after(seen[at] ?? 0, ending)),
      clock.sleep(SIGN_OF_LIFE, ending),
    ]);
    over.abort();
    const pauseMs = Math.max(SHORTEST_PAUSE, TIMES_A_LOOK * lookedMs);
    await clock.sleep(Math.min(pauseMs, LONGEST_PAUSE), signal);
  }
}

interface PondState {
  /** Digest of all that shows. */
  readonly digest: string;
  /** The state as one line of JSON, in which no list is long. */
  readonly event: string;
}

/** Looks at ponds that all streams share: a pond is looked at once after a change, however many listen. */
const looks = new WeakMap<ShownPond, Look>();

interface Look {
  readonly seen: number;
  /** Monotonic milliseconds. */
  readonly at: number;
  readonly state: Promise<PondState>;
}

/** Returns the state that all streams show. Where nobody tells of a change, as when a process has died, it shows at the next sign of life. */
const sharedState = (pond: ShownPond, { monotonicMs }: Clock): Promise<PondState> => {
  const [seen, at] = [pond.changes.count(), monotonicMs()];
  const known = looks.get(pond);
  if (known !== undefined && known.seen === seen && at - known.at < SIGN_OF_LIFE) return known.state;
  const state = stateOf(pond);
  looks.set(pond, { seen, at, state });
  return state;
};

interface Seen {
  readonly newest: TransactionSummary | null;
  readonly firing: FiringStatus | null;
  readonly unfinished: Incomplete;
}

/** The state of a pond as far as it shows: reads leave records as well, and change none of it. */
const stateOf = async ({ name, steward }: ShownPond): Promise<PondState> => {
  const state = await steps<PondError, Seen>(async ({ run }) => {
    const [newest = null] = await run(steward.transactions({ limit: 1, transactionTypes: ['write'] }));
    const [firing = null] = await run(steward.firings({ limit: 1 }));
    const { transactions, ...tasks } = await run(steward.incomplete({ failedTasks: LISTED }));
    const writes = transactions.filter(({ transactionType }) => transactionType === 'write');
    return { newest, firing, unfinished: { ...tasks, transactions: writes } };
  })();
  if (isLeft(state)) {
    const event = JSON.stringify({ pond: name, error: state.left._tag });
    return { digest: event, event };
  }
  const { newest, firing, unfinished } = state.right;
  const { transactions, tasks, failed } = unfinished;
  const event = withoutLongReports({
    pond: name,
    newest: newest === null ? null : transactionDocument(newest),
    newest_firing: firing === null ? null : firingDocument(firing),
    unfinished: incompleteDocument(firstOf(unfinished, LISTED)),
    numbers: { transactions: transactions.length, tasks: tasks.length, failed_tasks: failed.tasks },
  });
  const digest = createHash('sha256').update(JSON.stringify(state.right)).digest('base64');
  return { digest, event: JSON.stringify(event) };
};
