import type { StorePlace } from '../../ports/object-store.js';
import type { SharedTLog } from '../../shared-table/shared-tlog.js';

/** Facts about a pond that lies in a store; its directory holds copies only. */
export interface SharedPond {
  /** Its address, as people know it. */
  readonly address: string;
  readonly place: StorePlace;
  readonly tlog: SharedTLog;
  readonly control: SharedControl;
  /** Lets go of the store. */
  readonly close: () => void;
}

/** Place of its control table: a directory of this machine, or a database. */
export type SharedControl =
  | { readonly _tag: 'Directory'; readonly address: string; readonly directory: string }
  | { readonly _tag: 'Postgres'; readonly address: string };
