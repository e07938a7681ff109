import { acting } from '../acting.js';
import type { Pond } from '../pond/pond.js';
import type { Steward } from '../steward.js';

/** Calls that say what commits did, and what they set off. */
export const historyCalls = (
  pond: Pond,
): Pick<Steward, 'plan' | 'gates' | 'replay' | 'compare' | 'compareRows' | 'history' | 'commitAt'> => ({
  plan: (txnSeq) => acting(({ planOfCommit }) => planOfCommit(pond, txnSeq)),
  gates: (txnSeq) => acting(({ gatesOfCommit }) => gatesOfCommit(pond, txnSeq)),
  replay: (request) => acting(({ replay }) => replay(pond, request)),
  compare: (range) => acting(({ compare }) => compare(pond, range)),
  compareRows: (range) => acting(({ compareRows }) => compareRows(pond, range)),
  history: (path, query) => acting(({ pathHistory }) => pathHistory(pond, path, query)),
  commitAt: (timestamp) => acting(({ commitAt }) => commitAt(pond, timestamp)),
});
