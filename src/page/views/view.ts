import type { Place } from '../routing.js';

/** Properties of every view. */
export interface ViewOf {
  readonly pond: string;
  readonly place: Place;
  /** Counts the changes of the pond: another number is another state. */
  readonly version: number;
  readonly isReadOnly: boolean;
}
