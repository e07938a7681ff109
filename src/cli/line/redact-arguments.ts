/** What stands in the place of a secret. */
const REDACTED = '***';

/**
 * The command line as it may be stored and shown: the value of `--config` may hold anything and is replaced, and so
 * are user names and passwords in URLs.
 */
export const redactArguments = (argv: readonly string[]): readonly string[] =>
  argv.map((argument, at) => {
    if (argv[at - 1] === '--config') return REDACTED;
    if (argument.startsWith('--config=')) return `--config=${REDACTED}`;
    return argument.replace(CREDENTIALS, `//${REDACTED}@`);
  });

/** `//user:password@` or `//token@`, up to the last @ of what can be the authority of a URL. */
const CREDENTIALS = /\/\/[^/?#\s]*@/g;
