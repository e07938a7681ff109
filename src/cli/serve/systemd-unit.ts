import { EXIT } from '../exit-codes.js';

/** Program and arguments of a service, and the user that it is for. */
export interface Service {
  /** The executable and what stands before the command's name, each a word. */
  readonly program: readonly string[];
  readonly directories: readonly string[];
  /** Words that follow: options of `serve`. */
  readonly options: readonly string[];
}

/** Seconds that running tasks have to end in: what the steward gives them, and some for the end itself. */
const STOP_SECONDS = 60;

/**
 * A unit for systemd that serves ponds, as `pond serve --print-unit` prints it: for the user's own manager, so that it runs
 * with this user's approvals. It is started again where it ends by itself.
 */
export const systemdUnit = ({ program, directories, options }: Service): string =>
  [
    '[Unit]',
    `Description=Steward of ${directories.map(unitText).join(', ')}`,
    'After=network-online.target',
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[...program, 'serve', ...directories, ...options].map(unitWord).join(' ')}`,
    'Restart=on-failure',
    'RestartSec=5',
    // Of what is wrong with the command line nothing comes right by trying again.
    `RestartPreventExitStatus=${EXIT.wrongUsage}`,
    'KillMode=mixed',
    `TimeoutStopSec=${STOP_SECONDS}`,
    '',
    '[Install]',
    'WantedBy=default.target',
    '',
  ].join('\n');

/** A word as systemd reads it: quoted, with what it would replace doubled and control characters by their numbers. */
const unitWord = (word: string): string => {
  const text = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  if (/^[\w@%+=:,./$-]+$/.test(text)) return text;
  const quoted = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(CONTROL, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${quoted}"`;
};

/** Text of a key: a line of its own cannot be begun by a name; `%` begins a specifier, a backslash at the end joins lines. */
const unitText = (text: string): string =>
  text.replaceAll('%', '%%').replaceAll(CONTROL, ' ').replaceAll('\\', '/');

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f]/g;
