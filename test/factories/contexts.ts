import { left, right } from 'fp-ts/lib/Either.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { silentLogger } from '../../src/adapters/logging/silent-logger.js';
import type { PondPath } from '../../src/domain/paths/pond-path.js';
import type { ContentContext, PostCommitContext } from '../../src/factories/factory.js';
import { factorySpan } from '../../src/factories/factory-span.js';
import { NO_SPAN } from '../../src/ports/no-telemetry.js';
import type { TinyFsError } from '../../src/tinyfs/errors.js';
import type { PondReader } from '../../src/tinyfs/tinyfs.js';

export const CONFIG_PATH = '/etc/system.d/20-notify.yaml' as PondPath;
export const POND_ID = '0190c1f0-0000-7000-8000-000000000001';

/** A filesystem with these files and nothing else; what the tests do not need is missing. */
export const readerOf = (files: Readonly<Record<string, string | Uint8Array>> = {}): PondReader => {
  const missing =
    (path: string): TaskEither<TinyFsError, never> =>
    () =>
      Promise.resolve(left({ _tag: 'PathNotFound', path, missing: path }));
  const bytesOf = (path: string): TaskEither<TinyFsError, Uint8Array> => {
    const content = files[path];
    if (content === undefined) return missing(path);
    return TE.right(typeof content === 'string' ? new TextEncoder().encode(content) : content);
  };
  return {
    txnSeq: 42,
    withWorkingDirectory: missing,
    stat: missing,
    lstat: missing,
    exists: (path) => TE.right(path in files),
    list: missing,
    series: missing,
    read: (path) =>
      TE.map((bytes: Uint8Array) => ({
        async *[Symbol.asyncIterator]() {
          yield bytes;
        },
      }))(bytesOf(path)),
    readBytes: bytesOf,
    readLink: missing,
    versions: missing,
    collectMatches: () => TE.right({ entries: [], unreadable: [] }),
    eachMatch: missing,
    getDynamicNodeConfig: missing,
  };
};

const common = {
  description: 'a test',
  path: CONFIG_PATH,
  nodeId: null,
  pondId: POND_ID,
  txnSeq: 42,
  dataFsVersion: 57,
  txnId: '0199c1a0-0000-7000-8000-000000000042',
  changes: [],
  relevantChanges: [],
  task: { parentTxnSeq: 42, executionSeq: 1 },
  attempt: 1,
  idempotencyKey: `${POND_ID}/42.1`,
  supersededBy: null,
  outcomes: [],
  report: () => undefined,
  query: () => TE.right({ columns: [], rows: [] }),
  args: [],
  log: silentLogger,
  span: factorySpan(NO_SPAN),
  recordProcessGroup: () => () => Promise.resolve(right(undefined)),
};

export const postCommitContext = (overrides: Partial<PostCommitContext> = {}): PostCommitContext => ({
  ...common,
  mode: 'PostCommitReader',
  isWriter: false,
  isPostCommit: true,
  fs: readerOf(),
  signal: new AbortController().signal,
  ...overrides,
});

export const contentContext = (path = '/dynamic'): ContentContext => ({
  path: path as PondPath,
  nodeId: null,
  fs: readerOf(),
  make: ({ factory }, at) => TE.left({ _tag: 'UnknownFactory', path: at, factory, known: [] }),
});

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
