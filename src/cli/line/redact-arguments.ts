/** What stands in the place of a secret. */
const REDACTED = '***';

/**
 * The command line as it may be stored and shown: the value of `--config` may hold anything and is replaced, and so
 * are values of options that say that they are secret, user names and passwords in URLs, and what follows `?` in them.
 */
export const redactArguments = (argv: readonly string[]): readonly string[] =>
  argv.map((argument, at) => {
    if (SECRET_OPTION.test(argv[at - 1] ?? '')) return REDACTED;
    const [option] = /^--[\w-]+(?==)/.exec(argument) ?? [];
    if (option !== undefined && SECRET_OPTION.test(option)) return `${option}=${REDACTED}`;
    return argument.replace(CREDENTIALS, `//${REDACTED}@`).replace(QUERY, `$1?${REDACTED}`);
  });

/** Options whose values may be secrets, of pond's and of whatever a factory takes. */
const SECRET_OPTION =
  /^--(config|[\w-]*(token|secret|password|passwd|passphrase|credential|api-?key|access-?key|auth)[\w-]*)$/i;

/** What follows `?` in a URL. */
const QUERY = /([a-z][a-z0-9+.-]*:\/\/[^\s?#]*)\?[^\s#]*/gi;

/** `//user:password@` or `//token@`, up to the last @ of what can be the authority of a URL. */
const CREDENTIALS = /\/\/[^/?#\s]*@/g;
