import type { ServerReply, ServerRequest } from '../../ports/network/http-server.js';
import { EVERY_ANSWER } from './exchange/reply.js';

/** A file of the page. */
export interface PageFile {
  readonly type: string;
  readonly bytes: Uint8Array;
  /** The same, compressed by gzip. */
  readonly compressed: Uint8Array;
}

/** The files of the page by their names; `index.html` is what is shown at every address that is not a file's. */
export type PageFiles = ReadonlyMap<string, PageFile>;

/** Nothing but this server's own files acts on the page, and nothing of it goes anywhere else. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** A file of the page; null: there is no such file. It has nothing of a pond in it, so everybody may have it. */
export const pageReply = (
  files: PageFiles,
  path: string,
  { headers }: Pick<ServerRequest, 'headers'>,
): ServerReply | null => {
  const name = path.slice(1);
  // Names of ponds may look like those of files, but none is below `assets/`.
  const file = files.get(name) ?? (name.startsWith('assets/') ? undefined : files.get('index.html'));
  if (file === undefined) return null;
  const gzip = /\bgzip\b/.test(headers['accept-encoding'] ?? '');
  return {
    status: 200,
    headers: {
      ...EVERY_ANSWER,
      'content-type': file.type,
      'content-security-policy': POLICY,
      'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
      // Names of scripts have a digest of their content in them.
      'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    },
    body: gzip ? file.compressed : file.bytes,
  };
};
