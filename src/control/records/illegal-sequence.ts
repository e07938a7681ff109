import type { RecordType } from './control-record.js';
import type { TaskState } from './task-status.js';

/** A record that cannot stand where it stands: it does not follow from those before it. */
export interface IllegalSequence {
  readonly _tag: 'IllegalSequence';
  readonly recordId: number;
  readonly recordType: RecordType;
  /** State that the records before it had led to; null: there are none. */
  readonly after: TaskState | 'begun' | 'committed' | 'ended' | null;
  readonly problem: 'not-allowed-here' | 'wrong-attempt' | 'columns-missing';
}

/** The sequence's fault in words, for an error that somebody has to look into. */
export const describeIllegalSequence = (fault: IllegalSequence): string =>
  `record ${fault.recordId}: ${fault.recordType} after ${fault.after ?? 'nothing'} (${fault.problem})`;
