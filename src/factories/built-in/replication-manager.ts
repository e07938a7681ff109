import { pipe } from 'fp-ts/lib/function.js';
import type { TaskEither } from 'fp-ts/lib/TaskEither.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type * as t from 'io-ts';
import { exactType } from '../../domain/documents/exact-type.js';
import type { JsonObject } from '../../domain/documents/json.js';
import { textThat } from '../../domain/documents/value-that.js';
import type { ExecutableFactory } from '../factory.js';
import { referenceOf } from '../factory-reference.js';

/** Reason why a push did not succeed, in words. */
export interface PushFailed {
  readonly message: string;
  /** Tells whether the same push may succeed later. */
  readonly retryable: boolean;
}

export interface ReplicationDeps {
  /** Pushes to a remote of the settings, so that it has the commit `covers`; where it has it already, it is not asked. */
  readonly pushRemote: (
    name: string,
    options: { readonly signal: AbortSignal; readonly traceParent: string; readonly covers: number },
  ) => TaskEither<PushFailed, JsonObject>;
}

const Config = exactType(
  'replication-manager configuration',
  { remote: textThat('the name of a remote, such as backup', (name) => name.trim() !== '') },
  {},
);

type Config = t.TypeOf<typeof Config>;

const reference = referenceOf(Config, {
  meanings: { remote: 'the name of a remote of the pond: pond remote add NAME s3://bucket/prefix' },
  example: `# Pushes each commit to the remote backup, configuration included.
factory: replication-manager
enabled: false # take this line out after: pond remote add backup s3://my-bucket/pond
description: keep the backup up to date
retry: { max_attempts: 3, initial_interval: 5s }
config:
  remote: backup
`,
});

/**
 * Pushes the pond to a remote after a commit. A push sends all that the remote lacks, so commits that have piled up are sent
 * by the first of their tasks, and the others find that there is nothing left to do.
 */
export const replicationManager = ({ pushRemote }: ReplicationDeps): ExecutableFactory<Config> => ({
  name: 'replication-manager',
  description: 'Pushes the pond to a remote.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  // A backup is of all commits.
  derived: true,
  byConfiguration: true,
  config: Config,
  reference,
  execute: (context, { remote }) =>
    pipe(
      pushRemote(remote, {
        signal: context.signal,
        traceParent: context.span.traceParent,
        covers: context.txnSeq,
      }),
      TE.mapLeft(({ message, retryable }) => ({
        _tag: 'FactoryFailed' as const,
        path: context.path,
        factory: 'replication-manager',
        message,
        retryable,
      })),
      TE.tapIO((pushed) => () => {
        context.report(pushed);
        context.log.log('info', 'pushed', { remote, ...pushed });
      }),
      TE.asUnit,
    ),
});
