import { type Either, isLeft, isRight, left, right } from 'fp-ts/lib/Either.js';
import * as t from 'io-ts';
import { type KeyError, keyErrors } from '../documents/decode-error.js';
import { exactType } from '../documents/exact-type.js';
import { TextListCodec } from '../documents/text-list.js';
import { DurationCodec } from '../duration.js';
import { CronCodec } from '../schedules/cron-expression.js';
import { MissedCodec, type ScheduleWords, TimezoneCodec } from '../schedules/schedule-words.js';
import { WATCH_FACTORY } from '../watches/watch-words.js';
import { type Condition, ConditionCodec, readCondition } from './condition.js';
import { RetryCodec, type RetryWishes } from './retry-policy.js';
import { type IfSuperseded, IfSupersededCodec, type RunWhen, RunWhenCodec } from './run-when.js';
import { HostCodec, placeOfTask, QueueCodec, type TaskPlace } from './task-place.js';

/** Facts that an entry of `/etc/system.d`, or of another directory like it, says about itself, beside its factory's own configuration. */
export interface Envelope {
  readonly factory: string;
  readonly description: string | null;
  /** Default true. */
  readonly enabled: boolean;
  /** The changes that set it off; null: all. */
  readonly condition: Condition | null;
  /** Names of the entries that must have completed before, as they are written. */
  readonly dependsOn: readonly string[];
  /** Milliseconds that an attempt may take; null: not said. */
  readonly timeoutMs: number | null;
  readonly retry: RetryWishes | null;
  /** Tells whether commits that were made inside tasks set it off, too. Null: not said. */
  readonly derived: boolean | null;
  /** Null: not said. */
  readonly runWhen: RunWhen | null;
  /** Default `run`. */
  readonly ifSuperseded: IfSuperseded;
  /** Default: any machine, whose queues are the default one. */
  readonly place: TaskPlace;
  /** Times at which it is due; of an entry of `/etc/schedule.d`, null of any other. */
  readonly schedule: ScheduleWords | null;
}

/** A parsed configuration, taken apart. */
export interface EnvelopedConfig {
  /** Null where all of the YAML is the factory's configuration. */
  readonly envelope: Envelope | null;
  /** The factory's own configuration; what is empty counts as `{}`. */
  readonly config: unknown;
  /** True: its keys stand beside those of the envelope, and not under `config`. */
  readonly isBeside?: boolean;
}

const FactoryName = new t.Type<string>(
  'the name of a factory',
  t.string.is,
  (input, context) =>
    typeof input === 'string' && input !== '' ? t.success(input) : t.failure(input, context),
  (name) => name,
);

/** The keys of version 0.1.0. What is wrong with an entry names them all, and is part of old plans. */
const FIRST_KEYS = {
  description: t.string,
  enabled: t.boolean,
  condition: ConditionCodec,
  depends_on: TextListCodec,
  timeout: DurationCodec,
  retry: RetryCodec,
  config: t.unknown,
};

const PLACE_KEYS = { queue: QueueCodec, host: HostCodec };

const KEYS = {
  ...FIRST_KEYS,
  derived: t.boolean,
  run_when: RunWhenCodec,
  if_superseded: IfSupersededCodec,
  ...PLACE_KEYS,
};

const EnvelopeCodec = exactType('envelope', { factory: FactoryName }, KEYS);

const FirstEnvelopeCodec: t.Decoder<unknown, t.TypeOf<typeof EnvelopeCodec>> = exactType(
  'envelope',
  { factory: FactoryName },
  FIRST_KEYS,
);

/** The keys of an entry of `/etc/schedule.d`: when it is due takes the place of what sets it off. */
const ScheduledCodec = exactType(
  'envelope',
  { factory: FactoryName, schedule: CronCodec },
  {
    description: t.string,
    enabled: t.boolean,
    timezone: TimezoneCodec,
    missed: MissedCodec,
    timeout: DurationCodec,
    retry: RetryCodec,
    ...PLACE_KEYS,
    config: t.unknown,
  },
);

/** Keys of an envelope besides `factory`, which makes it one. */
export const ENVELOPE_KEYS: readonly string[] = Object.keys(KEYS);

