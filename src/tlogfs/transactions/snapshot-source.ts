import type { PublishedTable } from '../log/publication.js';
import type { Table } from '../log/table.js';
import type { RowFiles } from '../rows/row-files.js';

/** Parts that snapshots of one table share. */
export interface SnapshotSource extends PublishedTable {
  readonly table: Table;
  readonly rowFiles: RowFiles;
}
