import { type Command, Option } from 'commander';
import type { CommandArguments } from './command-arguments.js';
import { commaList, waitingTime, webAddress } from './option-values.js';
import type { ConnectOptions } from './program.js';

/** Options that every command takes, before or after its name. */
export interface GlobalOptions {
  /** Directory or address. */
  readonly pond: string | undefined;
  /** Address of the control table of a pond in a store. */
  readonly control: string | undefined;
  readonly endpoint: string | undefined;
  readonly region: string | undefined;
  /** Directory for copies of what is used of ponds in stores. */
  readonly cache: string | undefined;
  readonly json: boolean;
  /** Null: not given. */
  readonly logLevel: ConnectOptions['level'];
  /** A collector's address. */
  readonly otlp: string | undefined;
  /** Milliseconds. */
  readonly lockTimeoutMs: number | undefined;
  /** Milliseconds. */
  readonly taskWaitMs: number | undefined;
  readonly factories: readonly string[];
  readonly postCommit: 'run' | 'suppress';
  readonly gates: 'ask' | 'skip';
  /** Undefined: as the pond's settings say. */
  readonly tasks: 'wait' | 'background' | undefined;
  readonly trust: 'approved' | 'all';
}

/** Global options that are followed by a value; needed to find the command's name among them. */
export const GLOBAL_OPTIONS_WITH_VALUE: readonly string[] = [
  '--pond',
  '--control',
  '--endpoint',
  '--region',
  '--cache',
  '--log-level',
  '--otlp',
  '--lock-timeout',
  '--task-wait',
  '--factories',
];

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

/** An option of the pond's, by another name in what is read: a command may have one of the same word about something else. */
class PondOption extends Option {
  override attributeName(): string {
    const name = super.attributeName();
    return `pond${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  }
}

/** Options of the pond's store, unless the command has some of its own: then the pond's come from the environment. */
const declareStore = (command: Command): Command => {
  for (const option of [
    new PondOption(
      '--endpoint <url>',
      'of a pond in a store: its server, https://host:port; default: $AWS_ENDPOINT_URL',
    ).argParser(webAddress),
    new PondOption('--region <name>', 'of a pond in a store: its region; default: $AWS_REGION'),
  ]) {
    if (command.options.every(({ long }) => long !== option.long)) command.addOption(option);
  }
  return command;
};

export const GLOBAL_OPTIONS_TITLE = 'Global options:';

export const declareGlobalOptions = (command: Command): Command =>
  declareStore(declareCommon(command.optionsGroup(GLOBAL_OPTIONS_TITLE)))
    .addOption(
      new Option(
        '--control <url>',
        'of a pond in a store: its control table, postgres://host/database; default: $POND_CONTROL, else the one that it names',
      ),
    )
    .addOption(
      new Option('--cache <dir>', 'of a pond in a store: where copies are kept; default: $POND_CACHE'),
    )
    .helpOption('-h, --help', 'show this help');

const declareCommon = (command: Command): Command =>
  command
    .addOption(new Option('--pond <dir>', 'the pond, a directory or s3://bucket/prefix; default: $POND'))
    .addOption(new Option('--json', 'one JSON document on standard output, errors included'))
    .addOption(
      new Option(
        '--log-level <level>',
        'what is logged on standard error; default: warn, on a terminal with what tasks say',
      ).choices(LOG_LEVELS),
    )
    .addOption(
      new Option('--otlp <url>', 'send traces and metrics to this collector; default: $OTEL_...').argParser(
        webAddress,
      ),
    )
    .addOption(
      new Option('--lock-timeout <duration>', 'how long to wait for another writer; default: 10s').argParser(
        waitingTime,
      ),
    )
    .addOption(
      new Option(
        '--task-wait <duration>',
        'how long a task waits for an earlier one of its configuration in another process; default: 60s',
      ).argParser(waitingTime),
    )
    .addOption(
      new Option('--factories <modules>', 'modules with factories of your own')
        .argParser(commaList)
        .default([], 'none'),
    )
    .addOption(new Option('--no-post-commit', 'commit without running what is configured to follow'))
    .addOption(
      new Option('--wait', 'run what follows a commit before the command ends, whatever post_commit says'),
    )
    .addOption(new Option('--no-wait', 'leave what follows a commit to the background; see pond serve'))
    .addOption(new Option('--no-gates', 'commit without asking the gates of /etc/gate.d'))
    .addOption(new Option('--trust', 'run what the pond says although it is not approved; see pond trust'));

export const readGlobalOptions = (given: CommandArguments): GlobalOptions => ({
  pond: given.text('pond'),
  control: given.text('control'),
  endpoint: given.text('pondEndpoint'),
  region: given.text('pondRegion'),
  cache: given.text('cache'),
  json: given.flag('json'),
  logLevel: LOG_LEVELS.find((level) => level === given.text('logLevel')) ?? null,
  otlp: given.text('otlp'),
  lockTimeoutMs: given.number('lockTimeout'),
  taskWaitMs: given.number('taskWait'),
  factories: given.list('factories'),
  trust: given.flag('trust') ? 'all' : 'approved',
  postCommit: given.isOff('postCommit') ? 'suppress' : 'run',
  gates: given.isOff('gates') ? 'skip' : 'ask',
  tasks: given.flag('wait') ? 'wait' : given.isOff('wait') ? 'background' : undefined,
});
