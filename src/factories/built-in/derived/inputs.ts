import { createHash } from 'node:crypto';
import { isLeft, left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import type { Jsonable } from '../../../domain/documents/canonical-json.js';
import { sha256 } from '../../../domain/documents/sha256.js';
import { type Steps, steps } from '../../../effects/steps.js';
import type { ContentFormat, QueryTable } from '../../../ports/query-engine.js';
import { contentFormat } from '../../../queries/content-format.js';
import type { ByteStream } from '../../../tinyfs/persistence.js';
import { isTinyFsError } from '../../../tinyfs/thrown-error.js';
import type { Entry } from '../../../tinyfs/tinyfs.js';
import type { Work } from './derived-content.js';
import type { DerivedProblem } from './derived-problem.js';

/** One content among those that an input consists of. */
export interface Part {
  /** SHA-256 of the bytes. */
  readonly digest: string;
  /** The times of its rows, as whoever wrote it said, in microseconds since the epoch; null: nobody did. */
  readonly range: readonly [number, number] | null;
  /** A file of the host with these bytes. */
  readonly file: TaskEither<DerivedProblem, string>;
}

/** What is read under one path or pattern, at the reader's snapshot. */
export interface Input {
  readonly path: string;
  readonly format: ContentFormat;
  /** In the order in which they are read: of a series its versions, oldest first. */
  readonly parts: readonly Part[];
}

/** Everything that a result depends on of an input. */
export const identityOf = ({ path, format, parts }: Input): Jsonable => ({
  path,
  format,
  parts: parts.map(({ digest }) => digest),
});

/**
 * Finds what is at a path, or everything that matches a pattern. What is stored is not read for it; what a factory makes
 * is, since only its bytes tell whether it is the same.
 */
export const inputAt = (work: Work, path: string): TaskEither<DerivedProblem, Input> =>
  steps(async (s) => {
    const entries = await entriesAt(s, work, path);
    const parts: Part[] = [];
    const formats = new Map<ContentFormat, string>();
    for (const entry of entries) {
      formats.set(s.take(contentFormat(entry)), entry.path);
      parts.push(...(await s.run(partsOf(work, entry))));
    }
    const [format, other] = formats.keys();
    if (format === undefined || parts.length === 0)
      return s.fail({ _tag: 'NotDerivable', message: `there is nothing to read at ${path}` });
    if (other !== undefined) {
      const both = [...formats.values()].slice(0, 2).join(' and ');
      return s.fail({ _tag: 'NotDerivable', message: `${path} names contents of several formats: ${both}` });
    }
    return { path, format, parts };
  });

const isPattern = (path: string): boolean => /[*?[\]{}]/.test(path);

const entriesAt = async (s: Steps<DerivedProblem>, { fs }: Work, path: string): Promise<readonly Entry[]> => {
  if (!isPattern(path)) {
    const entry = await s.run(fs.stat(path));
    return isDirectory(entry) ? s.fail({ _tag: 'IsADirectory', path }) : [entry];
  }
  const { entries, unreadable } = await s.run(fs.collectMatches(path));
  const [closed] = unreadable;
  if (closed !== undefined) return s.fail(closed.error);
  const found: Entry[] = [];
  for (const entry of entries) {
    const target = entry.entryType === 'symlink' ? await s.run(fs.stat(entry.path)) : entry;
    if (!isDirectory(target)) found.push(target);
  }
  return found;
};

const isDirectory = ({ entryType }: Entry): boolean =>
  entryType === 'directory' || entryType === 'directory:dynamic';

const partsOf = (work: Work, entry: Entry): TaskEither<DerivedProblem, readonly Part[]> => {
  const { fs } = work;
  const { path } = entry;
  if (entry.entryType === 'series')
    return steps(async (s) =>
      (await s.run(fs.versions(path))).map(({ version, sha256: digest, minEventTime, maxEventTime }) => ({
        digest: digest ?? '',
        range: minEventTime === null || maxEventTime === null ? null : [minEventTime, maxEventTime],
        file: steps<DerivedProblem, string>(async (inner) => {
          const content = await inner.run(fs.read(path, { version }));
          return inner.run(checkedFile(work, `${path}\0${version}`, content));
        }),
      })),
    );
  return steps(async (s) => {
    // What a factory makes has no digest of its own, and an executable's content is its configuration.
    const stored = entry.entryType === 'file' || entry.entryType === 'table' ? entry.sha256 : null;
    const content = await s.run(fs.read(path));
    if (stored !== null) {
      return [{ digest: stored, range: null, file: checkedFile(work, path, content) }];
    }
    const { file, digest } = await s.run(spooled(work, path, content));
    return [{ digest, range: null, file: async () => right(file) }];
  });
};

/** A stored content in a file, where it is or else in the working directory; reading it all compares its digest. */
const checkedFile =
  (work: Work, name: string, content: ByteStream): TaskEither<DerivedProblem, string> =>
  async () => {
    const { file } = content;
    if (file === undefined) {
      const held = await spooled(work, name, content)();
      return isLeft(held) ? held : right(held.right.file);
    }
    try {
      for await (const _ of content);
      return right(file);
    } catch (thrown) {
      if (isTinyFsError(thrown)) return left(thrown);
      throw thrown;
    }
  };

/** A content in a file of the working directory. */
const spooled =
  (
    { files, bounds }: Work,
    name: string,
    content: ByteStream,
  ): TaskEither<DerivedProblem, { readonly file: string; readonly digest: string }> =>
  async () => {
    const file = `${bounds.workspace}/input-${sha256(name)}`;
    const known = files.stat(file)();
    const hash = createHash('sha256');
    if (!isLeft(known)) {
      for await (const chunk of files.streamFile(file)) hash.update(chunk);
      return right({ file, digest: hash.digest('hex') });
    }
    try {
      const written = await files.streamToNewFile(
        file,
        hashed(content, (chunk) => hash.update(chunk)),
      )();
      return isLeft(written) ? written : right({ file, digest: hash.digest('hex') });
    } catch (thrown) {
      if (isTinyFsError(thrown)) return left(thrown);
      throw thrown;
    }
  };

async function* hashed(content: ByteStream, take: (chunk: Uint8Array) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    take(chunk);
    yield chunk;
  }
}

/** Some of an input's parts as a table of a query. */
export const tableOf = (
  name: string,
  { path, format }: Pick<Input, 'path' | 'format'>,
  parts: readonly Part[],
  numbered?: string,
): TaskEither<DerivedProblem, QueryTable> =>
  steps(async (s) => {
    const contents: { readonly file: string }[] = [];
    for (const { file } of parts) contents.push({ file: await s.run(file) });
    return { name, path, format, contents, ...(numbered === undefined ? {} : { numbered }) };
  });
