import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { shellWord } from '../../../domain/shell-word.js';
import type { HttpAnswer } from '../../../ports/network/http-client.js';
import type { PondReader } from '../../../tinyfs/tinyfs.js';
import type { HttpCollectConfig } from './http-collect-config.js';

/** State that a server has given and that a later run tells it. It lies beside what is collected, and is written in the same transaction. */
export interface CollectedState {
  /** Digest of what was asked and how its answer was read, which `etag` and `modified` belong to. */
  readonly address: string;
  readonly etag: string;
  readonly modified: string;
  readonly cursor: string;
  /** Rows that came before the cursor, as JSON, whose time has not come: nobody will send them again. */
  readonly held: readonly string[];
}

const NOTHING: CollectedState = { address: '', etag: '', modified: '', cursor: '', held: [] };

const StateCodec = t.intersection([
  t.type({ address: t.string, etag: t.string, modified: t.string, cursor: t.string }),
  t.partial({ held: t.readonlyArray(t.string) }),
]);

/** Path of the state of what is collected into a path. */
export const statePath = (into: string): string =>
  into.replace(/[^/]+$/, (name) => `.${name}.collected.json`);

/** The state as it is in the pond. Throws where there is something else: going on without it could double everything. */
export const readState = async (fs: Pick<PondReader, 'readBytes'>, into: string): Promise<CollectedState> => {
  const path = statePath(into);
  const bytes = await fs.readBytes(path)();
  if (isLeft(bytes)) {
    if (bytes.left._tag === 'PathNotFound') return NOTHING;
    throw bytes.left;
  }
  const state = StateCodec.decode(jsonOf(bytes.right));
  if (isLeft(state))
    throw new Error(
      `${path} is not what http-collect writes there; pond rm ${shellWord(path)} makes it ask from the beginning`,
    );
  const { address, etag, modified, cursor, held = [] } = state.right;
  return { address, etag, modified, cursor, held };
};

const jsonOf = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    // Whoever reads it says that it is not a state.
    return null;
  }
};

/** Digest of a request and of all that decides which rows are made of its answer. An address may have a secret in it. */
const digestOf = (
  url: URL,
  { format, nulls, rows, time_column, timezone, columns, unique, overlap, ahead }: HttpCollectConfig,
): string => {
  const reading = { format, nulls, rows, time_column, timezone, columns, unique, overlap, ahead };
  return createHash('sha256')
    .update(`${url.href}\n${JSON.stringify(reading)}`)
    .digest('hex');
};

/** Headers by which a server may say that nothing has changed, where it was asked for the same before. */
export const conditionalHeaders = (
  { address, etag, modified, held }: CollectedState,
  url: URL,
  config: HttpCollectConfig,
): Readonly<Record<string, string>> => {
  // That the first page is what it was says nothing of the others.
  if (config.page !== undefined || held.length > 0 || address !== digestOf(url, config)) return {};
  if (etag !== '') return { 'if-none-match': etag };
  return modified === '' ? {} : { 'if-modified-since': modified };
};

/** The state after an answer. */
export const stateAfter = (
  url: URL,
  { headers }: Pick<HttpAnswer, 'headers'>,
  config: HttpCollectConfig,
  before: CollectedState,
): CollectedState => {
  const { etag = '', 'last-modified': modified = '' } = headers;
  const isAsked = config.page === undefined && etag + modified !== '';
  return isAsked ? { ...before, address: digestOf(url, config), etag, modified } : withoutConditions(before);
};

/** The state after which everything is asked for once more. */
export const withoutConditions = (state: CollectedState): CollectedState => ({
  ...state,
  address: '',
  etag: '',
  modified: '',
});

/** Tells whether rows that came after one state are those that come after the other. */
export const isSameProgress = (a: CollectedState, b: CollectedState): boolean =>
  a.cursor === b.cursor && JSON.stringify(a.held) === JSON.stringify(b.held);

export const isSameState = (a: CollectedState, b: CollectedState): boolean => stateText(a) === stateText(b);

/** The state as it is written. */
export const stateText = ({ held, ...state }: CollectedState): string =>
  `${JSON.stringify({ ...state, ...(held.length === 0 ? {} : { held }) })}\n`;
