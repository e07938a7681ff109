import * as E from 'fp-ts/lib/Either.js';
import { placeByOwnLinks } from '../../host-plans/steps/shared-directory.js';
import type { FileSystemError, UnsafeFile } from '../../ports/file-system.js';
import type { PondError } from '../../steward/errors.js';
import type { ByteStream } from '../../tinyfs/persistence.js';
import type { Program } from '../program.js';

export const hostFileFailed = ({ path, code, call }: FileSystemError): PondError => ({
  _tag: 'HostFileFailed',
  path,
  code,
  call,
});

/**
 * A content from outside the pond on its way in. What goes wrong while it is read ends the stream with an error that
 * TinyFS knows, which stops the transaction; what really happened is kept here, for whoever tells the user.
 */
export interface IncomingContent {
  readonly stream: ByteStream;
  readonly failure: () => PondError | null;
}

export interface Incoming {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Subject of errors. */
  readonly path: string;
  readonly signal: AbortSignal;
  readonly onBytes?: (count: number) => void;
}

/** Wraps a host's stream; see {@link IncomingContent}. An interrupt ends it even while nothing comes. */
export const incomingContent = ({ bytes, path, signal, onBytes }: Incoming): IncomingContent => {
  let failure: PondError | null = null;
  async function* stream(): AsyncGenerator<Uint8Array> {
    const source = bytes[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await interruptible(signal, source.next());
        if (next.done === true) return;
        onBytes?.(next.value.length);
        yield next.value;
      }
    } catch (thrown) {
      failure = whatHappened(thrown, path);
      throw { _tag: 'StorageFailed', path, code: 'EIO', call: 'read' };
    } finally {
      // Not awaited: a source that waits for its next byte ends only after that. Its own last error adds nothing.
      source.return?.().catch(() => undefined);
    }
  }
  return { stream: stream(), failure: () => failure };
};

/** The failure of a write that takes a content in: the content's own, which happened first, else the write's. */
export const orFailureOf =
  (content: IncomingContent) =>
  <E>(error: E): E | PondError =>
    content.failure() ?? error;

/** Paths that the shell hands over: `/dev/stdin`, or `/dev/fd/63` of a process substitution. */
const DESCRIPTOR = /^\/dev\/(stdin|fd\/\d+)$/;

/**
 * A file that the user named, read as a stream. Symlinks are followed, since they were named by whoever runs this; but for those of
 * another user that lead to what is not theirs, and what they exchange meanwhile.
 */
export async function* hostFile(
  { files, hold, neighbours: { user, allowShared } }: Pick<Program, 'files' | 'hold' | 'neighbours'>,
  path: string,
): AsyncGenerator<Uint8Array> {
  if (DESCRIPTOR.test(path)) {
    yield* files.streamFile(path);
    return;
  }
  const real = files.realPath(path)();
  if (E.isLeft(real)) throw real.left;
  if (allowShared) {
    yield* files.streamFile(real.right);
    return;
  }
  const held = hold();
  try {
    const led = placeByOwnLinks(held.files, user)(path);
    const strange = led === null ? path : led.linkOfAnother;
    if (led === null || strange !== null) throw linkOfAnother(strange ?? path);
    yield* held.files.streamFile(led.place);
  } finally {
    held.release();
  }
}

const linkOfAnother = (path: string): UnsafeFile => ({
  _tag: 'UnsafeFile',
  call: 'open',
  path,
  code: 'UNSAFE',
  found: 'symlink-of-another',
});

/** All of a stream that is no longer than `limit` bytes. No more is read of a longer one than shows that it is. */
export const readUpTo = async (
  content: IncomingContent,
  limit: number,
  tooLarge: (size: number) => PondError,
): Promise<E.Either<PondError, Uint8Array>> => {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of content.stream) {
      size += chunk.length;
      if (size > limit) return E.left(tooLarge(size));
      chunks.push(chunk);
    }
  } catch (thrown) {
    const failure = content.failure();
    if (failure === null) throw thrown;
    return E.left(failure);
  }
  return E.right(Buffer.concat(chunks));
};

const INTERRUPT: PondError = { _tag: 'Interrupted', call: 'read' };

/** A listener for each step, removed after it: a promise that lives on would keep every chunk. */
const interruptible = <A>(signal: AbortSignal, step: Promise<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    const interrupted = () => reject(INTERRUPT);
    signal.addEventListener('abort', interrupted, { once: true });
    if (signal.aborted) interrupted();
    step.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupted));
  });

const whatHappened = (thrown: unknown, path: string): PondError => {
  if (thrown === INTERRUPT) return INTERRUPT;
  if (isFileSystemError(thrown)) return thrown._tag === 'UnsafeFile' ? thrown : hostFileFailed(thrown);
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : String(thrown);
  return { _tag: 'HostFileFailed', path, code, call: 'read' };
};

/** Returns what the host's streams throw. */
const isFileSystemError = (thrown: unknown): thrown is FileSystemError =>
  typeof thrown === 'object' &&
  thrown !== null &&
  '_tag' in thrown &&
  (thrown._tag === 'FileSystemError' || thrown._tag === 'UnsafeFile');
