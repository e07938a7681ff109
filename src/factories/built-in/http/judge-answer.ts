import { type Either, isLeft } from 'fp-ts/lib/Either.js';
import { cutBetweenWords } from '../../../domain/secrets/torn-text.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import { oneLine } from '../notices/escapes.js';
import { withoutCoding } from './content-coding.js';
import { retryAfterMs } from './retry-after.js';

/** Statuses of a server that is busy, besides those of its own errors. */
const BUSY = new Set([408, 425, 429]);
/** Characters that are shown of an answer. */
const LONGEST_SAID = 300;

/** An answer, or the lack of one, as something that can be decided on; `bytes`: of what was answered, uncompressed. */
export type Judged = { readonly bytes: number } & (
  | { readonly _tag: 'Answer'; readonly answer: HttpAnswer }
  | { readonly _tag: 'Refused'; readonly message: string }
  | {
      readonly _tag: 'Again';
      readonly message: string;
      /** Tells whether the server says itself that it is asked too often. */
      readonly isBusy: boolean;
      /** Milliseconds that the server asks to wait for. */
      readonly waitMs: number | null;
    }
);

/** Tells answers from what is worth another request, and from what is not. */
export const judgeAnswer = async (
  answer: Either<string, HttpAnswer>,
  maxBytes: number,
  nowMicros: number,
): Promise<Judged> => {
  const again = { _tag: 'Again', isBusy: false, waitMs: null } as const;
  if (isLeft(answer)) return { ...again, message: answer.left, bytes: 0 };
  const decoded = await withoutCoding(answer.right, maxBytes);
  const { status, headers, body, isCut } = isLeft(decoded) ? answer.right : decoded.right;
  const bytes = Math.max(body.length, answer.right.body.length);
  if (BUSY.has(status) || status >= 500) {
    const waitMs = retryAfterMs(headers['retry-after'], nowMicros);
    const message = describeAnswer({ status, body: isLeft(decoded) ? new Uint8Array() : body });
    return { ...again, message, isBusy: status === 429, waitMs, bytes };
  }
  if (isLeft(decoded)) return { _tag: 'Refused', message: decoded.left, bytes };
  if (!isCut) return { _tag: 'Answer', answer: decoded.right, bytes };
  return body.length >= maxBytes
    ? { _tag: 'Refused', message: `answered more than ${maxBytes} bytes, which is more than is read`, bytes }
    : { ...again, message: 'ended inside its answer', bytes };
};

/** A status and the beginning of what was said, on one line. */
export const describeAnswer = ({ status, body }: Pick<HttpAnswer, 'status' | 'body'>): string => {
  const said = cutBetweenWords(LONGEST_SAID, oneLine(new TextDecoder().decode(body)));
  return `answered ${status}${said === '' ? '' : `: ${said}`}`;
};
