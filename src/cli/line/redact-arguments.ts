import { REDACTED, type Redact } from '../../domain/secrets/redactor.js';
import { withoutUrlSecrets } from '../../domain/secrets/url-secrets.js';

/**
 * The command line as it may be stored and shown: the value of `--config` may hold anything and is replaced, and so
 * are values of options and assignments that say that they are secret (`--token x`, `--env API_KEY=x`,
 * `Authorization: x`), user names and passwords in URLs, and what follows `?` in them. `redact` takes out what is known
 * to be secret.
 */
export const redactArguments = (
  argv: readonly string[],
  redact: Redact = (text) => text,
): readonly string[] =>
  argv.map((argument, at) => {
    if (isSecretOption(argv[at - 1] ?? '')) return REDACTED;
    if (!MAY_HOLD_SECRET.test(argument)) return redact(argument);
    const [option] = /^--?[\w-]+(?==)/.exec(argument) ?? [];
    if (option !== undefined && isSecretOption(option)) return `${option}=${REDACTED}`;
    return redact(
      withoutUrlSecrets(argument)
        .replace(BARE_CREDENTIALS, `//${REDACTED}@`)
        .replace(HEADER, `$1${REDACTED}`)
        .replace(ASSIGNED, `$1${REDACTED}`),
    );
  });

/** Names that say that their value is secret, of pond's and of whatever a factory or a program takes. */
const SECRET =
  '(?:token|secret|password|passwd|passphrase|passcode|credentials?|api[-_]?key|access[-_]?key|private[-_]?key|client[-_]?key|auth(?:orization)?|bearer|cookie|pwd)';

const SECRET_OPTION = new RegExp(`^--?(?:config|pass|header|[\\w-]*${SECRET}s?(?:[-_][\\w-]*)?)$`, 'i');

const isSecretOption = (option: string): boolean => option.startsWith('-') && SECRET_OPTION.test(option);

/** Nothing below is found in what has none of these, and compiling all of it takes longer than most commands' words are worth. */
const MAY_HOLD_SECRET = /[@=:]/;

/** `//user:password@host` without a scheme. */
const BARE_CREDENTIALS = /(?<![\w:])\/\/[^/?#\s]*@/g;

/** A header of HTTP to its end. */
const HEADER = /\b((?:proxy-)?authorization\s*[:=]\s*|(?:set-)?cookie\s*:\s*).+/gis;

/** `API_TOKEN=x`, `password: x`, `{"clientSecret": "x"}`: to the end of the value. */
const ASSIGNED = new RegExp(
  `((?<![\\w-])[\\w-]*${SECRET}[\\w-]*["']?\\s*(?:=|:(?!/))\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|'[^']*'|[^\\s,;&}\\]]+)`,
  'gi',
);
