import type { PersistenceView } from '../../tinyfs/persistence.js';
import type { LogEntry, MetaData, Protocol } from '../log/log-entry.js';
import type { ForeseenState, PublishedTable } from '../log/publication.js';
import type { OpLogRow } from '../rows/op-log-columns.js';
import type { Intention, TransactionIdentity } from '../tlog.js';

/** Base of a write transaction. */
export interface WriteBase {
  readonly store: PublishedTable;
  readonly identity: TransactionIdentity;
  readonly pondId: string;
  /** The version that the commit will be. */
  readonly version: number;
  /** The note of that, for a table in a store. */
  readonly intention?: Intention;
  /** State before the transaction. */
  readonly view: PersistenceView;
  /** Actions of this commit about the table itself: those of a new one, or metadata that an older pond lacks. */
  readonly protocol: Protocol | null;
  readonly metaData: MetaData | null;
  /** The state that the commit will make where it becomes that version, which nobody sees before; null: nobody will read it. */
  readonly foresee: (entry: LogEntry, rows: readonly OpLogRow[]) => Foreseen | null;
  /** Takes the commit once it is published; returns the state that it made, if anybody will read it. */
  readonly onCommit: (
    entry: LogEntry,
    rows: readonly OpLogRow[],
    version: number,
    foreseen: Foreseen | null,
  ) => PersistenceView | null;
}

/** The state of a table after a commit, and the view of it. */
export interface Foreseen extends ForeseenState {
  readonly view: PersistenceView;
}
