import pg from 'pg';
import { startPostgres } from '../support/postgres.mjs';
import { measureCommits, measureOpening } from './fleet/commits-to-store.mjs';
import { measureStarts, measureTakeOver, measureTasks } from './fleet/one-by-one.mjs';

const PARTS = [measureCommits, measureStarts, measureTakeOver, measureTasks, measureOpening];

/** A pond that machines share, on a PostgreSQL that is started for it. Each figure is said as it comes. */
export const benchFleet = async ({ pond: executable, Steward }, scratch) => {
  const postgres = await startPostgres();
  if (postgres === null) return [];
  const url = postgres.url('postgres');
  const client = new pg.Client(url);
  await client.connect();
  const rows = [];
  const row = (...cells) => {
    rows.push(cells);
    console.error(cells.join('  '));
  };
  try {
    for (const measure of PARTS) await measure({ executable, Steward, scratch, client, url }, row);
    return rows;
  } finally {
    await client.end();
    await postgres.stop();
  }
};
