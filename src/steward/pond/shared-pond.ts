import type { StorePlace } from '../../ports/object-store.js';
import type { SharedTLog } from '../../shared-table/shared-tlog.js';
import type { ReliableStore } from '../../stores/reliable-store.js';
import type { StewardPorts } from '../steward-ports.js';

/** Makes ports that are confined to a directory. */
export type Confine = (directory: string) => StewardPorts;

/** Facts about a pond that lies in a store; its directory holds copies only. */
export interface SharedPond {
  /** Its address, as people know it. */
  readonly address: string;
  readonly place: StorePlace;
  readonly store: ReliableStore;
  readonly tlog: SharedTLog;
  readonly control: SharedControl;
  readonly confine: Confine;
  /** Lets go of the store. */
  readonly close: () => void;
}

/** A shared pond that can be opened: by which ports, in which directory of copies. */
export interface SharedEntrance {
  readonly ports: StewardPorts;
  readonly directory: string;
  readonly shared: SharedPond;
}

/** Place of its control table: a directory of this machine, or a database. */
export type SharedControl =
  | { readonly _tag: 'Directory'; readonly address: string; readonly directory: string }
  | { readonly _tag: 'Postgres'; readonly address: string };
