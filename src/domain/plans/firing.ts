import { none, type Option, some } from 'fp-ts/lib/Option.js';

/*
 * A firing of a schedule is named by the path of its entry and the time at which it was due: `PATH@TIME`. What is run for
 * it are its tasks: the entry itself at place 0, and the entries of /etc/system.d that look at it at 1, 2, 3 ... In the
 * control table they stand behind the newest commit of their time, in the order in which firings were recorded, so that all
 * that an entry has ever run has one order. Their numbers are beyond those that the tasks of a commit can have.
 */

/** Numbers between two firings that were recorded after the same commit: more than any plan has tasks. */
const ROOM = 2 ** 20;

/** Tells whether a number of a task is one of a firing's. */
export const isOfFiring = (executionSeq: number): boolean => executionSeq >= ROOM;

/** The first number that a firing's task can have. */
export const FIRST_OF_FIRINGS = ROOM;

/** Number of the task at a place of a firing, the `ordinal`-th (from 1) that was recorded after its commit. */
export const firingSeq = (ordinal: number, place: number): number => ordinal * ROOM + place;

/** The ordinal of the firing that a task belongs to; 0: it is a task of the commit. */
export const firingOrdinalOf = (executionSeq: number): number => Math.floor(executionSeq / ROOM);

/** Place of a task within its firing; 0: the scheduled entry itself. */
export const firingPlaceOf = (executionSeq: number): number => executionSeq % ROOM;

/** A firing as it is named. */
export interface FiringName {
  /** Path of the entry. */
  readonly path: string;
  /** Time at which it was due, in microseconds since the epoch; a whole minute. */
  readonly dueAt: number;
}

/** `/etc/schedule.d/10-x@2026-11-28T21:15Z`. */
export const printFiring = ({ path, dueAt }: FiringName): string =>
  `${path}@${new Date(dueAt / 1000).toISOString().slice(0, 16)}Z`;

const NAME = /^(\/.*)@(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z)(?:\.([1-9]\d{0,5}))?$/s;

/** Reads `PATH@TIME` and `PATH@TIME.1`; anything else, and a day or hour that no calendar has, is none. `place`: null where none is named. */
export const parseFiring = (
  text: string,
): Option<FiringName & { readonly name: string; readonly place: number | null }> => {
  const [, path = '', time = '', place] = NAME.exec(text) ?? [];
  const dueAt = Date.parse(time) * 1000;
  // The 30th of February is parsed, as a day of March, and the hour 24 as the next day's first.
  return path === '' || Number.isNaN(dueAt) || printFiring({ path, dueAt }) !== `${path}@${time}`
    ? none
    : some({ path, dueAt, name: `${path}@${time}`, place: place === undefined ? null : Number(place) });
};

/** The name of the firing that a record of the control table belongs to, as a task's id carries it. */
export const firingIn = (
  executionSeq: number,
  txnId: string,
): { readonly firing: string } | Record<never, never> => (isOfFiring(executionSeq) ? { firing: txnId } : {});
