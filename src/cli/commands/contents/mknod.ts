import { Option } from 'commander';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import { type PondPath, parentOf } from '../../../domain/paths/pond-path.js';
import type { DynamicType } from '../../../domain/tree/node-row.js';
import { steps } from '../../../effects/steps.js';
import type { Factories } from '../../../factories/registry/registry.js';
import type { WriteTransaction } from '../../../steward/shapes/transactions.js';
import type { TinyFsError } from '../../../tinyfs/errors.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { type NodeToMake, nodeToMake } from '../../line/mknod-form.js';
import { checkWritten, warnIfIdle } from '../../pond/check-entry.js';
import { configBytes, type GivenContent, givenContent } from '../../pond/given-content.js';
import { orFailureOf } from '../../pond/host-content.js';
import { writePond } from '../../pond/write-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .argument('<factory-or-path>', 'the factory, or "file" for a plain file; with --factory: the path')
      .argument('[path]', 'where to make the node; missing parents are made')
      .option('--config-path <file>', 'a file of the host with the configuration; - is standard input')
      .option('--config <yaml>', 'the configuration itself; - is standard input')
      .option('--factory <name>', 'the factory, in the form: mknod PATH --factory NAME')
      .addOption(
        new Option('--type <type>', 'what the factory makes; checked').choices([
          'dynamic-file',
          'dynamic-dir',
        ]),
      )
      .option('--example', 'the configuration that pond factories NAME shows, to be changed afterwards')
      .option('--overwrite', 'replace the configuration (or the content) of an existing node');
  },
  examples: [
    ['mknod command /etc/system.d/20-report --config-path report.yaml', 'run a command after each commit'],
    ["mknod test-executor /etc/system.d/10-first --config 'message: hello'", 'configuration inline'],
    [
      'mknod /views/today --factory test-file --type dynamic-file --config -',
      'configuration from standard input',
    ],
    ['mknod webhook /etc/system.d/20-tell --example', 'an example, switched off, to be changed'],
    ['mknod file /in/empty.txt', 'a plain, empty file'],
  ],
  run: (invocation) =>
    steps(async ({ run, take }) => {
      const node = take(nodeToMake(invocation.given));
      const content = await run(givenContent(invocation));
      if (invocation.given.flag('example')) return run(makeExample(invocation, node, content));
      const make = node.factory === 'file' ? makeFile : makeDynamicNode;
      return run(make(invocation, node, content));
    }),
};

const makeFile = (
  invocation: Invocation,
  { path, type, overwrite }: NodeToMake,
  content: GivenContent | null,
): TE.TaskEither<CliError, ExitCode> => {
  if (type !== null) return TE.left(usage('"file" makes a plain file; --type is for factories'));
  return writePond(invocation, 'mknod', (transaction) =>
    pipe(
      overwrite ? TE.right(undefined) : refuseExisting(transaction, path),
      TE.flatMap(() => transaction.fs.mkdirAll(parentOf(path))),
      TE.tap(() => writeContent(transaction, path, content)),
      TE.tap(() => checkWritten(invocation.terminal, transaction, path)),
    ),
  );
};

const refuseExisting = ({ fs }: WriteTransaction, path: PondPath): TE.TaskEither<TinyFsError, undefined> =>
  pipe(
    fs.lstat(path),
    TE.matchE(
      (error) => (error._tag === 'PathNotFound' ? TE.right(undefined) : TE.left(error)),
      ({ entryType }) => TE.left<TinyFsError>({ _tag: 'PathExists', path, entryType }),
    ),
  );

const writeContent = ({ fs }: WriteTransaction, path: PondPath, content: GivenContent | null) => {
  if (content === null) return fs.write(path, new Uint8Array());
  if (content._tag === 'Inline') return fs.write(path, Buffer.from(content.text));
  const incoming = content.open();
  return pipe(fs.write(path, incoming.stream), TE.mapLeft(orFailureOf(incoming)));
};

const makeDynamicNode = (
  invocation: Invocation,
  node: NodeToMake,
  content: GivenContent | null,
): TE.TaskEither<CliError, ExitCode> => {
  if (content === null) {
    return TE.left(usage(`${node.factory} needs a configuration`, "--config-path FILE, or --config 'YAML'"));
  }
  return pipe(
    configBytes(content, node.path),
    TE.flatMap((config) =>
      writePond(invocation, 'mknod', (transaction) =>
        pipe(TE.fromTask(transaction.factories), TE.flatMap(makeNode(invocation, transaction, node, config))),
      ),
    ),
  );
};

const makeNode =
  ({ terminal }: Invocation, { fs }: WriteTransaction, node: NodeToMake, config: Uint8Array) =>
  (known: Factories): TE.TaskEither<CliError, unknown> => {
    const { path, factory, overwrite } = node;
    return pipe(
      TE.fromEither(known.checkBytes(factory, path, config)),
      TE.tapIO(() => () => warnIfIdle(terminal, known, path, factory)),
      TE.flatMap(() => entryTypeFor(node, known.facts(factory)?.kind === 'directory')),
      TE.tap(() => fs.mkdirAll(parentOf(path))),
      TE.flatMap((entryType) => fs.createDynamicPath(path, entryType, factory, config, { overwrite })),
    );
  };

/** A node with the configuration that its factory has as an example. */
const makeExample = (
  invocation: Invocation,
  node: NodeToMake,
  content: GivenContent | null,
): TE.TaskEither<CliError, ExitCode> => {
  if (content !== null) return TE.left(usage('--example is a configuration itself', 'leave --config out'));
  return writePond(invocation, 'mknod', (transaction) =>
    pipe(
      TE.fromTask(transaction.factories),
      TE.flatMap((known): TE.TaskEither<CliError, unknown> => {
        const facts = known.facts(node.factory);
        if (facts !== null && facts.reference === undefined)
          return TE.left(
            usage(`the factory ${node.factory} has no example`, "--config-path FILE, or --config 'YAML'"),
          );
        // What is unknown is refused where every configuration is checked.
        const example = Buffer.from(facts?.reference?.example ?? '');
        return makeNode(invocation, transaction, node, example)(known);
      }),
    ),
  );
};

/** A directory factory makes a dynamic directory; file and executable factories live in dynamic files. */
const entryTypeFor = (
  { factory, type }: NodeToMake,
  makesDirectory: boolean,
): TE.TaskEither<CliError, DynamicType> => {
  const made = makesDirectory ? 'dynamic-dir' : 'dynamic-file';
  return type === null || type === made
    ? TE.right(makesDirectory ? 'directory:dynamic' : 'file:dynamic')
    : TE.left(usage(`the factory ${factory} makes a ${made}, not a ${type}`, `--type ${made}`));
};
