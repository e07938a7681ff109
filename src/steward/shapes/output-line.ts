import type { Json } from '../../domain/documents/json.js';
import type { LogLevel } from '../../ports/logger.js';

/** Something that an attempt of a task said: a line of a program's output, or an event of a factory. */
export interface OutputLine {
  /** Place among all that the attempt said, from 1; lines that were left out are counted. */
  readonly number: number;
  /** Microseconds since the epoch. */
  readonly time: number;
  readonly level: LogLevel;
  /** `task_output` for a line that a program printed, which is then the field `line`; else what the factory says. */
  readonly event: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/** Event in the place of lines that are not kept; its field `lines` says how many these are. */
export const LEFT_OUT = 'output_left_out';
