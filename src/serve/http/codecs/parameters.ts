import { isLeft } from 'fp-ts/lib/Either.js';
import { isSome } from 'fp-ts/lib/Option.js';
import * as t from 'io-ts';
import { type PondPath, parsePondPath } from '../../../domain/paths/pond-path.js';
import { parseFiring } from '../../../domain/plans/firing.js';
import { parseTaskId } from '../../../domain/plans/task-id.js';
import type { TasksAsked } from '../../../steward/shapes/call-reports.js';
import { described } from './schema-of.js';

/** A whole number in an address or a query, up to `most`. */
export const wholeText = (least: number, most: number) =>
  described(
    new t.Type<number, string, unknown>(
      `a whole number from ${least} to ${most}`,
      t.number.is,
      (input, context) => {
        const value = typeof input === 'string' && /^\d{1,15}$/.test(input) ? Number(input) : Number.NaN;
        return value >= least && value <= most ? t.success(value) : t.failure(input, context);
      },
      String,
    ),
    { type: 'integer', minimum: least, maximum: most },
  );

/** A whole number in a body. */
export const whole = (least: number, most: number) =>
  described(
    new t.Type<number, number, unknown>(
      `a whole number from ${least} to ${most}`,
      t.number.is,
      (input, context) =>
        typeof input === 'number' && Number.isInteger(input) && input >= least && input <= most
          ? t.success(input)
          : t.failure(input, context),
      t.identity,
    ),
    { type: 'integer', minimum: least, maximum: most },
  );

/** The number of a transaction in an address or a query. */
export const TxnSeqText = wholeText(1, 999_999_999_999_999);

/** The same in a body. */
export const TxnSeq = whole(1, 999_999_999_999_999);

/** A path in the pond, from its root. */
export const PathText = described(
  new t.Type<PondPath, string, unknown>(
    'a path in the pond, such as /in/data.csv',
    (input): input is PondPath => typeof input === 'string',
    (input, context) => {
      const path = typeof input === 'string' ? parsePondPath(input) : null;
      return path === null || isLeft(path) ? t.failure(input, context) : t.success(path.right);
    },
    String,
  ),
  { type: 'string', pattern: '^/', description: 'a path in the pond, from its root, without ..' },
);

const TASK_PATTERN = '^([1-9][0-9]*(\\.[1-9][0-9]*)?|/.+@[0-9T:-]+Z(\\.[0-9]+)?)$';

/** A commit, `42`, or one of its tasks, `42.1`; a firing, `PATH@TIME`, or one of its tasks, `PATH@TIME.1`: that of the entry itself is `.0`. */
export const TaskText = described(
  new t.Type<TasksAsked, string, unknown>(
    'a commit such as 42, a task such as 42.1, or a firing such as /etc/schedule.d/10-x@2026-11-28T21:15Z',
    (input): input is TasksAsked => typeof input === 'object',
    (input, context) => {
      const asked = tasksAsked(typeof input === 'string' ? input : '');
      return asked === null ? t.failure(input, context) : t.success(asked);
    },
    (asked) => {
      if ('firing' in asked)
        return asked.place === undefined ? asked.firing : `${asked.firing}.${asked.place}`;
      return asked.executionSeq === undefined ? `${asked.txnSeq}` : `${asked.txnSeq}.${asked.executionSeq}`;
    },
  ),
  { type: 'string', pattern: TASK_PATTERN },
);

const tasksAsked = (text: string): TasksAsked | null => {
  const isOwn = text.endsWith('Z.0');
  const firing = parseFiring(isOwn ? text.slice(0, -'.0'.length) : text);
  if (isSome(firing)) {
    const { name, place } = firing.value;
    const chosen = isOwn ? 0 : place;
    return { firing: name, ...(chosen === null ? {} : { place: chosen }) };
  }
  if (/^[1-9]\d{0,14}$/.test(text)) return { txnSeq: Number(text) };
  const task = parseTaskId(text);
  return isSome(task) ? { txnSeq: task.value.parentTxnSeq, executionSeq: task.value.executionSeq } : null;
};
