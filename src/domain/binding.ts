import { canonicalJson } from './documents/canonical-json.js';

/**
 * Place where a record was made. Records by which this product kills, moves or deletes carry it, together with a message
 * authentication code over it and over what they say: they are acted on only where they were made, by the user who
 * made them. A pond that was copied, or comes from elsewhere, has them, too.
 */
export interface Binding {
  /** The machine. */
  readonly machine: string;
  /** The inode of the pond's directory, in decimal; it stays the same when the directory is moved on its disk. */
  readonly inode: string;
  /** The device of that directory, in decimal. It may be another one after the machine was started again. */
  readonly device: string;
  /** The machine since it was last started; null where the system does not tell. */
  readonly boot: string | null;
  /** The namespace in which pids are counted; null where the system does not tell. */
  readonly pid_namespace: string | null;
}

/** Result of comparing a record's binding with the place where it is read. */
export type Whereabouts =
  /** The record was made here, and nothing was started again since. */
  | 'here'
  /** The record was made here, before this machine was started again, or among other processes: no process that it names is there. */
  | 'before'
  /** The record was made on another machine, or for another pond's directory. */
  | 'elsewhere';

/** Reason why a record is not this user's, for this place. */
export type Elsewhere =
  /** Nothing says who made it: a version before 0.2.0 did, or somebody for whom no key could be kept. */
  | 'unsigned'
  /** Nothing says who wrote its last lines: its adoption was interrupted, or somebody has added to it. */
  | 'unsigned-end'
  /** Made on another machine or for another directory: in a copy, say, or what is restored from a backup. */
  | 'another-place'
  /** Another user made it, or somebody has changed it. */
  | 'another-author'
  /** No key can be kept here, so nothing can be told. */
  | 'no-key';

/** Compares where a record was made with where it is read. */
export const whereabouts = (made: Binding, here: Binding): Whereabouts => {
  if (made.machine !== here.machine || made.inode !== here.inode) return 'elsewhere';
  if (made.boot !== here.boot) return 'before';
  if (made.device !== here.device) return 'elsewhere';
  return made.pid_namespace === here.pid_namespace ? 'here' : 'before';
};

/** The text that a record's code is computed of: its binding, and what it says. `kind` keeps records of one kind from being taken for another's. */
export const boundText = (
  kind: string,
  binding: Binding,
  said: Readonly<Record<string, string | number | null>>,
): string => canonicalJson([kind, { ...binding }, { ...said }]);
