import { type Either, isLeft, right } from 'fp-ts/lib/Either.js';
import type { Mail } from '../../../ports/network/mailer.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { Entry, PondReader } from '../../../tinyfs/tinyfs.js';
import { cutTo, oneLine } from '../notices/escapes.js';

const MOST_FILES = 20;
const MOST_BYTES = 10 * 1024 * 1024;
const LONGEST_NAME = 200;

export interface Attached {
  readonly attachments: Mail['attachments'];
  /** Lines about what was left out and why. */
  readonly leftOut: readonly string[];
}

/** The files that match, as far as there is room for them in a mail. */
export const attachmentsOf = async (
  fs: Pick<PondReader, 'collectMatches' | 'read'>,
  patterns: readonly string[],
): Promise<Either<TinyFsError, Attached>> => {
  const files = new Map<string, Entry>();
  for (const pattern of patterns) {
    const matches = await fs.collectMatches(pattern)();
    if (isLeft(matches)) return matches;
    for (const entry of matches.right.entries) if (isFile(entry)) files.set(entry.path, entry);
  }
  const attachments: { name: string; content: Uint8Array }[] = [];
  const leftOut: string[] = [];
  let room = MOST_BYTES;
  for (const { path } of files.values()) {
    if (attachments.length === MOST_FILES) {
      leftOut.push(`${path} is not attached: a mail takes ${MOST_FILES} files`);
      continue;
    }
    const content = await fs.read(path)();
    if (isLeft(content)) return content;
    const bytes = await readUpTo(content.right, room);
    if (bytes === null) {
      leftOut.push(`${path} is not attached: a mail takes ${MOST_BYTES / 1024 / 1024} MiB`);
      continue;
    }
    room -= bytes.length;
    attachments.push({ name: nameOf(path), content: bytes });
  }
  return right({ attachments, leftOut });
};

const isFile = ({ entryType }: Entry): boolean =>
  ['file', 'table', 'series', 'file:dynamic'].includes(entryType);

/** The path without its first slash, so that files of one name can be told apart. */
const nameOf = (path: string): string => cutTo(LONGEST_NAME, oneLine(path.slice(1)).replaceAll('/', '_'));

/** All of a content, or null where it is longer. */
const readUpTo = async (content: AsyncIterable<Uint8Array>, limit: number): Promise<Uint8Array | null> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of content) {
    size += chunk.length;
    if (size > limit) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
};
