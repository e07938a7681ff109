import * as t from 'io-ts';

/** Queue of the entries that name none. */
export const DEFAULT_QUEUE = 'any';

/** Place where a task may run, as its entry says. */
export interface TaskPlace {
  /** Queue that it waits in; default `any`. */
  readonly queue: string;
  /** Name of the machine that it runs on; null: any. */
  readonly host: string | null;
}

/** Place of a process that runs tasks. */
export interface RunnerPlace {
  /** Queues that it takes tasks from; null: all that there are. */
  readonly queues: readonly string[] | null;
  /** Name of its machine. */
  readonly host: string;
}

/** Reason why a task does not run in a place. */
export type NotHere =
  | { readonly _tag: 'OtherHost'; readonly host: string }
  | { readonly _tag: 'OtherQueue'; readonly queue: string };

/** Place of a task of a plan, which says only what differs from the default. */
export const placeOfTask = ({
  queue,
  host,
}: {
  readonly queue?: string | undefined;
  readonly host?: string | undefined;
}): TaskPlace => ({ queue: queue ?? DEFAULT_QUEUE, host: host ?? null });

/**
 * Says why a task does not run in a place; null: it does. The machine is looked at first: whoever takes the queue on another
 * machine may not run it either.
 */
export const notHere = (task: TaskPlace, runner: RunnerPlace): NotHere | null => {
  if (task.host !== null && !isSameHost(task.host, runner.host))
    return { _tag: 'OtherHost', host: task.host };
  if (runner.queues !== null && !runner.queues.includes(task.queue))
    return { _tag: 'OtherQueue', queue: task.queue };
  return null;
};

/** Names of machines differ neither by case nor by a domain that the entry leaves out. */
const isSameHost = (asked: string, own: string): boolean => {
  const [wanted, name] = [asked.toLowerCase(), own.toLowerCase()];
  return wanted === name || (!wanted.includes('.') && wanted === name.split('.')[0]);
};

/** Returns in words where a task runs that does not run here. */
export const describeNotHere = (reason: NotHere): string => {
  switch (reason._tag) {
    case 'OtherHost':
      return `it runs on the machine "${reason.host}" (host: ${reason.host})`;
    case 'OtherQueue':
      return `it waits in the queue "${reason.queue}" (queue: ${reason.queue})`;
  }
};

const nameType = (name: string, pattern: RegExp, expected: string) =>
  new t.Type<string, string, unknown>(
    name,
    (input): input is string => typeof input === 'string' && pattern.test(input),
    (input, context) =>
      typeof input === 'string' && pattern.test(input)
        ? t.success(input)
        : t.failure(input, context, `expected ${expected}, got ${JSON.stringify(input)}`),
    t.identity,
  );

/** Name of a queue: one of the words between the commas of `--queues`. */
export const QueueCodec = nameType(
  'a queue',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
  'the name of a queue (letters, digits, ".", "_" and "-", at most 63)',
);

/** Name of a machine, as the system says it, with its domain or without. */
export const HostCodec = nameType(
  'a host',
  /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/,
  'the name of a machine, as the command hostname says it',
);
