import { isRight } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import type { Json } from '../../domain/documents/json.js';
import { printable } from '../../domain/text/printable.js';

const Line = t.type({ level: t.string, time: t.string, event: t.string });

const COLOURS: Readonly<Record<string, number>> = { debug: 90, info: 36, warn: 33, error: 31 };
const DIM = 2;

/** A line of the JSON log for people: `03:04:05 info  task_completed task=42.1 duration_ms=12`. */
export const readableLine = (json: string, colour: boolean): string => {
  const parsed: unknown = JSON.parse(json);
  const line = Line.decode(parsed);
  if (!isRight(line) || !t.UnknownRecord.is(parsed)) return json;
  const { level, time, event } = line.right;
  const paint = (code: number, text: string) => (colour ? `\u001b[${code}m${text}\u001b[0m` : text);
  const fields = Object.entries(parsed)
    .filter(([name]) => !['level', 'time', 'event'].includes(name))
    .map(([name, value]) => `${paint(DIM, `${printable(name)}=`)}${shown(value)}`);
  return `${[
    paint(DIM, time.slice(11, 19)),
    paint(COLOURS[level] ?? DIM, level.padEnd(5)),
    printable(event),
    ...fields,
  ].join(' ')}\n`;
};

/** Line that a task said while it ran. */
export interface TaskLine {
  readonly configPath: string;
  readonly event: string;
  readonly fields: Readonly<Record<string, Json>>;
}

/**
 * A line of a task's output as it comes: `20-report | 12 rows`; what else a factory says is an event with its fields:
 * `30-publish | exported target=/srv/site files=3`.
 */
export const taskLine = ({ configPath, event, fields }: TaskLine, colour: boolean): string => {
  const name = printable(configPath.slice(configPath.lastIndexOf('/') + 1));
  const { line, ...rest } = fields;
  const words =
    event === 'task_output' && typeof line === 'string'
      ? printable(line)
      : [
          printable(event),
          ...Object.entries(rest).map(([key, value]) => `${printable(key)}=${shown(value)}`),
        ].join(' ');
  return `${colour ? `\u001b[${DIM}m${name} |\u001b[0m` : `${name} |`} ${words}\n`;
};

/** Strings of one plain word as they are; everything else as JSON, without characters that a terminal acts upon. */
const shown = (value: unknown): string =>
  typeof value === 'string' && /^[\w./:@%+,#-]+$/.test(value) ? value : printable(JSON.stringify(value));
