import { pipe } from 'fp-ts/lib/function.js';
import * as TE from 'fp-ts/lib/TaskEither.js';
import type { JsonObject } from '../../../domain/documents/json.js';
import { SETTINGS_PATH } from '../../../domain/paths/configuration-paths.js';
import { printable, printableDeep } from '../../../domain/text/printable.js';
import type { Setting } from '../../../steward/shapes/call-reports.js';
import type { Steward } from '../../../steward/steward.js';
import type { CommandDefinition, Invocation } from '../../command.js';
import { type CliError, usage } from '../../errors.js';
import type { ExitCode } from '../../exit-codes.js';
import { inLines, writeResult } from '../../output.js';
import { reportWrite } from '../../pond/report-write.js';
import { withPond } from '../../pond/with-pond.js';
import { renderColumns } from '../../words/render-columns.js';

export const command: CommandDefinition = {
  declare: (command) => {
    command
      .usage('[options] [list | get KEY | set KEY VALUE]')
      .argument('[action]', 'list (the default), get or set')
      .argument('[key]', 'a setting of /etc/pond.yaml, such as factory_modes.webhook or recover.on_open')
      .argument('[value]', 'as YAML writes it');
  },
  examples: [
    ['config', 'all settings'],
    ['config set factory_modes.webhook pull', 'commits no longer run this factory'],
    ['config get recover.on_open', 'one setting'],
    ["config set factories '[./factories/mine.js]'", 'modules with factories of your own'],
  ],
  run: (invocation) => {
    const action = actionOf(invocation.given.operands);
    return typeof action === 'function'
      ? pipe(
          invocation,
          withPond((steward) => action(invocation, steward)),
        )
      : TE.left(action);
  },
};

type Action = (invocation: Invocation, steward: Steward) => TE.TaskEither<CliError, ExitCode>;

const actionOf = ([action = 'list', key, value]: readonly string[]): Action | CliError => {
  if (action === 'list' && key === undefined) return list;
  if (action === 'get' && key !== undefined && value === undefined) return get(key);
  if (action === 'set' && key !== undefined && value !== undefined) return set(key, value);
  return usage('wrong arguments', 'pond config list, pond config get KEY, or pond config set KEY VALUE');
};

const list: Action = (invocation, steward) =>
  pipe(
    steward.settings(),
    TE.flatMap((settings) =>
      writeResult(invocation, {
        json: () => settings.map(settingDocument),
        text: () =>
          inLines(
            renderColumns(
              printableDeep(settings).map(({ key, value, isDefault }) => [
                key,
                value,
                isDefault ? '(default)' : '',
              ]),
            ),
          ),
      }),
    ),
  );

const get =
  (key: string): Action =>
  (invocation, steward) =>
    pipe(
      steward.settings(),
      TE.flatMap((settings): TE.TaskEither<CliError, Setting> => {
        const found = settings.find((setting) => setting.key === key);
        if (found !== undefined) return TE.right(found);
        // Every factory has a mode; only those that were set are listed.
        return key.startsWith('factory_modes.')
          ? TE.right({ key, value: 'push', isDefault: true })
          : TE.left({
              _tag: 'InvalidSetting',
              path: SETTINGS_PATH,
              key,
              problem: 'there is no such setting',
            });
      }),
      TE.flatMap((setting) =>
        writeResult(invocation, {
          json: () => settingDocument(setting),
          text: () => `${printable(String(setting.value))}\n`,
        }),
      ),
    );

const set =
  (key: string, value: string): Action =>
  (invocation, steward) =>
    pipe(steward.setSetting(key, value), TE.flatMap(reportWrite(invocation)));

const settingDocument = ({ key, value, isDefault }: Setting): JsonObject => ({
  key,
  value,
  is_default: isDefault,
});
