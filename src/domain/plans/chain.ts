import { isSome } from 'fp-ts/lib/Option.js';
import * as t from 'io-ts';
import { parseTaskId, type TaskId } from './task-id.js';

/**
 * A task, or a run by hand, inside which a commit was made. Field names are those of the stored JSON: a chain stands in
 * `commitInfo.caused_by`, in the control table and in `POND_CHAIN`.
 */
export type ChainLink = {
  readonly pond_id: string;
  /** `42.1`; null for a run by hand, which does not count as a task: a commit inside it is an ordinary one. */
  readonly task: string | null;
  /** The entry that ran. */
  readonly config_path: string;
  /** Firing of a schedule that ran it, `PATH@TIME`, or what ran for it; left out where there is none. */
  readonly firing?: string;
};

/** Everything inside which a commit was made, the outermost first; empty for one that nothing has caused. */
export type Chain = readonly ChainLink[];

/** The most links that a chain may have: a commit that has so many behind it sets off nothing. */
export const DEEPEST_CHAIN = 16;

/**
 * The most commits of a pond that may set something off inside the tasks of one commit that nothing has caused: entries that
 * set each other off run once in each chain, and of a few of them there are thousands of chains.
 */
export const MOST_DERIVED = 100;

const ChainLinkCodec: t.Type<ChainLink> = t.readonly(
  t.intersection(
    [
      t.type({ pond_id: t.string, task: t.union([t.string, t.null]), config_path: t.string }),
      t.partial({ firing: t.string }),
    ],
    'ChainLink',
  ),
);

export const ChainCodec: t.Type<Chain> = t.readonlyArray(ChainLinkCodec, 'Chain');

/** The tasks of one pond in a chain, the outermost first. */
export const tasksInChain = (chain: Chain, pondId: string): readonly TaskId[] =>
  chain.flatMap(({ pond_id, task }) => {
    if (pond_id !== pondId || task === null) return [];
    const id = parseTaskId(task);
    return isSome(id) ? [id.value] : [];
  });

/** The task of a pond inside which a commit of this pond was made, which makes it a derived one; null: there is none. */
export const innermostTask = (chain: Chain, pondId: string): TaskId | null =>
  tasksInChain(chain, pondId).at(-1) ?? null;

/** Number of the commits that were made inside tasks of the same outermost commit, or the same run by hand, as a chain. */
export const countOfSameCause = (chain: Chain, commits: readonly { readonly causedBy: Chain }[]): number => {
  const cause = outermostOf(chain);
  return commits.filter(({ causedBy }) => outermostOf(causedBy) === cause).length;
};

const outermostOf = ([first]: Chain): string => {
  if (first === undefined) return '';
  const { pond_id, task, config_path, firing } = first;
  return JSON.stringify([pond_id, task === null ? (firing ?? config_path) : task.replace(/\.\d+$/, '')]);
};

/** Several chains as one: what is in two of them counts where it stands first. */
export const joinChains = (chains: readonly Chain[]): Chain => {
  const known = new Set<string>();
  return chains.flat().filter(({ pond_id, task, config_path, firing }) => {
    const key = JSON.stringify([pond_id, task ?? firing ?? '', config_path]);
    return !known.has(key) && known.add(key).size > 0;
  });
};

/** A link in words: `42.1 /etc/system.d/10-agg`. */
export const printLink = ({ task, config_path, firing }: ChainLink): string =>
  `${task ?? firing ?? 'by hand'} ${config_path}`;
