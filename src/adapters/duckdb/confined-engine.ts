import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { QueryBounds, QueryTable } from '../../ports/query-engine.js';
import { nowRunning } from './running-engines.js';
import { quoted } from './statements/sql-text.js';

/** Milliseconds between two interruptions of an engine that is to end. */
const INTERRUPT_EVERY = 20;

type Settings = Readonly<Record<string, string>>;

/** Nobody's directory: what an engine keeps for its user is not looked for. */
const NOWHERE = '/nonexistent';

const COMMON: Settings = {
  allow_community_extensions: 'false',
  autoinstall_known_extensions: 'false',
  autoload_known_extensions: 'false',
  home_directory: NOWHERE,
  extension_directory: NOWHERE,
  secret_directory: NOWHERE,
};

/** Settings of an engine that opens nothing. */
export const CLOSED: Settings = { ...COMMON, temp_directory: '', memory_limit: '256MB', threads: '1' };

/** Temporary files of one query, at most. */
const TEMPORARY_SPACE = '16GB';

/** Paths that a session may write: it says so before it is closed. */
export const outputsIn = ({ workspace, outputs = 0 }: QueryBounds): readonly string[] =>
  Array.from({ length: MOST_OUTPUTS }, (_, index) => join(workspace, `written-${outputs}-${index}`));

const MOST_OUTPUTS = 8;

/** Settings of an engine for one query, or one session, over these tables. */
export const settingsOf = (
  { workspace, memoryLimit }: QueryBounds,
  tables: readonly QueryTable[] = [],
): Settings => ({
  ...COMMON,
  // Several threads take in batches of rows ahead of the one that is due, and hold them: memory for nothing where text becomes text.
  ...(tables.length > 0 && tables.every(isCopiedText) ? { threads: '1' } : {}),
  memory_limit: memoryLimit,
  temp_directory: join(workspace, 'overflow'),
  max_temp_directory_size: TEMPORARY_SPACE,
});

const isCopiedText = ({ format, values }: QueryTable): boolean => format === 'csv' && values === 'exact';

/** Milliseconds between two looks at how far a statement is. */
const PROGRESS_EVERY = 200;

/** Gives `use` a connection to an engine of its own, which a signal interrupts. */
export const inEngine = async <A>(
  settings: Settings,
  { signal, onProgress }: Pick<QueryBounds, 'signal' | 'onProgress'>,
  use: (connection: DuckDBConnection) => Promise<A>,
): Promise<A> => {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:', settings);
  const connection = await instance.connect();
  let again: NodeJS.Timeout | null = null;
  // A statement that begins afterwards takes the interruption back: all of them are interrupted.
  const interrupt = () => {
    connection.interrupt();
    again ??= setInterval(() => connection.interrupt(), INTERRUPT_EVERY);
  };
  signal.addEventListener('abort', interrupt, { once: true });
  const hasEnded = nowRunning(connection);
  const looking =
    onProgress === undefined
      ? null
      : setInterval(() => {
          const { percentage } = connection.progress;
          onProgress(Math.min(Math.max(percentage, 0) / 100, 1));
        }, PROGRESS_EVERY);
  if (signal.aborted) interrupt();
  try {
    if (onProgress !== undefined) {
      await connection.run('SET enable_progress_bar = true');
      await connection.run('SET enable_progress_bar_print = false');
    }
    return await use(connection);
  } finally {
    signal.removeEventListener('abort', interrupt);
    hasEnded();
    if (again !== null) clearInterval(again);
    if (looking !== null) clearInterval(looking);
    connection.closeSync();
    instance.closeSync();
  }
};

/** Closes an engine: it opens these files and no others from then on, and nothing about that can be changed. */
export const close = (connection: DuckDBConnection, files: readonly string[]): Promise<void> =>
  closeBut(connection, `allowed_paths = [${files.map(quoted).join(', ')}]`);

/** Closes an engine: it opens what lies in this directory, and nothing else. */
export const closeOutside = (connection: DuckDBConnection, directory: string): Promise<void> =>
  closeBut(connection, `allowed_directories = [${quoted(directory)}]`);

const closeBut = async (connection: DuckDBConnection, allowed: string): Promise<void> => {
  // Whatever the zone of the process: rows are the same everywhere.
  await connection.run("SET TimeZone = 'UTC'");
  await connection.run(`SET ${allowed}`);
  await connection.run('SET enable_external_access = false');
  await connection.run('SET lock_configuration = true');
};
