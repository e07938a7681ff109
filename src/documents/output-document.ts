import type { JsonObject } from '../domain/documents/json.js';
import { printTaskId } from '../domain/plans/task-id.js';
import { isoTime } from '../domain/text/iso-time.js';
import type { TaskOutput } from '../steward/shapes/call-reports.js';
import type { OutputLine } from '../steward/shapes/output-line.js';

/** Output of an attempt of a task, as JSON. */
export const outputDocument = ({ task, attempt, attempts, lines }: TaskOutput): JsonObject => ({
  task: printTaskId(task),
  config_path: task.configPath,
  state: task.state,
  attempt,
  attempts_kept: attempts,
  lines: lines.map(outputLineDocument),
});

const outputLineDocument = ({ number, time, level, event, fields }: OutputLine): JsonObject => ({
  number,
  time: isoTime(time),
  level,
  event,
  fields,
});
