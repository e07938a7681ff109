import { printable } from '../../domain/text/printable.js';
import { LEFT_OUT, type OutputLine } from '../../steward/shapes/output-line.js';

/** Text of something that was said: a program's own line as it is, an event of a factory with its fields. */
export const renderOutputLine = ({ event, fields }: OutputLine): string => {
  if (event === LEFT_OUT) return `... ${String(fields.lines)} lines are not kept ...`;
  if (event === 'task_output' && typeof fields.line === 'string') return printable(fields.line);
  return [
    printable(event),
    ...Object.entries(fields).map(([name, value]) => `${printable(name)}=${shown(value)}`),
  ].join(' ');
};

/** Strings of one plain word as they are; everything else as JSON. */
const shown = (value: unknown): string =>
  typeof value === 'string' && /^[\w./:@%+,#-]+$/.test(value) ? value : printable(JSON.stringify(value));
