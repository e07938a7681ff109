import { basename, dirname } from 'node:path';
import type { FileSystem, NewContent } from '../../src/ports/file-system.js';
import type { SqlDatabases } from '../../src/ports/sql-database.js';
import type { StewardPorts } from '../../src/steward/steward-ports.js';

/** Faults of the kind that the crash matrix is there to find. None of them shows in a run that nobody kills. */
export type FaultName = 'plan-not-prepared' | 'entry-before-data';

export const faultyPorts = (fault: FaultName, ports: StewardPorts): StewardPorts => {
  switch (fault) {
    case 'plan-not-prepared':
      return { ...ports, databases: withoutPreparedPlans(ports.databases) };
    case 'entry-before-data':
      return { ...ports, files: dataAfterItsEntry(ports.files) };
  }
};

/** The plan is stored with its commit only, as if nothing could happen between the log entry and the control table. */
const withoutPreparedPlans = (databases: SqlDatabases): SqlDatabases => ({
  open: (path, options) => () => {
    const opened = databases.open(path, options)();
    if (opened._tag === 'Left') return opened;
    const database = opened.right;
    return {
      ...opened,
      right: {
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
      },
    };
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
