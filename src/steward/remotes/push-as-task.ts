import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../domain/documents/json.js';
import type { PushFailed, ReplicationDeps } from '../../factories/built-in/replication-manager.js';
import { describeError } from '../describe-error.js';
import type { PondError } from '../errors.js';
import type { Pond } from '../pond/pond.js';
import { pushRemote } from './push-remote.js';

/** Pushes to a remote inside a task: what became of it is the task's report, and what failed says whether another attempt may help. */
export const pushAsTask = (
  pond: Pond,
  name: string,
  { signal, traceParent, covers }: Parameters<ReplicationDeps['pushRemote']>[1],
): TaskEither<PushFailed, JsonObject> =>
  pipe(
    pushRemote(pond, name, { signal, covers, trace: { traceParent, origin: 'here' } }),
    TE.mapLeft((error: PondError) => ({ message: inWords(name, error), retryable: mayHelp(error) })),
    TE.map(({ url, how, version, txnSeq, entries, blobs, usage }) => ({
      remote: name,
      url,
      how,
      version,
      txn_seq: txnSeq,
      entries,
      blobs,
      requests: usage.requests,
      bytes_sent: usage.bytesSent,
    })),
  );

/** A task has no line of its own for a remedy. */
const inWords = (name: string, error: PondError): string =>
  error._tag === 'NoSuchRemote'
    ? `${describeError(error)}: pond remote add ${name} s3://bucket/prefix`
    : describeError(error);

const mayHelp = (error: PondError): boolean =>
  error._tag === 'PondLocked' || (error._tag === 'StoreFailed' && error.isTransient);
