import { createHash } from 'node:crypto';
import { isLeft } from 'fp-ts/lib/Either.js';
import type { HttpAnswer } from '../../../ports/http-client.js';
import type { PondReader } from '../../../tinyfs/tinyfs.js';

/** State that a server has given and that a later run tells it. It lies beside what is collected, and is written in the same transaction. */
export interface CollectedState {
  /** Digest of the address that `etag` and `modified` belong to. */
  readonly address: string;
  readonly etag: string;
  readonly modified: string;
  readonly cursor: string;
}

const NOTHING: CollectedState = { address: '', etag: '', modified: '', cursor: '' };

/** Path of the state of what is collected into a path. */
export const statePath = (into: string): string =>
  into.replace(/[^/]+$/, (name) => `.${name}.collected.json`);

/** The state as it is in the pond; what is not one says nothing. */
export const readState = async (fs: Pick<PondReader, 'readBytes'>, into: string): Promise<CollectedState> => {
  const bytes = await fs.readBytes(statePath(into))();
  if (isLeft(bytes)) {
    if (bytes.left._tag === 'PathNotFound') return NOTHING;
    throw bytes.left;
  }
  const said: unknown = JSON.parse(new TextDecoder().decode(bytes.right));
  const textOf = (key: string): string => {
    const value: unknown = typeof said === 'object' && said !== null ? Reflect.get(said, key) : null;
    return typeof value === 'string' ? value : '';
  };
  return {
    ...{ address: textOf('address'), etag: textOf('etag') },
    ...{ modified: textOf('modified'), cursor: textOf('cursor') },
  };
};

/** An address may have a secret in it. */
const digestOf = (url: URL): string => createHash('sha256').update(url.href).digest('hex');

/** Headers by which a server may say that nothing has changed, where it was asked for the same before. */
export const conditionalHeaders = (
  { address, etag, modified }: CollectedState,
  url: URL,
): Readonly<Record<string, string>> => {
  if (address !== digestOf(url)) return {};
  if (etag !== '') return { 'if-none-match': etag };
  return modified === '' ? {} : { 'if-modified-since': modified };
};

/** The state after an answer. */
export const stateAfter = (
  url: URL,
  { headers }: Pick<HttpAnswer, 'headers'>,
  cursor: string,
): CollectedState => {
  const { etag = '', 'last-modified': modified = '' } = headers;
  return { address: etag + modified === '' ? '' : digestOf(url), etag, modified, cursor };
};

/** The state as it is written; null where there is nothing to be said later. */
export const stateText = (state: CollectedState): string | null =>
  Object.values(state).every((value) => value === '') ? null : `${JSON.stringify(state)}\n`;
