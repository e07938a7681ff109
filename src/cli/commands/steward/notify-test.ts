import { isLeft } from 'fp-ts/lib/Either.js';
import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { Json } from '../../../domain/documents/json.js';
import { parseYaml } from '../../../domain/documents/yaml-document.js';
import type { PondPath } from '../../../domain/paths/pond-path.js';
import { readEnvelope } from '../../../domain/plans/envelope.js';
import { printable } from '../../../domain/text/printable.js';
import { steps } from '../../../effects/steps.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import { pondPath } from '../../line/pond-paths.js';
import { inLines, writeResult } from '../../output.js';
import { withPond } from '../../pond/with-pond.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command.argument('<path>', 'an entry with the factory webhook or email, or another that sends notices');
  },
  examples: [
    ['notify test /etc/system.d/20-mail', 'a message that says that it is a test, and what was answered'],
  ],
  run: (invocation) =>
    pipe(
      pondPath(invocation.given.operands[0]),
      TE.flatMap((path) =>
        pipe(
          invocation,
          withPond((steward) => testMessage(steward, path, invocation.terminal.interrupt)),
        ),
      ),
      TE.flatMap((report) =>
        writeResult(invocation, {
          json: () => report,
          text: () => inLines(sentLines(report).map(printable)),
        }),
      ),
    ),
};

/** Runs the entry by hand, which for a notifier is a test; returns what it reports. */
const testMessage = (steward: Steward, path: PondPath, signal: AbortSignal): TE.TaskEither<CliError, Json> =>
  steps(async ({ run, fail }) => {
    const factory = await run(factoryAt(steward, path));
    const factories = await run(steward.factories());
    // Whoever looks at changes by default is a notifier; anything else would do its work.
    if (
      factory !== null &&
      factories.facts(factory) !== null &&
      factories.facts(factory)?.runWhen !== 'change'
    )
      return fail(usage(`${path} has the factory ${factory}, which sends no notices`, `pond run ${path}`));
    const ran = await run(steward.run(path, { mode: 'PostCommitReader', signal }));
    return ran.mode === 'PostCommitReader' ? ran.report : null;
  });

/** The factory of an entry, by its node or by its envelope; null where it says none. */
const factoryAt = (steward: Steward, path: PondPath): TE.TaskEither<CliError, string | null> =>
  steward.read<CliError, string | null>(
    ({ fs }) =>
      steps(async ({ run }) => {
        const entry = await run(fs.stat(path));
        if (entry.factory !== null || entry.entryType !== 'file') return entry.factory;
        const parsed = parseYaml(await run(fs.readBytes(path)));
        if (isLeft(parsed)) return null;
        const read = readEnvelope(parsed.right);
        return isLeft(read) ? null : (read.right.envelope?.factory ?? null);
      }),
    { operation: 'notify test' },
  );

/** Renders what was sent and what was answered, as the built-in notifiers report it; anything else as it is. */
const sentLines = (report: Json): readonly string[] => {
  const sent = memberOf(report, 'sent');
  if (!Array.isArray(sent)) return [`sent: ${JSON.stringify(report)}`];
  return sent.map((one: Json) => {
    const to = memberOf(one, 'accepted');
    const refused = memberOf(one, 'refused');
    return [
      `sent ${String(memberOf(one, 'id'))} to ${String(memberOf(one, 'host'))}`,
      ...(Array.isArray(to) ? [`for ${to.join(', ')}`] : []),
      `: answered ${[memberOf(one, 'status'), memberOf(one, 'answer')].filter((part) => part !== null && part !== '').join(' ')}`,
      ...(Array.isArray(refused) && refused.length > 0 ? [`; refused: ${refused.join('; ')}`] : []),
    ]
      .join(' ')
      .replaceAll(' :', ':')
      .replaceAll(' ;', ';');
  });
};

const memberOf = (value: Json, name: string): Json =>
  value !== null && typeof value === 'object' && Object.hasOwn(value, name)
    ? ((value as Readonly<Record<string, Json>>)[name] ?? null)
    : null;
