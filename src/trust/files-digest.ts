import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import { canonicalJson } from '../domain/documents/canonical-json.js';
import { sha256 } from '../domain/documents/sha256.js';
import { compareUtf8 } from '../domain/text/bytes-order.js';
import type { FileSystemError, HostFileSystem } from '../ports/file-system.js';

/** Ports that looking at a pond's files needs. */
export type LookingFiles = Pick<HostFileSystem, 'lstat' | 'readDirectory' | 'readLink' | 'readRange'>;

/** The files of a pond's directory beside `data` and `control`. */
export interface PondFiles {
  /** Null where there are none: then there is nothing to approve. */
  readonly digest: string | null;
  readonly paths: readonly string[];
}

/** Reason why they have no digest, in words. */
export type FilesProblem = string;

const MOST_FILES = 1_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** The parts of a pond's directory that hold what is in the pond, and what is recorded of it. */
const OWN = new Set(['data', 'control']);

/**
 * Reads every regular file and the text of every link in a pond's directory outside `data` and `control`: modules and
 * scripts that came with the pond. Nothing is reached through a link, and nothing else than regular files is opened.
 */
export const pondFiles = (files: LookingFiles, directory: string): Either<FilesProblem, PondFiles> => {
  const found: { readonly path: string; readonly content: string }[] = [];
  let bytes = 0;
  const visit = (relative: string): FilesProblem | null => {
    const names = files.readDirectory(`${directory}${relative}`)();
    if (isLeft(names)) return inWords(names.left);
    for (const name of [...names.right].sort(compareUtf8)) {
      if (relative === '' && OWN.has(name)) continue;
      const path = `${relative}/${name}`;
      const stat = files.lstat(`${directory}${path}`)();
      if (isLeft(stat)) return inWords(stat.left);
      if (stat.right.kind === 'directory') {
        const problem = visit(path);
        if (problem !== null) return problem;
        continue;
      }
      if (stat.right.kind === 'other') continue;
      bytes += stat.right.size;
      if (found.length === MOST_FILES) return `there are more than ${MOST_FILES} files in it`;
      if (bytes > MOST_BYTES) return 'its files have more than 64 MiB';
      const content = contentOf(files, `${directory}${path}`, stat.right);
      if (isLeft(content)) return inWords(content.left);
      found.push({ path, content: content.right });
    }
    return null;
  };
  const problem = visit('');
  if (problem !== null) return left(problem);
  return right({
    digest:
      found.length === 0
        ? null
        : sha256(
            canonicalJson({
              digest_of: 'pond-steward files, 1',
              files: found.map(({ path, content }) => [path, content]),
            }),
          ),
    paths: found.map(({ path }) => path.slice(1)),
  });
};

const contentOf = (
  files: LookingFiles,
  path: string,
  { kind, size }: { readonly kind: string; readonly size: number },
): Either<FileSystemError, string> => {
  if (kind === 'symlink') {
    const text = files.readLink(path)();
    return isLeft(text) ? text : right(`link ${text.right}`);
  }
  const content = files.readRange(path, 0, size)();
  return isLeft(content) ? content : right(`file ${sha256(content.right)}`);
};

const inWords = ({ path, call, code }: FileSystemError): FilesProblem => `${path}: ${call} failed: ${code}`;
