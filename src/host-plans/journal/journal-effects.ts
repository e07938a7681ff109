import { hostPathProblem, isWithin, nameOf, parentOf } from '../operations/host-path.js';
import { type HostStep, stagingEntriesOf } from '../steps/host-step.js';
import type { JournalRecord } from './checkpoint-record.js';
import { stagingNameOf } from './host-checkpoint.js';

/** Effects that recovering a journal might have on a path of the host's. */
export interface JournalEffect {
  /** `put back`: what was there before; `remove`: what the plan has made; `set mode`: permission bits as they were; `delete`: what a plan has put aside, or made and not placed. */
  readonly effect: 'put back' | 'remove' | 'set mode' | 'delete';
  readonly path: string;
}

/** Everything that recovering a journal might touch, each path once, in the order of the plan. */
export const journalEffects = (records: readonly JournalRecord[]): readonly JournalEffect[] => {
  const isExecuted = records.some(({ record }) => record === 'executed');
  const effects = new Map<string, JournalEffect>();
  const add = (effect: JournalEffect['effect'], path: string) => effects.set(path, { effect, path });
  for (const step of stepsIn(records)) {
    if (!isExecuted) {
      const undone = undoneBy(step);
      if (undone !== null) add(undone.effect, undone.path);
    }
    for (const entry of stagingEntriesOf(step)) add('delete', entry);
  }
  return [...effects.values()];
};

const stepsIn = (records: readonly JournalRecord[]): readonly HostStep[] =>
  records.flatMap((record) =>
    record.record === 'intents' ? record.operations.flatMap(({ steps }) => steps) : [],
  );

const undoneBy = (step: HostStep): JournalEffect | null => {
  switch (step.step) {
    case 'StageFile':
    case 'StageLink':
      return null;
    case 'MakeLink':
    case 'MakeDirectory':
    case 'Place':
      return { effect: 'remove', path: step.path };
    case 'Replace':
    case 'TakeAway':
      return { effect: 'put back', path: step.path };
    case 'SetMode':
      return { effect: 'set mode', path: step.path };
  }
};

/**
 * The first path in a journal that no plan writes there: one that is not normalised, or a staging place where plans make
 * none. Plans keep things in a directory named after them, in a directory above what they belong to.
 */
export const strayPath = (records: readonly JournalRecord[], id: string): string | null => {
  for (const step of stepsIn(records)) {
    const place = 'path' in step ? step.path : null;
    if (place !== null && hostPathProblem(place) !== null) return place;
    for (const entry of stagingEntriesOf(step)) if (!isStagingPlace(entry, place, id)) return entry;
    if ('staged' in step && !isStagingPlace(step.staged, place, id)) return step.staged;
  }
  return null;
};

const ENTRY = /^[0-9]+\.(?:staged|staged\.swap|preserved)$/;

const isStagingPlace = (entry: string, place: string | null, id: string): boolean => {
  const directory = parentOf(entry);
  const home = parentOf(directory);
  return (
    hostPathProblem(entry) === null &&
    ENTRY.test(nameOf(entry)) &&
    nameOf(directory) === stagingNameOf(id) &&
    (place === null || isWithin(parentOf(place), home))
  );
};
