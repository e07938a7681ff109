import { isLeft } from 'fp-ts/lib/Either.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { incompleteDocument, transactionDocument } from '../../../documents/transaction-document.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { steps } from '../../../effects/steps.js';
import type { PondError } from '../../../steward/errors.js';
import { asked } from '../codecs/schema-of.js';
import type { Interface } from '../exchange/interface.js';
import type { Answer } from '../exchange/reply.js';
import { type Route, route } from '../exchange/route.js';
import type { ShownPond } from '../exchange/shown-pond.js';

/** Milliseconds after which something is sent although nothing has happened, so that whoever waits knows that it lives. */
const SIGN_OF_LIFE = 15_000;
/** Milliseconds between two looks at a pond that changes all the time. */
const SHORTEST_PAUSE = 100;

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
      const giveBack = shown.streams.take();
      if (giveBack === null) return TE.left(shown.streams.refused);
      signal.addEventListener('abort', giveBack, { once: true });
      const events = eventsOf(shown, AbortSignal.any([signal, stopping]));
      return TE.right<never, Answer>({ _tag: 'Events', events: endingWith(events, giveBack) });
    },
  }),
];

async function* endingWith(events: AsyncIterable<string>, end: () => void): AsyncGenerator<string> {
  try {
    yield* events;
  } finally {
    end();
  }
}

/** Changes of any of the ponds, one after another. */
async function* eventsOf({ ponds, clock }: Interface, signal: AbortSignal): AsyncGenerator<string> {
  const last = new Map<string, string>();
  // The page asks again after a second where the server is not there.
  yield 'retry: 1000\n\n';
  while (!signal.aborted) {
    const seen = ponds.map(({ changes }) => changes.count());
    let isSaid = false;
    for (const pond of ponds) {
      const state = await stateOf(pond);
      if (state === last.get(pond.name)) continue;
      last.set(pond.name, state);
      isSaid = true;
      yield `event: pond\ndata: ${state}\n\n`;
    }
    if (!isSaid) yield ': nothing new\n\n';
    const over = new AbortController();
    const ending = AbortSignal.any([signal, over.signal]);
    await Promise.race([
      ...ponds.map(({ changes }, at) => changes.after(seen[at] ?? 0, ending)),
      clock.sleep(SIGN_OF_LIFE, ending),
    ]);
    over.abort();
    await clock.sleep(SHORTEST_PAUSE, signal);
  }
}

/** The state of a pond as far as it shows, as one line of JSON: reads leave records as well, and change none of it. */
const stateOf = async ({ name, steward }: ShownPond): Promise<string> => {
  const state = await steps<PondError, JsonObject>(async ({ run }) => {
    const [newest] = await run(steward.transactions({ limit: 1, transactionTypes: ['write'] }));
    const incomplete = await run(steward.incomplete());
    const { transactions, ...rest } = incompleteDocument(incomplete);
    return {
      pond: name,
      newest: newest === undefined ? null : transactionDocument(newest),
      unfinished: {
        transactions: Array.isArray(transactions) ? transactions.filter(isWrite) : [],
        ...rest,
      },
    };
  })();
  return JSON.stringify(isLeft(state) ? { pond: name, error: state.left._tag } : state.right);
};

const isWrite = (transaction: { readonly transaction_type?: unknown }): boolean =>
  transaction.transaction_type === 'write';
