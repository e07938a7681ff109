import * as E from 'fp-ts/lib/Either.js';
import { wordsWithoutSecrets } from '../domain/secrets/words-without-secrets.js';
import type { CliError } from './errors.js';
import { EXIT, type ExitCode, exitCodeOfError } from './exit-codes.js';
import { readGlobalOptions } from './global-options.js';
import { hasOption } from './line/command-words.js';
import { redactArguments } from './line/redact-arguments.js';
import { writeJson } from './output.js';
import { parseCommandLine, type Request } from './parse-command-line.js';
import type { CliCapabilities, Program, Terminal } from './program.js';
import { queryProgress } from './query/query-progress.js';
import { errorDocument, renderError } from './render/render-error.js';
import { pondNamed } from './words/pond-named.js';

/** Reads the command line, runs the command, and says what went wrong, in words or as JSON. */
export const runCommandLine = async (
  argv: readonly string[],
  capabilities: CliCapabilities,
): Promise<ExitCode> => {
  const { terminal } = capabilities;
  const json = hasOption(argv, '--json');
  try {
    const request = await parseCommandLine(argv);
    const ended = E.isLeft(request) ? request : await runRequest(request.right, argv, capabilities);
    if (E.isRight(ended)) {
      const endsSo =
        E.isRight(request) && request.right._tag === 'Run' && request.right.command.untilInterrupted;
      return endsSo === true ? ended.right : sayInterrupted(terminal, ended.right);
    }
    return await fail(terminal, { json, request }, ended.left);
  } catch (thrown) {
    // Only a bug of ours comes here: what is expected to go wrong is an error value.
    const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : JSON.stringify(thrown);
    const said = wordsWithoutSecrets(terminal.environment)(message);
    terminal.writeErr(`pond: internal error: ${said}\n`);
    if (json) await writeJson(terminal, { error: { tag: 'InternalError', message: said } });
    return EXIT.failed;
  }
};

const runRequest = async (
  request: Request,
  argv: readonly string[],
  { terminal, connect }: CliCapabilities,
): Promise<E.Either<CliError, ExitCode>> => {
  if (request._tag === 'Help') {
    if (hasOption(argv, '--json')) await writeJson(terminal, { help: request.text });
    else await terminal.writeOut(request.text);
    return E.right(EXIT.done);
  }
  const options = readGlobalOptions(request.given);
  const program: Program = await connect({
    level: options.logLevel,
    otlp: options.otlp ?? null,
    advice: pondNamed(options),
    // Merging, computing and converting; what says more of itself says it.
    asksQueries: request.command.asksQueries === true,
    ...(terminal.errIsTerminal ? { watch: () => queryProgress({ terminal, program }, 'computing') } : {}),
  });
  const { command, given } = request;
  const cliArgs = redactArguments(argv, wordsWithoutSecrets(terminal.environment));
  try {
    return await command.run({ terminal, program, options, given, cliArgs })();
  } finally {
    await program.flush?.();
  }
};

/** A command that went on to its end although it was interrupted has said itself what became of its commit. */
const sayInterrupted = (terminal: Terminal, code: ExitCode): ExitCode => {
  if (!terminal.interrupt.aborted) return code;
  terminal.writeErr('pond: interrupted\n');
  return EXIT.interrupted;
};

const fail = async (
  terminal: Terminal,
  { json, request }: { readonly json: boolean; readonly request: E.Either<CliError, Request> },
  error: CliError,
): Promise<ExitCode> => {
  const redact = wordsWithoutSecrets(terminal.environment);
  const options =
    E.isRight(request) && request.right._tag === 'Run' ? readGlobalOptions(request.right.given) : {};
  terminal.writeErr(redact(renderError(error, redact, pondNamed(options))));
  if (json) await writeJson(terminal, errorDocument(error, redact));
  return terminal.interrupt.aborted ? EXIT.interrupted : exitCodeOfError(error);
};
