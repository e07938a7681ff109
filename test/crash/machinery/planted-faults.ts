import { basename, dirname } from 'node:path';
import type { FileSystem, NewContent } from '../../../src/ports/file-system.js';
import type { SqlDatabase, SqlDatabases, SqlTransaction } from '../../../src/ports/sql-database.js';
import type { StewardPorts } from '../../../src/steward/steward-ports.js';

/**
 * Faults of the kind that the crash matrix is there to find. None of them shows in a run that nobody kills, the last
 * one only where a recovery is killed, too.
 */
export type FaultName = 'plan-not-prepared' | 'entry-before-data' | 'recovery-in-two-halves';

export const faultyPorts = (fault: FaultName, ports: StewardPorts): StewardPorts => {
  switch (fault) {
    case 'plan-not-prepared':
      return { ...ports, databases: withoutPreparedPlans(ports.databases) };
    case 'entry-before-data':
      return { ...ports, files: dataAfterItsEntry(ports.files) };
    case 'recovery-in-two-halves':
      return process.argv.includes('recover')
        ? { ...ports, databases: tasksAfterTheirCommit(ports.databases) }
        : ports;
  }
};

/** The plan is stored with its commit only, as if nothing could happen between the log entry and the control table. */
const withoutPreparedPlans = (databases: SqlDatabases): SqlDatabases =>
  eachDatabase(databases, (database) => ({
    ...database,
    transaction: (durability, body) =>
      database.transaction(durability, (transaction) =>
        body({
          ...transaction,
          run: (statement, parameters) =>
            /INSERT INTO commit_plans[\s\S]*'prepared'\)/.test(statement)
              ? 0
              : transaction.run(statement, parameters),
        }),
      ),
  }));

/** A commit is recorded in one transaction, its tasks in the next. */
const tasksAfterTheirCommit = (databases: SqlDatabases): SqlDatabases =>
  eachDatabase(databases, (database) => ({
    ...database,
    transaction: (durability, body) => () => {
      const held: Parameters<SqlTransaction['run']>[] = [];
      const answer = database.transaction(durability, (transaction) =>
        body({
          ...transaction,
          run: (statement, parameters) => {
            if (parameters?.record_type !== 'post_commit_pending')
              return transaction.run(statement, parameters);
            held.push([statement, parameters]);
            return 1;
          },
        }),
      )();
      if (answer._tag === 'Right' && held.length > 0) {
        database.transaction(durability, ({ run }) => held.map((statement) => run(...statement)))();
      }
      return answer;
    },
  }));

const eachDatabase = (
  databases: SqlDatabases,
  change: (database: SqlDatabase) => SqlDatabase,
): SqlDatabases => ({
  open: (path, options) => () => {
    const opened = databases.open(path, options)();
    return opened._tag === 'Left' ? opened : { ...opened, right: change(opened.right) };
  },
});

/** The log entry is published before the Parquet file that it names. */
const dataAfterItsEntry = (files: FileSystem): FileSystem => {
  let held: (() => unknown) | null = null;
  return {
    ...files,
    writeNewFiles: (all, directories) => {
      const isData = ({ path }: NewContent) => /^part-[0-9a-f-]{36}\.parquet$/.test(basename(path));
      const [data] = all.filter(isData);
      if (data !== undefined) held = files.writeNewFile(data.path, data.content);
      return files.writeNewFiles(
        all.filter((file) => !isData(file)),
        directories,
      );
    },
    link: (from, to) => () => {
      const linked = files.link(from, to)();
      if (basename(dirname(to)) === '_delta_log') {
        held?.();
        held = null;
      }
      return linked;
    },
  };
};
