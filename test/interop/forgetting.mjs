// Gives up old contents of a pond, and lets delta-rs and DuckDB read what is left, compact it and leave it to the pond again.
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { DuckDBInstance } from '@duckdb/node-api';
import { checkUsed, pond, withPonds } from './used-pond.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Contents that `/again` has had; all but the last are given up. */
const CONTENTS = 4;

export const compareForgotten = ({ check }, python) =>
  withPonds(async ({ roots, copyOf }) => {
    for (const base of ['plain', 'packed']) {
      const directory = copyOf(base, 'forgetful', { old: false });
      const data = join(directory, 'data');
      for (let count = 1; count <= CONTENTS; count += 1)
        pond(directory, 'copy', '-', '/again', { input: `content ${count}` });
      const { last_txn_seq: last } = JSON.parse(pond(directory, 'status', '--json'));
      const { forgotten } = JSON.parse(
        pond(directory, 'maintain', '--forget-before', String(last), '/again', '--json'),
      );
      const seen = JSON.parse(
        execFileSync(python, [join(here, 'forgetting.py'), data], { encoding: 'utf8' }),
      );
      const title = `of contents that were forgotten, in a ${base} pond,`;
      check(
        `${title} delta-rs reads the rows without them`,
        JSON.stringify(seen),
        JSON.stringify({
          rows: seen.rows,
          forgotten: forgotten.contents,
          without_content: true,
          with_digest: true,
          before: [last],
          contents: [`content ${CONTENTS}`],
          append_only: null,
          last_operation: 'UPDATE',
        }),
      );
      check(`${title} DuckDB reads as many`, await forgottenBy(directory), String(CONTENTS - 1));
      pond(directory, 'rm', '/again');
      execFileSync(python, [join(here, 'neighbours.py'), data, 'compact'], { stdio: 'inherit' });
      checkUsed(check, {
        directory,
        root: roots[base],
        title: `after compact by delta-rs, with forgotten contents, the ${base} pond`,
      });
      check(
        `${title} the pond still says so`,
        String(pond(directory, 'cat', '/again', '--at', String(last - 1)).includes('is forgotten since')),
        'true',
      );
      rmSync(directory, { recursive: true });
    }
  });

/** Forgotten rows, by the pond's own list of what the table consists of. */
const forgottenBy = async (directory) => {
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const result = await connection.runAndReadAll(
    `SELECT count(DISTINCT node_id || version::VARCHAR) FROM read_parquet('${directory}/data/part-*.parquet')
     WHERE storage_format = 'forgotten'`,
  );
  return String(result.getRows()[0][0]);
};
