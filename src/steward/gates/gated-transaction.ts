import type { Task } from 'fp-ts/lib/Task.js';
import type { HeldLog } from '../../effects/held-log.js';
import type { Registry } from '../../factories/registry/registry.js';
import type { Span } from '../../ports/telemetry.js';
import type { PondWriter } from '../../tinyfs/tinyfs.js';
import type { TLogWriter, TransactionIdentity } from '../../tlogfs/tlog.js';
import type { Surroundings } from '../pond/inside/surroundings.js';
import type { Pond } from '../pond/pond.js';

/** A transaction whose body has ended, and which is not committed yet. */
export interface GatedTransaction {
  readonly pond: Pond;
  readonly span: Span;
  /** Chain that the write is made inside of. */
  readonly around: Surroundings;
  readonly signal: AbortSignal;
  readonly identity: TransactionIdentity;
  readonly baseVersion: number;
  readonly persistence: TLogWriter;
  readonly registry: Task<Registry>;
  readonly fs: PondWriter;
  /** A log for what a gate says of what it does to the transaction, until that has come to be. */
  readonly gateLog: () => HeldLog;
}
