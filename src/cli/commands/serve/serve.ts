import { resolve } from 'node:path';
import { Option } from 'commander';
import * as E from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { printable } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { WorkDone } from '../../../serve/pond-job.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, type UsageError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { writeResult } from '../../output.js';
import { openOptions, pondDirectories } from '../../pond/with-pond.js';
import type { Program } from '../../program.js';
import { systemdUnit } from '../../serve/systemd-unit.js';

const DEFAULT_ADDRESS = '127.0.0.1:7117';

/** Options that a unit for systemd repeats, with the names of their values. */
const REPEATED = {
  listen: '--listen',
  origin: '--origin',
  tlsCert: '--tls-cert',
  tlsKey: '--tls-key',
} as const;

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('[dir...]', 'ponds to serve; default: --pond, $POND')
      .addOption(
        new Option('--listen <address>', `where the page and the interface are; default: ${DEFAULT_ADDRESS}`),
      )
      .option('--read-only', 'the page and the interface show everything and change nothing')
      .option('--no-web', 'without page and interface')
      .option('--tls-cert <file>', 'a certificate in PEM, for addresses that others can reach')
      .option('--tls-key <file>', 'its key')
      .option(
        '--origin <url>',
        'the address by which browsers reach it, such as that of a proxy in front of it',
      )
      .option('--new-token', 'forget the token that links had in them up to now, and make another one')
      .option('--print-link', 'print the link to the page of a server with these options, and end')
      .option('--print-unit', 'print a unit for systemd that does this, and end');
  },
  examples: [
    ['serve', 'run in the background what follows commits, and show it on a page, until it is interrupted'],
    ['serve /srv/weather /srv/water', 'the same for two ponds'],
    ['serve --no-web', 'without the page'],
    ['serve --print-unit > ~/.config/systemd/user/pond.service', 'a unit for systemd'],
  ],
  untilInterrupted: true,
  run: (invocation) =>
    invocation.given.flag('printLink') ? printLink(invocation) : serveOrPrintUnit(invocation),
};

const serveOrPrintUnit = (invocation: Invocation): TE.TaskEither<CliError, ExitCode> =>
  pipe(
    pondDirectories(invocation),
    TE.flatMap((directories) =>
      invocation.given.flag('printUnit')
        ? printUnit(invocation, directories)
        : serveUntilInterrupted(invocation, directories),
    ),
  );

/** The link is data, and whoever asks for it wants it: it is printed wherever that goes. */
const printLink = (invocation: Invocation): TE.TaskEither<CliError, ExitCode> =>
  steps(async ({ run, fail }) => {
    const http = await run(httpAsked(invocation));
    if (http === null) return fail(usage('--print-link and --no-web do not go together'));
    const link = await run(invocation.program.serveLink(http));
    return run(writeResult(invocation, { json: () => ({ link }), text: () => `${link}\n` }));
  });

const printUnit = (
  invocation: Invocation,
  directories: readonly string[],
): TE.TaskEither<never, ExitCode> => {
  const { given, terminal } = invocation;
  const options = [
    ...Object.entries(REPEATED).flatMap(([name, option]) => {
      const value = given.text(name);
      const isFile = name === 'tlsCert' || name === 'tlsKey';
      return value === undefined ? [] : [option, isFile ? resolve(terminal.workingDirectory, value) : value];
    }),
    ...(given.flag('readOnly') ? ['--read-only'] : []),
    ...(given.flag('web') ? [] : ['--no-web']),
  ];
  const unit = systemdUnit({ program: terminal.executable ?? ['pond'], directories, options });
  return writeResult(invocation, { json: () => ({ unit }), text: () => unit });
};

const serveUntilInterrupted = (
  invocation: Invocation,
  directories: readonly string[],
): TE.TaskEither<CliError, ExitCode> =>
  steps(async ({ run }) => {
    const { terminal, program } = invocation;
    const onReady = (says: readonly string[]): void => {
      for (const line of [...directories.map((directory) => `serving ${directory}`), ...says]) {
        terminal.writeErr(`pond: ${printable(line)}\n`);
      }
    };
    const http = await run(httpAsked(invocation));
    const done = await run(
      program.serve(directories, openOptions(invocation), { signal: terminal.interrupt, onReady, http }),
    );
    return run(writeResult(invocation, { json: () => workDocument(directories, done), text: () => '' }));
  });

type HttpAsked = Parameters<Program['serve']>[2]['http'];

const httpAsked = (invocation: Invocation): TE.TaskEither<CliError, HttpAsked> =>
  steps(async ({ run, take }) => {
    const { given } = invocation;
    if (!given.flag('web')) return null;
    const pair = take(certificateAsked(invocation));
    const tls =
      pair === null
        ? null
        : { cert: await run(textOf(invocation, pair.cert)), key: await run(textOf(invocation, pair.key)) };
    return {
      listen: given.text('listen') ?? DEFAULT_ADDRESS,
      tls,
      origin: given.text('origin') ?? null,
      readOnly: given.flag('readOnly'),
      renewToken: given.flag('newToken'),
      saysToken: !isInJournal(invocation),
    };
  });

/** Tells whether what is said goes to systemd's journal, which keeps it, and which others may read. */
const isInJournal = ({ terminal }: Invocation): boolean =>
  !terminal.errIsTerminal && (terminal.environment.JOURNAL_STREAM ?? '') !== '';

const certificateAsked = ({
  given,
}: Invocation): E.Either<UsageError, { readonly cert: string; readonly key: string } | null> => {
  const [cert, key] = [given.text('tlsCert'), given.text('tlsKey')];
  if (cert === undefined && key === undefined) return E.right(null);
  return cert === undefined || key === undefined
    ? E.left(usage('--tls-cert and --tls-key go together'))
    : E.right({ cert, key });
};

const textOf = ({ program, terminal }: Invocation, file: string): TE.TaskEither<CliError, string> => {
  const path = resolve(terminal.workingDirectory, file);
  return pipe(
    TE.fromIOEither(program.files.readFile(path)),
    TE.bimap(
      ({ code }): CliError => ({ _tag: 'HostFileFailed', path, code, call: 'read' }),
      (bytes) => Buffer.from(bytes).toString('utf8'),
    ),
  );
};

const workDocument = (directories: readonly string[], { done, failed }: WorkDone) => ({
  ponds: directories,
  done,
  failed,
});
