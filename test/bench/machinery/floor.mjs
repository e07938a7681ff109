// What nobody can do without: the same files and fsyncs as a commit, and SQLite's own durable transaction, written
// as plainly as Node allows.

import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { median } from './measure.mjs';

/** The size of the Parquet files and log entries that a pond's small commits have made. */
export const sizesOfCommits = (pond) => {
  const medianSize = (directory, suffix) => {
    const names = readdirSync(directory).filter((name) => name.endsWith(suffix));
    return Math.round(median(names.map((name) => statSync(join(directory, name)).size)));
  };
  return {
    data: medianSize(join(pond, 'data'), '.parquet'),
    entry: medianSize(join(pond, 'data/_delta_log'), '.json'),
  };
};

/** The files and fsyncs of a commit: `(round) => void`. */
export const bareCommit = (directory, { data, entry }) => {
  const log = join(directory, 'log');
  const staging = join(directory, 'staging');
  for (const made of [log, staging]) mkdirSync(made, { recursive: true });
  const dataBytes = Buffer.alloc(data, 'data');
  const entryBytes = Buffer.alloc(entry, 'entry');
  return (round) => {
    writeDurably(join(directory, `part-${round}.parquet`), dataBytes);
    fsyncDirectory(directory);
    const staged = join(staging, `${round}.json`);
    writeDurably(staged, entryBytes);
    linkSync(staged, join(log, `${round}.json`));
    fsyncDirectory(log);
    unlinkSync(staged);
  };
};

/** One row in a transaction that SQLite makes durable: `() => void`. */
export const sqliteTransaction = (directory) => {
  mkdirSync(directory, { recursive: true });
  const database = new Database(join(directory, 'floor.db'));
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE records (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, what TEXT NOT NULL)');
  const insert = database.prepare('INSERT INTO records (at, what) VALUES (?, ?)');
  return () => {
    insert.run(1_700_000_000_000_000, 'data_committed');
  };
};

const writeDurably = (path, bytes) => {
  const file = openSync(path, 'wx');
  writeSync(file, bytes);
  fsyncSync(file);
  closeSync(file);
};

const fsyncDirectory = (path) => {
  const directory = openSync(path, 'r');
  fsyncSync(directory);
  closeSync(directory);
};
