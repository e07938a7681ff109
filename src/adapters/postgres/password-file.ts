import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Server and user that a password is asked for. */
interface Asked {
  readonly host: string;
  readonly port: number;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
}

/**
 * The password for a connection, as libpq finds it: `$PGPASSWORD`, else the first line that fits of `$PGPASSFILE`, else of
 * `.pgpass` in the user's home directory, never in the directory that somebody happens to stand in. A file that others may
 * read is refused; undefined where there is none, or nothing in it fits.
 */
export const passwordFor = (asked: Asked, variables: NodeJS.ProcessEnv = process.env): string | undefined => {
  const { PGPASSWORD: given, PGPASSFILE: named } = variables;
  // An empty one is none: so is a variable of a manifest that nobody has filled in.
  if (given !== undefined && given !== '') return given;
  const home = homeDirectory(variables);
  const path = named || (home === null ? null : join(home, '.pgpass'));
  const text = path === null ? null : readPrivate(path);
  if (text === null) return undefined;
  const fields = [
    asked.host.startsWith('/') ? 'localhost' : asked.host,
    String(asked.port),
    asked.database,
    asked.user,
  ];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith('#')) continue;
    const [host, port, database, user, password] = fieldsOf(line);
    const isMeant = [host, port, database, user].every((field, at) => field === '*' || field === fields[at]);
    if (isMeant && password !== undefined) return password;
  }
  return undefined;
};

/** Null: the system knows none. */
const homeDirectory = ({ HOME }: NodeJS.ProcessEnv): string | null => {
  if (HOME !== undefined && isAbsolute(HOME)) return HOME;
  try {
    return userInfo().homedir;
  } catch {
    // A user of a container whom nobody has named.
    return null;
  }
};

/** Bits of a mode by which others than its owner reach a file. */
const BY_OTHERS = 0o077;

const readPrivate = (path: string): string | null => {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (problem) {
    if (problem instanceof Error && 'code' in problem && problem.code === 'ENOENT') return null;
    throw problem;
  }
  try {
    const stats = fstatSync(file);
    if (!stats.isFile()) throw refused(path, 'is not a regular file');
    if ((stats.mode & BY_OTHERS) !== 0) throw refused(path, `can be read by others: chmod 600 ${path}`);
    return readFileSync(file, 'utf8');
  } finally {
    closeSync(file);
  }
};

/** Error of the way to the server, with a code as errors of the system have. */
const refused = (path: string, problem: string): Error =>
  Object.assign(new Error(`${path}, a file of passwords, ${problem}`), { code: 'EACCES' });

/** Fields between colons; `\:` and `\\` stand for the character behind. */
const fieldsOf = (line: string): readonly string[] =>
  (line.match(/(?:^|:)(?:\\.|[^:\\])*/g) ?? []).map((field) =>
    field.replace(/^:/, '').replace(/\\(.)/g, '$1'),
  );