/** The keys of an entry of `/etc/watch.d`, beside which those of the watch stand, or under `config`. */
const WatchingCodec = exactType(
  'envelope',
  {},
  {
    factory: t.literal(WATCH_FACTORY),
    description: t.string,
    enabled: t.boolean,
    host: HostCodec,
    config: t.unknown,
  },
);

/** Keys that an envelope may have: those of version 0.1.0, all that there are, or those of `/etc/schedule.d` or `/etc/watch.d`. */
export type EnvelopeKeys = 'first' | 'all' | 'scheduled' | 'watching';

/**
 * Takes an entry's parsed YAML apart: it is an envelope exactly when it is a mapping with a top-level `factory:`,
 * otherwise all of it is the configuration. An envelope's errors name its keys.
 */
export const readEnvelope = (
  value: unknown,
  keys: EnvelopeKeys = 'all',
): Either<readonly KeyError[], EnvelopedConfig> => {
  if (keys === 'watching') return readWatching(value);
  if (!isEnvelope(value)) return right({ envelope: null, config: value ?? {} });
  if (keys === 'scheduled') return readScheduled(value);
  const decoded = (keys === 'first' ? FirstEnvelopeCodec : EnvelopeCodec).decode(value);
  if (!isRight(decoded)) return left(keyErrors(decoded.left));
  const { factory, description, enabled, depends_on, timeout, retry, config } = decoded.right;
  const condition =
    decoded.right.condition === undefined ? right(null) : readCondition(decoded.right.condition, 'condition');
  if (isLeft(condition)) return condition;
  return right({
    envelope: {
      factory,
      description: description ?? null,
      enabled: enabled ?? true,
      condition: condition.right,
      dependsOn: depends_on ?? [],
      timeoutMs: timeout ?? null,
      retry: retry ?? null,
      derived: decoded.right.derived ?? null,
      runWhen: decoded.right.run_when ?? null,
      ifSuperseded: decoded.right.if_superseded ?? 'run',
      place: placeOfTask(decoded.right),
      schedule: null,
    },
    config: config ?? {},
  });
};

const readScheduled = (value: unknown): Either<readonly KeyError[], EnvelopedConfig> => {
  const decoded = ScheduledCodec.decode(value);
  if (!isRight(decoded)) return left(keyErrors(decoded.left));
  const { factory, description, enabled, timeout, retry, config } = decoded.right;
  const { schedule: expression, timezone = 'UTC', missed = 'once' } = decoded.right;
  return right({
    envelope: {
      factory,
      description: description ?? null,
      enabled: enabled ?? true,
      condition: null,
      dependsOn: [],
      timeoutMs: timeout ?? null,
      retry: retry ?? null,
      derived: false,
      runWhen: null,
      ifSuperseded: 'run',
      place: placeOfTask(decoded.right),
      schedule: { expression, timezone, missed },
    },
    config: config ?? {},
  });
};

/** All of an entry of `/etc/watch.d` is its envelope, whether it says so or not. */
const readWatching = (value: unknown): Either<readonly KeyError[], EnvelopedConfig> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return right({ envelope: null, config: value ?? {}, isBeside: true });
  const entries = Object.entries(value);
  const isBeside = !Object.hasOwn(value, 'config');
  const isOwn = ([key]: readonly [string, unknown]) => Object.hasOwn(WatchingCodec.optional, key);
  const decoded = WatchingCodec.decode(isBeside ? Object.fromEntries(entries.filter(isOwn)) : value);
  if (!isRight(decoded)) return left(keyErrors(decoded.left));
  const { description = null, enabled = true, host, config } = decoded.right;
  return right({
    envelope: {
      factory: WATCH_FACTORY,
      description,
      enabled,
      condition: null,
      dependsOn: [],
      timeoutMs: null,
      retry: null,
      derived: false,
      runWhen: null,
      ifSuperseded: 'run',
      schedule: null,
      place: placeOfTask(host === undefined ? {} : { host }),
    },
    config: isBeside ? Object.fromEntries(entries.filter((entry) => !isOwn(entry))) : (config ?? {}),
    isBeside,
  });
};

const isEnvelope = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, 'factory');
