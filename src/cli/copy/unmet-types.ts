import { printable } from '../../domain/text/printable.js';
import type { CsvOptions } from '../../series/rows-file.js';
import type { Invocation } from '../command.js';

/** Warns of columns whose types somebody has said, and that none of the files and series has: most often their names are misspelt. */
export const warnOfUnmetTypes = (
  { terminal }: Invocation,
  { types = {} }: CsvOptions,
  columns: ReadonlySet<string>,
): void => {
  const known = new Set([...columns].map((name) => name.toLowerCase()));
  const unmet = Object.keys(types).filter((name) => !known.has(name.toLowerCase()));
  if (unmet.length === 0) return;
  const names = (all: Iterable<string>) => [...all].map((name) => printable(name)).join(', ');
  const shown = [...columns].slice(0, MOST_NAMED);
  terminal.writeErr(
    `pond: warning: --csv-types: no column is called ${names(unmet)}; the columns are ${names(shown)}${shown.length < columns.size ? ' ...' : ''}\n`,
  );
};

/** Columns that are named, at most. */
const MOST_NAMED = 20;
