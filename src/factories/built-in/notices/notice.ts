import type { JsonObject } from '../../../domain/documents/json.js';

/** Subject of a notice. */
export type NoticeType = 'pond.commit' | 'pond.task.failed' | 'pond.task.recovered' | 'pond.test';

/** Something that happened in a pond, as it is told to people and programs outside. */
export interface Notice {
  /** The same for every attempt to send it, and without full stops: the key by which a receiver knows it again. */
  readonly id: string;
  readonly type: NoticeType;
  /** ISO 8601. */
  readonly timestamp: string;
  /** One line. */
  readonly title: string;
  /** The words for people, lines in paragraphs. */
  readonly text: string;
  readonly data: JsonObject;
}

/** The first names of what templates can show. */
export const NOTICE_ROOTS = [
  'id',
  'type',
  'timestamp',
  'title',
  'text',
  'pond',
  'commit',
  'notifier',
  'changes',
  'changes_total',
  'outcome',
  'commands',
] as const;

/** A notice as templates see it. */
export const templateData = ({ id, type, timestamp, title, text, data }: Notice): JsonObject => ({
  ...data,
  id,
  type,
  timestamp,
  title,
  text,
});
