import { type Adjacency, adjacency, edgesOf, type Graph, successorsOf } from '../../planner/graph/graph.js';
import { smallestFirst } from '../../planner/graph/smallest-first.js';
import type { Operation } from '../operation.js';
import type { Outcome } from './outcome.js';

/** An operation that another one requires and that did not succeed. */
export interface Blocking {
  readonly operation: string;
  readonly by: 'failed' | 'unfinished';
}

/** An operation's turn has come. */
export interface Turn {
  /** Operation that it requires and that has not succeeded; null: none. */
  readonly blockedBy: Blocking | null;
  /**
   * Lets another operation start in its place before it has ended, if that is the next one in any case. What waits for it
   * goes on waiting.
   */
  readonly giveUpPlace: () => void;
}

/**
 * Runs operations, each as soon as those that it waits for have ended, at most `concurrency` side by side, not counting those that have
 * given up their place; among those that may start, the first in the plan's order does. What an operation waits for must be in the plan: one
 * that waits for another, or for itself, never starts and has no outcome. `run` is called once for every operation
 * that may start, also for one that is blocked, and never throws.
 */
export const runInOrder = <Op extends Operation, E>(
  operations: readonly Op[],
  concurrency: number,
  run: (operation: Op, turn: Turn) => Promise<Outcome<E>>,
): Promise<ReadonlyMap<string, Outcome<E>>> => {
  const after = adjacency(waitsOf(operations));
  const { waitingFor } = after;
  const ready = smallestFirst();
  for (const place of operations.keys()) if (waitingFor[place] === 0) ready.push(place);
  const outcomes = new Map<string, Outcome<E>>();
  /** Places that are taken, and operations that have not ended. */
  let taken = 0;
  let open = 0;
  /** Operations that have given up their place and not ended. */
  const ending = new Set<number>();
  const firstAfter = firstSuccessors(after, operations.length);
  const firstBehind = (): number => Math.min(...[...ending].map(firstAfter));

  return new Promise((resolve, reject) => {
    const letGo = (place: number): void => {
      for (const next of successorsOf(after, place)) {
        const remaining = (waitingFor[next] ?? 0) - 1;
        waitingFor[next] = remaining;
        if (remaining > 0) continue;
        if (next < operations.length) ready.push(next);
        // A gate is open as soon as nothing holds it shut.
        else letGo(next);
      }
    };
    const ended = (place: number, id: string, outcome: Outcome<E>): void => {
      outcomes.set(id, outcome);
      open -= 1;
      letGo(place);
      startWhatMay();
    };
    const startWhatMay = (): void => {
      while (taken < concurrency) {
        const place = ready.pop();
        const operation = place === undefined ? undefined : operations[place];
        if (place === undefined || operation === undefined) break;
        // One that comes before it may be free in a moment.
        if (ending.size > 0 && place > firstBehind()) {
          ready.push(place);
          break;
        }
        taken += 1;
        open += 1;
        let hasPlace = true;
        const leave = (): void => {
          if (hasPlace) taken -= 1;
          hasPlace = false;
        };
        const giveUpPlace = (): void => {
          leave();
          ending.add(place);
          startWhatMay();
        };
        run(operation, { blockedBy: blockingOf(operation, outcomes), giveUpPlace })
          .then((outcome) => {
            leave();
            ending.delete(place);
            ended(place, operation.id, outcome);
          })
          .catch(reject);
      }
      if (open === 0) resolve(outcomes);
    };
    startWhatMay();
  });
};

/** The first operation, in the plan's order, that waits for a node; looked for once. Infinity: none does. */
const firstSuccessors = (after: Adjacency, operations: number): ((node: number) => number) => {
  const known = new Map<number, number>();
  const first = (node: number): number => {
    let found = known.get(node) ?? null;
    if (found !== null) return found;
    found = Number.POSITIVE_INFINITY;
    for (const next of successorsOf(after, node)) {
      found = Math.min(found, next < operations ? next : first(next));
    }
    known.set(node, found);
    return found;
  };
  return first;
};

/**
 * Edges: who waits for whom, as places in the plan. Behind the operations there is a gate between every two stages: it waits
 * for all operations of the one, and all of the other wait for it, so that large stages need few edges.
 */
const waitsOf = (operations: readonly Operation[]): Graph => {
  const placeOf = new Map(operations.map(({ id }, place) => [id, place]));
  const stages = [...new Set(operations.map(stageOf))].sort((a, b) => a - b);
  const gateAfter = new Map(stages.slice(0, -1).map((stage, index) => [stage, operations.length + index]));
  const gateBefore = new Map(stages.slice(1).map((stage, index) => [stage, operations.length + index]));
  const edges: { readonly from: number; readonly to: number }[] = [];
  for (const [place, operation] of operations.entries()) {
    for (const id of operation.after) edges.push({ from: placeOf.get(id) ?? NOWHERE, to: place });
    for (const id of operation.requires) edges.push({ from: placeOf.get(id) ?? NOWHERE, to: place });
    const before = gateBefore.get(stageOf(operation));
    const after = gateAfter.get(stageOf(operation));
    if (before !== undefined) edges.push({ from: before, to: place });
    if (after !== undefined) edges.push({ from: place, to: after });
  }
  return { size: operations.length + gateAfter.size, edges: edgesOf(edges) };
};

const stageOf = ({ stage }: Operation): number => stage ?? 0;

/** The place of what is not in the plan: nothing ever comes from there. */
const NOWHERE = -1;

const blockingOf = <E>(operation: Operation, outcomes: ReadonlyMap<string, Outcome<E>>): Blocking | null => {
  const blocking = operation.requires.flatMap((id): readonly Blocking[] => {
    const outcome = outcomes.get(id);
    switch (outcome?._tag) {
      case 'Failed':
      case 'AlreadyFailed':
        return [{ operation: id, by: 'failed' }];
      case 'Skipped':
        return outcome.satisfies ? [] : [{ operation: id, by: 'failed' }];
      case 'Unfinished':
        return [{ operation: id, by: 'unfinished' }];
      default:
        return [];
    }
  });
  return blocking.find(({ by }) => by === 'failed') ?? blocking[0] ?? null;
};
