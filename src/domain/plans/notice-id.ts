import { canonicalJson } from '../documents/canonical-json.js';
import { sha256 } from '../documents/sha256.js';
import type { Notice } from './task-outcome.js';

/** The pond that a notice comes from. */
export interface NoticePlace {
  readonly pondId: string;
  /** Null: the pond's first. A pond that was restored or moved to another machine begins a new one with its first write. */
  readonly incarnation: string | null;
}

/** Subject of a notice. */
export interface NoticeSubject {
  /** Path of the entry that sends it. */
  readonly notifier: string;
  /** Path of the entry that has begun to fail or has completed again. */
  readonly watched: string;
  /** The task with which it began to fail, `42.1`. */
  readonly firstFailing: string;
  readonly of: Notice['of'];
}

/** Hexadecimal digits of an id: 128 bits. */
const LENGTH = 32;

/** The id of a notice: the same whenever it is about the same, and for nothing else. Without full stops, which delimit what webhooks sign. */
export const noticeId = (
  { pondId, incarnation }: NoticePlace,
  { notifier, watched, firstFailing, of }: NoticeSubject,
): string =>
  `msg_${sha256(canonicalJson([pondId, incarnation, notifier, watched, firstFailing, of])).slice(0, LENGTH)}`;
