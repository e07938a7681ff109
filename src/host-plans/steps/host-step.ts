import * as t from 'io-ts';
import type { Owner } from '../../ports/file-system.js';

/**
 * Changes that operations are made of. Each step is one change that is there or not, whatever happens, and whose undoing can
 * tell from the filesystem alone whether it is there: so a crash at any moment, also during the undoing, can be undone.
 *
 * - `StageFile`, `StageLink`: makes the new entry in the staging directory, where it stays until the plan has ended:
 *   what shares its inode was made by this plan.
 * - `Place`: the staged entry gets a name at `path`, which is free.
 * - `Replace`: what is at `path` gets a second name, `preserved`; then the staged entry is renamed over it.
 * - `TakeAway`: what is at `path` is renamed to `preserved`.
 * - `MakeDirectory`, `MakeLink`: at a free path.
 * - `SetMode`: of a directory that the plan made.
 */
const OwnerCodec: t.Type<Owner> = t.type({ user: t.number, group: t.number, give: t.boolean });

const StageFile = t.intersection([
  t.type({
    step: t.literal('StageFile'),
    staged: t.string,
    /** Source of the bytes: the operation's own content, a copy of `source`, or `source` itself by a second name. */
    by: t.union([t.literal('content'), t.literal('copy'), t.literal('second-name')]),
    source: t.union([t.string, t.null]),
    mode: t.number,
    /** Microseconds since the epoch; null: now. */
    modifiedAt: t.union([t.number, t.null]),
  }),
  /** Owner of the original, where the mode is that of an original. */
  t.partial({ owner: OwnerCodec }),
]);
const StageLink = t.intersection([
  t.type({ step: t.literal('StageLink'), staged: t.string, text: t.string }),
  t.partial({ owner: OwnerCodec }),
]);
const Place = t.type({ step: t.literal('Place'), path: t.string, staged: t.string });
const Replace = t.type({
  step: t.literal('Replace'),
  path: t.string,
  staged: t.string,
  preserved: t.string,
});
const TakeAway = t.type({
  step: t.literal('TakeAway'),
  path: t.string,
  preserved: t.string,
  expected: t.union([
    t.literal('file'),
    t.literal('symlink'),
    t.literal('file-or-symlink'),
    t.literal('directory'),
    t.literal('empty-directory'),
  ]),
});
const MakeDirectory = t.type({ step: t.literal('MakeDirectory'), path: t.string, mode: t.number });
const MakeLink = t.type({ step: t.literal('MakeLink'), path: t.string, text: t.string });
const SetMode = t.type({ step: t.literal('SetMode'), path: t.string, before: t.number, after: t.number });

export const HostStepCodec = t.union([
  MakeLink,
  MakeDirectory,
  StageFile,
  StageLink,
  Place,
  Replace,
  TakeAway,
  SetMode,
]);

export type HostStep = t.TypeOf<typeof HostStepCodec>;

/** The step of one name. */
export type HostStepOf<K extends HostStep['step']> = Extract<HostStep, { readonly step: K }>;

const NONE: readonly string[] = [];

/** The entry in a staging directory that belongs to a step: made by the plan (`staged`) or put aside (`preserved`). */
export const stagingEntriesOf = (step: HostStep): readonly string[] => {
  switch (step.step) {
    case 'StageFile':
    case 'StageLink':
      return [step.staged];
    case 'Replace':
      return [swapOf(step.staged), step.preserved];
    case 'TakeAway':
      return [step.preserved];
    case 'Place':
    case 'MakeDirectory':
    case 'MakeLink':
    case 'SetMode':
      return NONE;
  }
};

/** The second name of a staged entry, which is renamed over what it replaces. */
export const swapOf = (staged: string): string => `${staged}.swap`;
