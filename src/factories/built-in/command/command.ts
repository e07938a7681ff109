import { resolve } from 'node:path';
import { type Either, left, right } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { markedText } from '../../../domain/secrets/torn-text.js';
import type { ChildExit, ChildSpec, Processes, SpawnFailed } from '../../../ports/processes.js';
import type { ExecutableFactory, FactoryContext, FactoryError } from '../../factory.js';
import { describeAbort } from '../abort-reason.js';
import { type LastLines, lastLines } from '../last-lines.js';
import { CommandConfig, commandReference } from './command-config.js';
import { type CommandSurroundings, commandEnvironment } from './command-environment.js';
import { commandInput } from './command-input.js';
import { type ReportedLine, reportedLine } from './reported-line.js';

export interface CommandDeps extends CommandSurroundings {
  readonly processes: Processes;
  /** Milliseconds that a child has between SIGTERM and SIGKILL; default 5000. */
  readonly graceMs?: number;
}

const GRACE_MS = 5_000;
const MESSAGE_LINES = 20;
const MESSAGE_BYTES = 4_096;

/**
 * Runs a program of the host's for a commit: the commit as JSON on its standard input and in `POND_...` variables,
 * its output line by line in the log. Everything but exit code 0 is a failure, with the last lines as its message.
 */
export const commandFactory = (deps: CommandDeps): ExecutableFactory<CommandConfig> => ({
  name: 'command',
  description: 'Runs a program; the commit is its standard input.',
  kind: 'executable',
  modes: ['PostCommitReader'],
  config: CommandConfig,
  reference: commandReference,
  execute: (context, config) => {
    const output = lastLines(MESSAGE_LINES, MESSAGE_BYTES);
    const reported = reportedLine();
    return pipe(
      deps.processes.run(childOf(deps, context, config, { output, reported }), (group) =>
        context.recordProcessGroup(group),
      ),
      TE.tapIO(() => () => report(context, reported)),
      TE.mapLeft((error) => (error._tag === 'SpawnFailed' ? failed(context, notStarted(error)) : error)),
      TE.flatMapEither((exit) => outcomeOf(exit, context, output.text())),
    );
  },
});

const childOf = (
  deps: CommandDeps,
  context: FactoryContext,
  config: CommandConfig,
  { output, reported }: { readonly output: LastLines; readonly reported: ReportedLine },
): ChildSpec => ({
  ...programOf(config, context.args),
  cwd: resolve(deps.pondDir, config.cwd ?? '.'),
  env: commandEnvironment(deps, context, config.env ?? {}),
  stdin: commandInput(context),
  marker: `${context.idempotencyKey}/${context.attempt}`,
  onLine: (stream, line, torn) => {
    const isTorn = torn.before === 'in-word' || torn.after === 'in-word';
    const isReport = stream === 'stdout' && reported.add(line);
    const said = markedText(line, torn);
    if (!isReport) output.add(isTorn ? '...' : said);
    context.log.log('info', 'task_output', { stream, line: said, ...(isTorn ? { torn: { ...torn } } : {}) });
  },
  signal: context.signal,
  graceMs: deps.graceMs ?? GRACE_MS,
});

/** The report that the program has printed, however it ended. */
const report = (context: FactoryContext, reported: ReportedLine): void => {
  const last = reported.end();
  if (last === null) return;
  if ('value' in last) context.report(last.value);
  else context.log.log('warn', 'report_not_kept', { reason: last.problem });
};

/** The shell's words where `shell` is set: `run[0]` is a script and the rest are its `$1`, `$2` ... What `pond run` was given comes last. */
const programOf = (
  { run: [program, ...rest], shell = false }: CommandConfig,
  args: readonly string[],
): Pick<ChildSpec, 'program' | 'args'> =>
  shell
    ? { program: '/bin/sh', args: ['-c', program, 'sh', ...rest, ...args] }
    : { program, args: [...rest, ...args] };

/** An aborted child has failed however it ended: it may have been in the middle of something. */
const outcomeOf = (exit: ChildExit, context: FactoryContext, output: string): Either<FactoryError, void> => {
  const said = output === '' ? '' : `: ${output}`;
  if (context.signal.aborted) {
    return left(failed(context, `${describeAbort(context.signal)}, the program was ended${said}`));
  }
  if (exit._tag === 'Killed') return left(failed(context, `ended by ${exit.signal}${said}`));
  return exit.code === 0 ? right(undefined) : left(failed(context, `exit code ${exit.code}${said}`));
};

const notStarted = ({ program, reason }: SpawnFailed): string => {
  switch (reason) {
    case 'ENOENT':
      return `cannot run ${program}: not found`;
    case 'EACCES':
      return `cannot run ${program}: no permission to execute it`;
    default:
      return `cannot run ${program}: ${reason}`;
  }
};

const failed = ({ path }: FactoryContext, message: string): FactoryError => ({
  _tag: 'FactoryFailed',
  path,
  factory: 'command',
  message,
});
