import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type KeyError, keyErrors } from '../../domain/documents/decode-error.js';
import { exactType } from '../../domain/documents/exact-type.js';
import { TextListCodec } from '../../domain/documents/text-list.js';
import { parseYaml } from '../../domain/documents/yaml-document.js';
import { DurationCodec } from '../../domain/duration.js';
import { SCHEDULE_PATH } from '../../domain/paths/configuration-paths.js';
import type { EntryError, ScheduleKind } from '../../domain/plans/plan.js';
import {
  countUpTo,
  DEFAULT_RETRY,
  RetryCodec,
  type RetryPolicy,
  withWishes,
} from '../../domain/plans/retry-policy.js';

/** Schedule of the entries, and their defaults. */
export interface Schedule {
  readonly kind: ScheduleKind;
  /** Names of entries as they are written; only with `groups`. */
  readonly groups: readonly (readonly string[])[];
  /** Tasks side by side, at most. */
  readonly maxConcurrency: number;
  /** Milliseconds that an attempt may take, for entries that do not say; null: as long as it needs. */
  readonly timeoutMs: number | null;
  /** Retries of entries that do not say otherwise. */
  readonly retry: RetryPolicy;
}

export const DEFAULT_SCHEDULE: Schedule = {
  kind: 'sequential',
  groups: [],
  maxConcurrency: 1,
  timeoutMs: null,
  retry: DEFAULT_RETRY,
};

/** Concurrency of `groups` and `graph`, where nothing is said. */
const DEFAULT_CONCURRENCY = 4;

const ScheduleCodec = exactType(
  'Schedule',
  {},
  {
    schedule: t.keyof({ sequential: null, groups: null, graph: null }),
    parallel_groups: t.readonlyArray(TextListCodec, 'a list of lists of names'),
    max_concurrency: countUpTo(1_000),
    defaults: exactType('Defaults', {}, { timeout: DurationCodec, retry: RetryCodec }),
  },
);

/** Reads `/etc/system.d/config.yaml`. */
export const readSchedule = (bytes: Uint8Array): Either<EntryError, Schedule> => {
  const parsed = parseYaml(bytes);
  if (isLeft(parsed)) return left({ _tag: 'InvalidSchedule', problem: parsed.left.problem });
  const decoded = ScheduleCodec.decode(parsed.right ?? {});
  if (isLeft(decoded)) return invalid(keyErrors(decoded.left));
  const { schedule, parallel_groups, max_concurrency, defaults } = decoded.right;
  const kind = schedule ?? (parallel_groups === undefined ? DEFAULT_SCHEDULE.kind : 'groups');
  if (parallel_groups !== undefined && kind !== 'groups') {
    return invalid([
      { key: 'parallel_groups', message: `expected with "schedule: groups" only, not with "${kind}"` },
    ]);
  }
  return right({
    kind,
    groups: parallel_groups ?? [],
    // One at a time is one at a time.
    maxConcurrency: kind === 'sequential' ? 1 : (max_concurrency ?? DEFAULT_CONCURRENCY),
    timeoutMs: defaults?.timeout ?? DEFAULT_SCHEDULE.timeoutMs,
    retry: withWishes(DEFAULT_RETRY, defaults?.retry ?? null),
  });
};

const invalid = (errors: readonly KeyError[]): Either<EntryError, never> =>
  left({ _tag: 'InvalidKeys', path: SCHEDULE_PATH, errors });
